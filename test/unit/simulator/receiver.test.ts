// What a receiver does over time: locks, whole cycles, seeds, schedule of messages.
import { describe, expect, test } from 'vitest';
import { messageNumberOf } from '../../../caster/rtcm/frame-layout.ts';
import { createConstellation } from '../../../caster/simulator/constellation.ts';
import { type SatelliteObservation } from '../../../caster/simulator/observation.ts';
import {
  createCirclePath,
  createReceiver,
  type ReceiverOptions,
  truePositionEcef,
  truePositionGeodetic,
} from '../../../caster/simulator/receiver.ts';
import { simulateEpoch } from '../../../caster/simulator/simulate-epoch.ts';
import { payloadBits } from './raw-bits.ts';

const START_S = 2409 * 604_800 + 187_200;
const PLACE = { latitudeDeg: 31.2, longitudeDeg: 121.5, heightM: 25 };
const LIGHT_SPEED = 299_792_458;

function receiver(options: Partial<ReceiverOptions> = {}, atmosphere = true) {
  const constellation = createConstellation({
    seed: 7,
    systems: ['GPS', 'GLO', 'GAL', 'BDS'],
    startGpsTimeS: START_S,
    atmosphere,
  });
  return createReceiver({ constellation, ...PLACE, stationId: 12, seed: 1, ...options });
}

function bytesOf(options: Partial<ReceiverOptions>, seconds: readonly number[]): Buffer {
  const station = receiver(options);
  return Buffer.concat(seconds.flatMap((second) => simulateEpoch(station, START_S + second).frames));
}

/** Carrier phase minus code in cycles, where there is neither air nor noise. */
function cyclesOf({ satellite, signals }: SatelliteObservation): number[] {
  return signals.map(({ signal, phaseRangeM, pseudorangeM }) => {
    const frequencyHz = signal.frequencyHz + satellite.channel * signal.channelStepHz;
    return ((phaseRangeM - pseudorangeM) * frequencyHz) / LIGHT_SPEED;
  });
}

describe('seeds', () => {
  test('the same seed gives the same bytes', () => {
    expect(bytesOf({ seed: 5 }, [0, 1, 2])).toEqual(bytesOf({ seed: 5 }, [0, 1, 2]));
  });

  test('another seed gives other bytes', () => {
    expect(bytesOf({ seed: 5 }, [0])).not.toEqual(bytesOf({ seed: 6 }, [0]));
  });

  test('the code noise of an epoch does not depend on the epochs simulated before it', () => {
    const busy = receiver();
    for (const second of [0, 1, 2, 3]) simulateEpoch(busy, START_S + second);
    const ranges = (station: typeof busy) =>
      simulateEpoch(station, START_S + 4).observations.map(({ signals }) =>
        signals.map((s) => s.pseudorangeM),
      );
    expect(ranges(busy)).toEqual(ranges(receiver()));
  });
});

describe('locks', () => {
  test('begin at nought and grow by the time that passes', () => {
    const station = receiver();
    const locks = [0, 0.1, 1, 3].map(
      (second) => simulateEpoch(station, START_S + second).observations[0]!.lockMs,
    );
    expect(locks).toEqual([0, 100, 1000, 3000]);
  });

  test('begin anew after a gap', () => {
    const station = receiver();
    simulateEpoch(station, START_S);
    expect(simulateEpoch(station, START_S + 60).observations.map(({ lockMs }) => lockMs)).toEqual(
      simulateEpoch(receiver(), START_S + 60).observations.map(() => 0),
    );
  });

  test('a satellite that rises later is locked later', () => {
    const station = receiver();
    let locks: number[] = [];
    for (let second = 0; second <= 1800; second += 4) {
      locks = simulateEpoch(station, START_S + second).observations.map(({ lockMs }) => lockMs);
    }
    expect(Math.min(...locks)).toBeLessThan(1_800_000);
    expect(Math.max(...locks)).toBe(1_800_000);
  });
});

describe('whole cycles', () => {
  const station = receiver({ codeNoiseM: 0, phaseNoiseM: 0 }, false);
  const first = simulateEpoch(station, START_S).observations.flatMap(cyclesOf);
  const second = simulateEpoch(station, START_S + 4).observations.flatMap(cyclesOf);
  const relocked = simulateEpoch(station, START_S + 60).observations.flatMap(cyclesOf);

  test('are whole without air or noise', () => {
    expect(Math.max(...first.map((cycles) => Math.abs(cycles - Math.round(cycles))))).toBeLessThan(1e-5);
  });

  test('stay the same while the lock holds', () => {
    expect(second.map(Math.round)).toEqual(first.map(Math.round));
  });

  test('are others after a new lock', () => {
    expect(relocked.map(Math.round)).not.toEqual(first.map(Math.round));
  });
});

test('the rate is the change of the noise-free phase, per second', () => {
  const path = createCirclePath(50, 10);
  const quiet = receiver({ codeNoiseM: 0, phaseNoiseM: 0, path }, false);
  const [before, now, after] = [29.95, 30, 30.05].map((s) => simulateEpoch(quiet, START_S + s).observations);
  const errors = now!.map(({ signals }, index) => {
    const phase = (all: typeof now) => all![index]!.signals[0]!.phaseRangeM;
    return Math.abs((phase(after) - phase(before)) / 0.1 - signals[0]!.phaseRangeRateMps);
  });
  expect(Math.max(...errors)).toBeLessThan(0.0005);
});

