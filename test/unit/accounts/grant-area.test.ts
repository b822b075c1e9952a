// Tests whether a place is in an area against independent knowledge: real cities and countries, a second formula (the
// winding angle for polygons, a chord in space for circles), and places where the Earth's coordinates jump.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { areaOf } from '../../../caster/accounts/grant-area.ts';
import { type AreaCorner, type GrantArea } from '../../../caster/accounts/grant-limits.ts';

const SEED = 20_261_125;
const DEGREES = Math.PI / 180;

/** Latitude and longitude. */
const CITIES = {
  zurich: [47.377, 8.541],
  bern: [46.948, 7.447],
  geneva: [46.204, 6.143],
  milan: [45.464, 9.19],
  munich: [48.137, 11.575],
  suva: [-18.142, 178.442],
  taveuni: [-16.85, -179.97],
  apia: [-13.833, -171.767],
  auckland: [-36.848, 174.763],
  longyearbyen: [78.223, 15.646],
  alert: [82.501, -62.348],
  tromso: [69.649, 18.955],
  quito: [-0.22, -78.512],
} as const;
type City = keyof typeof CITIES;

function has(area: GrantArea, city: City): boolean {
  const [latitudeDeg, longitudeDeg] = CITIES[city];
  return areaOf(area).contains(latitudeDeg, longitudeDeg);
}

/** Rough outlines. */
const SWITZERLAND: readonly AreaCorner[] = [
  [5.9, 46.1],
  [7.0, 45.85],
  [9.0, 45.8],
  [10.5, 46.5],
  [9.6, 47.55],
  [8.5, 47.85],
  [7.0, 47.5],
];
const FIJI: readonly AreaCorner[] = [
  [176, -20],
  [-178, -20],
  [-178, -15],
  [176, -15],
];
const ARCTIC: readonly AreaCorner[] = [-180, -120, -60, 0, 60, 120].map((longitude) => [longitude, 75]);

describe('known places', () => {
  test.each([
    ['Switzerland', { polygon: SWITZERLAND }, ['zurich', 'bern', 'geneva'], ['milan', 'munich', 'quito']],
    ['Switzerland, closed', { polygon: [...SWITZERLAND, SWITZERLAND[0]!] }, ['zurich', 'geneva'], ['milan']],
    ['Switzerland, the other way', { polygon: SWITZERLAND.toReversed() }, ['zurich', 'geneva'], ['milan']],
    [
      'Switzerland without its middle',
      {
        polygon: SWITZERLAND,
        holes: [
          [
            [7, 46.7],
            [8, 46.7],
            [8, 47.2],
            [7, 47.2],
          ],
        ],
      },
      ['zurich', 'geneva'],
      ['bern', 'milan'],
    ],
    ['Fiji, across the antimeridian', { polygon: FIJI }, ['suva', 'taveuni'], ['apia', 'auckland', 'quito']],
    [
      'Fiji, with longitudes above 180',
      { polygon: FIJI.map(([x, y]) => [x < 0 ? x + 360 : x, y] as const) },
      ['suva', 'taveuni'],
      ['apia', 'auckland'],
    ],
    ['around the north pole', { polygon: ARCTIC }, ['longyearbyen', 'alert'], ['tromso', 'suva']],
    [
      'the whole Earth',
      {
        polygon: [
          [-180, -90],
          [180, -90],
          [180, 90],
          [-180, 90],
        ],
      },
      Object.keys(CITIES) as City[],
      [],
    ],
    [
      'the eastern half of the Earth, written as it is',
      {
        polygon: [
          [0, -90],
          [180, -90],
          [180, 90],
          [0, 90],
        ],
      },
      ['zurich', 'suva'],
      ['quito', 'apia', 'taveuni'],
    ],
    // Bern is 95 km from Zurich, Munich 240 km.
    ['100 km around Zurich', { center: [8.541, 47.377], radiusKm: 100 }, ['zurich', 'bern'], ['munich']],
    // Suva and Taveuni are 219 km apart, the antimeridian between them.
    ['230 km around Suva', { center: [178.442, -18.142], radiusKm: 230 }, ['suva', 'taveuni'], ['apia']],
  ] satisfies [string, GrantArea, City[], City[]][])('%s', (_what, area, inside, outside) => {
    expect(inside.filter((city) => !has(area, city))).toEqual([]);
    expect(outside.filter((city) => has(area, city))).toEqual([]);
  });
});

