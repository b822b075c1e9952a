// Tests the choice of the nearest base against a second calculation: distances as angles between unit vectors instead
// of haversines, and the rule spelled out over the sorted list.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type BasePosition, chooseNearest, type NearestRule } from '../../../caster/stream/nearest.ts';

const ANY: NearestRule = { mountpoints: undefined, maxBaselineKm: 100, hysteresisKm: 2 };
const EARTH_KM = 6371.0088;
/** Closer than this to a limit the two calculations may differ. */
const TOLERANCE_KM = 1e-5;

interface Place {
  readonly latitudeDeg: number;
  readonly longitudeDeg: number;
}

function unitVector({ latitudeDeg, longitudeDeg }: Place): [number, number, number] {
  const [latitude, longitude] = [(latitudeDeg * Math.PI) / 180, (longitudeDeg * Math.PI) / 180];
  return [
    Math.cos(latitude) * Math.cos(longitude),
    Math.cos(latitude) * Math.sin(longitude),
    Math.sin(latitude),
  ];
}

function apartKm(one: Place, other: Place): number {
  const [[ax, ay, az], [bx, by, bz]] = [unitVector(one), unitVector(other)];
  const cross = Math.hypot(ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx);
  return EARTH_KM * Math.atan2(cross, ax * bx + ay * by + az * bz);
}

const base = (mountpoint: string, latitudeDeg: number, longitudeDeg: number): BasePosition => ({
  mountpoint,
  latitudeDeg,
  longitudeDeg,
});
const at = (latitudeDeg: number, longitudeDeg: number): Place => ({ latitudeDeg, longitudeDeg });

describe('the choice', () => {
  const bases = [base('A', 47, 8), base('B', 47, 8.5), base('C', 48.5, 8)];

  test('is the nearest base', () => {
    expect(chooseNearest(ANY, bases, { position: at(47, 8.4), current: undefined })).toBe('B');
  });

  test('is nobody where no base is within reach', () => {
    expect(chooseNearest(ANY, bases, { position: at(40, 8), current: undefined })).toBe(undefined);
  });

  test('is nobody where there is no live base', () => {
    expect(chooseNearest(ANY, [], { position: at(47, 8), current: 'A' })).toBe(undefined);
  });

  test('is one of those that the rule names', () => {
    expect(
      chooseNearest({ ...ANY, mountpoints: ['B', 'C'] }, bases, { position: at(47, 8), current: undefined }),
    ).toBe('B');
  });

  test.each([
    ['of his own', 'cus_1', 'A'],
    ['not of another', 'cus_2', 'B'],
    ['not of a customer for the operator', null, 'B'],
    ['not of anybody for who has no account', undefined, 'B'],
  ])('is for a customer’s rover one that serves its owner alone: %s', (_what, customerId, chosen) => {
    const some = [{ ...bases[0]!, servesOnly: 'cus_1' }, bases[1]!];
    // Also where it has that base already, from when it was shared.
    for (const current of ['A', undefined]) {
      expect(chooseNearest(ANY, some, { position: at(47, 8), current, customerId })).toBe(chosen);
    }
  });

  test('is nobody where the rule names none that lives', () => {
    expect(chooseNearest({ ...ANY, mountpoints: ['X'] }, bases, { position: at(47, 8), current: 'A' })).toBe(
      undefined,
    );
  });

  test('does not go by degrees of longitude, which are short in the north', () => {
    const northern = [base('EAST', 70, 30), base('SOUTH', 69.5, 29)];
    expect(chooseNearest(ANY, northern, { position: at(70, 29), current: undefined })).toBe('EAST');
  });
});

describe('what the rover has', () => {
  // Along a meridian a degree is 111.195 km.
  const bases = [base('A', 47, 8), base('B', 47.2, 8)];
  const halfway = 47.1;
  const kmToDeg = (km: number): number => km / ((EARTH_KM * Math.PI) / 180);

  test.each([
    [0.9, 'A'],
    [1.1, 'B'],
  ])(
    'is kept until another is nearer by more than the hysteresis: %s km beyond the middle it is %s',
    (km, chosen) => {
      expect(chooseNearest(ANY, bases, { position: at(halfway + kmToDeg(km), 8), current: 'A' })).toBe(
        chosen,
      );
    },
  );

  test('is kept while both are equally near', () => {
    expect(
      chooseNearest(ANY, [base('A', 47, 8), base('B', 47, 8)], { position: at(47, 8), current: 'B' }),
    ).toBe('B');
  });

  test('is given up once it is out of reach, however little nearer the other is', () => {
    const rule = { ...ANY, maxBaselineKm: 50, hysteresisKm: 40 };
    const far = [base('A', 47, 8), base('B', 47 + kmToDeg(99), 8)];
    expect(chooseNearest(rule, far, { position: at(47 + kmToDeg(50.5), 8), current: 'A' })).toBe('B');
  });

  test('is given up once it lives no more', () => {
    expect(chooseNearest(ANY, [bases[1]!], { position: at(47, 8), current: 'A' })).toBe('B');
  });

  test('is given up for nobody where it lives no more and no other is within reach', () => {
    expect(chooseNearest(ANY, [base('B', 10, 8)], { position: at(47, 8), current: 'A' })).toBe(undefined);
  });

  test('is given up once the rule no longer names it', () => {
    expect(chooseNearest({ ...ANY, mountpoints: ['B'] }, bases, { position: at(47, 8), current: 'A' })).toBe(
      'B',
    );
  });
});