test('no satellite below the mask is observed, and stronger signals come from above', () => {
  const { observations } = simulateEpoch(receiver({ elevationMaskDeg: 20 }), START_S);
  const byElevation = observations.toSorted((a, b) => a.elevationDeg - b.elevationDeg);
  expect(byElevation[0]!.elevationDeg).toBeGreaterThanOrEqual(20);
  expect(byElevation.at(-1)!.signals[0]!.cnrDbHz).toBeGreaterThan(byElevation[0]!.signals[0]!.cnrDbHz);
});

describe('schedule', () => {
  const numbersOf = (station: ReturnType<typeof receiver>, second: number) =>
    simulateEpoch(station, START_S + second).frames.map(messageNumberOf);

  test('a base sends 1005 and 1230 at once and every ten seconds', () => {
    const base = receiver();
    const sent = Array.from({ length: 25 }, (_, second) => numbersOf(base, second));
    const secondsWith = (number: number) =>
      sent.flatMap((numbers, s) => (numbers.includes(number) ? [s] : []));
    expect([secondsWith(1005), secondsWith(1230)]).toEqual([
      [0, 10, 20],
      [0, 10, 20],
    ]);
  });

  test('an antenna height makes it 1006, a descriptor adds 1033', () => {
    const base = receiver({
      antenna: { heightM: 1.5, descriptor: 'LEIAR25.R4      LEIT', serialNumber: '1' },
    });
    expect(numbersOf(base, 0).slice(0, 3)).toEqual([1006, 1230, 1033]);
  });

  test('a rover sends neither', () => {
    const rover = receiver({ role: 'rover' });
    const sent = Array.from({ length: 12 }, (_, second) => numbersOf(rover, second)).flat();
    expect(sent.filter((number) => [1005, 1006, 1230, 1033].includes(number))).toEqual([]);
  });

  test('within ten seconds every visible satellite has sent its ephemeris once, at most four an epoch', () => {
    const base = receiver();
    const perEpoch = Array.from({ length: 10 }, (_, second) =>
      simulateEpoch(base, START_S + second).frames.filter((frame) =>
        [1019, 1020, 1042, 1046].includes(messageNumberOf(frame)),
      ),
    );
    const satellites = perEpoch
      .flat()
      .map((frame) => `${messageNumberOf(frame)}/${payloadBits(frame, 12, 6)}`);
    expect(Math.max(...perEpoch.map((frames) => frames.length))).toBe(4);
    expect(new Set(satellites).size).toBe(simulateEpoch(base, START_S + 10).observations.length);
    expect(satellites).toHaveLength(new Set(satellites).size);
  });

  test('a new issue of broadcast data goes out within seconds of coming into force', () => {
    const base = receiver();
    const early = new Set<string>();
    for (let second = 3570; second <= 3600; second++) {
      for (const frame of simulateEpoch(base, START_S + second).frames) early.add(frame.toString('hex'));
    }
    const late = Array.from(
      { length: 5 },
      (_, index) => simulateEpoch(base, START_S + 3601 + index).frames,
    ).flat();
    const renewed = late.filter(
      (frame) => messageNumberOf(frame) === 1046 && !early.has(frame.toString('hex')),
    );
    expect(renewed.length).toBeGreaterThan(0);
  });
});

describe('places', () => {
  test('the truth of a base is what its 1005 says, to the tenth of a millimeter', () => {
    const base = receiver();
    const frame = simulateEpoch(base, START_S).frames[0]!;
    const signed = (offset: number) => {
      const value = payloadBits(frame, offset, 38);
      return (value >= 2 ** 37 ? value - 2 ** 38 : value) / 10_000;
    };
    const { x, y, z } = truePositionEcef(base, START_S);
    expect([signed(34), signed(74), signed(114)]).toEqual([x, y, z]);
  });

  test('and lies where it was asked to, to the same', () => {
    const { latitudeDeg, longitudeDeg, heightM } = truePositionGeodetic(receiver(), START_S);
    expect(latitudeDeg).toBeCloseTo(PLACE.latitudeDeg, 8);
    expect(longitudeDeg).toBeCloseTo(PLACE.longitudeDeg, 8);
    expect(heightM).toBeCloseTo(PLACE.heightM, 3);
  });

  test('a rover on a circle stays at its radius and runs at its speed', () => {
    const rover = receiver({ path: createCirclePath(100, 5) });
    const still = truePositionEcef(receiver(), START_S);
    const [a, b] = [0, 1].map((second) => truePositionEcef(rover, START_S + second));
    expect(Math.hypot(a!.x - still.x, a!.y - still.y, a!.z - still.z)).toBeCloseTo(100, 1);
    expect(Math.hypot(a!.x - b!.x, a!.y - b!.y, a!.z - b!.z)).toBeCloseTo(5, 1);
  });

  test('a station id that DF003 cannot hold is refused', () => {
    expect(() => receiver({ stationId: 4096 })).toThrow(RangeError);
  });

  test('a signal that no satellite of the system has is refused', () => {
    expect(() => receiver({ signals: { GPS: ['9Z'] } })).toThrow(RangeError);
  });
});