/** By the angle that the corners turn around the place: a full turn inside, none outside. */
function turnsAround(corners: readonly AreaCorner[], x: number, y: number): number {
  let angle = 0;
  for (const [n, [toX, toY]] of corners.entries()) {
    const [fromX, fromY] = corners.at(n - 1)!;
    let step = Math.atan2(toY - y, toX - x) - Math.atan2(fromY - y, fromX - x);
    if (step > Math.PI) step -= 2 * Math.PI;
    if (step < -Math.PI) step += 2 * Math.PI;
    angle += step;
  }
  return Math.round(angle / (2 * Math.PI));
}

/** Corners around a middle in order of their bearing: a star, often not convex, that crosses itself nowhere. */
const star = fc
  .record({
    x: fc.double({ min: -179, max: 179, noNaN: true }),
    y: fc.double({ min: -50, max: 50, noNaN: true }),
    radii: fc.array(fc.double({ min: 0.5, max: 30, noNaN: true }), { minLength: 3, maxLength: 30 }),
  })
  .map(({ x, y, radii }) => ({
    x,
    y,
    corners: radii.map((radius, n): AreaCorner => {
      const bearing = (2 * Math.PI * n) / radii.length;
      return [x + radius * Math.cos(bearing), y + radius * Math.sin(bearing)];
    }),
  }));
const offset = fc.double({ min: -35, max: 35, noNaN: true });

test('a polygon agrees with the winding angle, wherever it lies and however its longitudes are written', () => {
  const wrap = (x: number): number => ((((x + 180) % 360) + 360) % 360) - 180;
  fc.assert(
    fc.property(star, offset, offset, ({ x, y, corners }, dx, dy) => {
      const [placeX, placeY] = [x + dx, y + dy];
      const expected = turnsAround(corners, placeX, placeY) !== 0;
      const wrapped = corners.map(([cornerX, cornerY]): AreaCorner => [wrap(cornerX), cornerY]);
      expect(areaOf({ polygon: corners }).contains(placeY, wrap(placeX))).toBe(expected);
      expect(areaOf({ polygon: wrapped }).contains(placeY, wrap(placeX))).toBe(expected);
    }),
    { seed: SEED, numRuns: 3000 },
  );
});

test('a circle agrees with the chord between the two places in space', () => {
  const inSpace = (latitudeDeg: number, longitudeDeg: number): number[] => [
    Math.cos(latitudeDeg * DEGREES) * Math.cos(longitudeDeg * DEGREES),
    Math.cos(latitudeDeg * DEGREES) * Math.sin(longitudeDeg * DEGREES),
    Math.sin(latitudeDeg * DEGREES),
  ];
  const latitude = fc.double({ min: -90, max: 90, noNaN: true });
  const longitude = fc.double({ min: -180, max: 180, noNaN: true });
  const radius = fc.double({ min: 1, max: 20_000, noNaN: true });
  fc.assert(
    fc.property(latitude, longitude, latitude, longitude, radius, (latA, lonA, latB, lonB, radiusKm) => {
      const [a, b] = [inSpace(latA, lonA), inSpace(latB, lonB)];
      const chord = Math.hypot(...a.map((value, axis) => value - b[axis]!));
      const arcKm = 2 * Math.asin(Math.min(1, chord / 2)) * 6371.0088;
      fc.pre(Math.abs(arcKm - radiusKm) > 0.01);
      expect(areaOf({ center: [lonA, latA], radiusKm }).contains(latB, lonB)).toBe(arcKm < radiusKm);
    }),
    { seed: SEED, numRuns: 3000 },
  );
});

test('equal areas of two grants are one', () => {
  expect(areaOf({ polygon: [...FIJI] })).toBe(areaOf({ polygon: FIJI.map(([x, y]) => [x, y] as const) }));
});

test('more areas than are kept are all right', () => {
  for (let n = 0; n < 3000; n++) areaOf({ center: [n / 100, 0], radiusKm: 1 });
  expect(areaOf({ center: [0, 0], radiusKm: 1 }).contains(0, 0)).toBe(true);
});