describe('reach', () => {
  test.each([
    ['at the limit', 100, 'A'],
    ['beyond the limit', 99.99, undefined],
  ])('holds a base that lies %s', (_where, maxBaselineKm, chosen) => {
    const limitDeg = 100 / ((EARTH_KM * Math.PI) / 180);
    const rule = { ...ANY, maxBaselineKm: maxBaselineKm + 1e-9 };
    expect(chooseNearest(rule, [base('A', limitDeg, 0)], { position: at(0, 0), current: undefined })).toBe(
      chosen,
    );
  });

  test('goes across the date line', () => {
    expect(
      chooseNearest(ANY, [base('FIJI', -17, 179.9)], { position: at(-17, -179.9), current: undefined }),
    ).toBe('FIJI');
  });

  test('goes across the poles', () => {
    expect(
      chooseNearest(ANY, [base('NORTH', 89.9, 10)], { position: at(89.9, -170), current: undefined }),
    ).toBe('NORTH');
    expect(
      chooseNearest(ANY, [base('SOUTH', -90, 0)], { position: at(-89.9, 123), current: undefined }),
    ).toBe('SOUTH');
  });

  test('of half the Earth reaches the other side', () => {
    const rule = { ...ANY, maxBaselineKm: 20_038 };
    expect(
      chooseNearest(rule, [base('ANTIPODE', -47, -172)], { position: at(47, 8), current: undefined }),
    ).toBe('ANTIPODE');
  });
});

describe('against the second calculation', () => {
  const place = fc.record({
    latitudeDeg: fc.oneof(
      fc.double({ min: -90, max: 90, noNaN: true }),
      fc.constantFrom(-90, -89.99, 0, 89.99, 90),
    ),
    longitudeDeg: fc.oneof(
      fc.double({ min: -180, max: 180, noNaN: true }),
      fc.constantFrom(-180, -179.99, 0, 179.99, 180),
    ),
  });
  const names = ['A', 'B', 'C', 'D', 'E'];
  const scene = fc.record({
    rover: place,
    bases: fc
      .array(place, { maxLength: 5 })
      .map((places) => places.map((one, n) => ({ mountpoint: names[n]!, ...one }))),
    current: fc.constantFrom(undefined, ...names),
    mountpoints: fc.option(fc.subarray(names), { nil: undefined }),
    maxBaselineKm: fc.constantFrom(50, 1000, 5000, 20_038),
    hysteresisKm: fc.constantFrom(0, 2, 500),
  });

  test('the choice is the same, wherever rover and bases are', () => {
    let decided = 0;
    fc.assert(
      fc.property(scene, ({ rover, bases, current, ...rule }) => {
        const near = bases
          .filter(({ mountpoint }) => rule.mountpoints === undefined || rule.mountpoints.includes(mountpoint))
          .map((one) => ({ mountpoint: one.mountpoint, km: apartKm(rover, one) }))
          .toSorted((a, b) => a.km - b.km);
        const own = near.find(({ mountpoint }) => mountpoint === current);
        const limits = [rule.maxBaselineKm, ...near.map(({ km }) => km), (own?.km ?? -9) - rule.hysteresisKm];
        const isClose = near.some(
          ({ km }) => limits.filter((limit) => Math.abs(limit - km) < TOLERANCE_KM).length > 1,
        );
        fc.pre(!isClose);
        const within = near.filter(({ km }) => km <= rule.maxBaselineKm);
        const kept = within.find(({ mountpoint }) => mountpoint === current);
        const best = within[0];
        const expected = kept !== undefined && best!.km >= kept.km - rule.hysteresisKm ? kept : best;
        if (expected !== undefined) decided += 1;
        expect(chooseNearest(rule, bases, { position: rover, current })).toBe(expected?.mountpoint);
      }),
      { seed: 20_260_417, numRuns: 5000 },
    );
    expect(decided).toBeGreaterThan(1000);
  });
});
