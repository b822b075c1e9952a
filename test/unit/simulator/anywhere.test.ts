// Receivers at random places and moments: whatever the geometry, every value must fit its field and survive the frame.
import { describe, expect, test } from 'vitest';
import { crc24q } from '../../../caster/rtcm/crc24q.ts';
import { createConstellation } from '../../../caster/simulator/constellation.ts';
import { createReceiver } from '../../../caster/simulator/receiver.ts';
import { between, gaussian, hash } from '../../../caster/simulator/seeded-random.ts';
import { simulateEpoch } from '../../../caster/simulator/simulate-epoch.ts';
import { readMsm7 } from './msm7-reader.ts';
import { messageNumber } from './raw-bits.ts';

const SEED = 4711;
const START_S = 2409 * 604_800 + 187_200;

/** Worst difference between simulated and sent pseudorange over all cells of one random receiver, meters. */
function worstErrorM(
  index: number,
  constellation: ReturnType<typeof createConstellation>,
  spanS: number,
): number {
  const receiver = createReceiver({
    constellation,
    latitudeDeg: between(-90, 90, SEED, index, 1),
    longitudeDeg: between(-180, 180, SEED, index, 2),
    heightM: between(-100, 9000, SEED, index, 3),
    elevationMaskDeg: between(0, 15, SEED, index, 4),
    stationId: index,
    seed: index,
  });
  const { frames, observations } = simulateEpoch(receiver, START_S + between(-spanS, spanS, SEED, index, 5));
  expect(frames.every((frame) => crc24q(frame, 0, frame.length) === 0)).toBe(true);
  const sent = frames
    .filter((frame) => [1077, 1087, 1097, 1127].includes(messageNumber(frame)))
    .map(readMsm7);
  const cells = sent.flatMap((message) => message.cells);
  const measured = [1077, 1087, 1097, 1127].flatMap((_, order) =>
    observations
      .filter(({ satellite }) => satellite.system === (['GPS', 'GLO', 'GAL', 'BDS'] as const)[order])
      .toSorted((a, b) => a.satellite.satelliteId - b.satellite.satelliteId)
      .flatMap(({ signals }) => signals),
  );
  expect(cells.length).toBe(measured.length);
  return Math.max(...measured.map(({ pseudorangeM }, i) => Math.abs(pseudorangeM - cells[i]!.pseudorangeM)));
}

describe(`receivers anywhere (seed ${SEED})`, () => {
  test('within a month of the start, all four systems', () => {
    const systems = ['GPS', 'GLO', 'GAL', 'BDS'] as const;
    const constellation = createConstellation({ seed: SEED, systems, startGpsTimeS: START_S });
    const errors = Array.from({ length: 150 }, (_, index) => worstErrorM(index, constellation, 30 * 86_400));
    expect(Math.max(...errors)).toBeLessThan(0.0003);
  });

  test('within twenty years of the start, the systems with Keplerian elements', () => {
    const systems = ['GPS', 'GAL', 'BDS'] as const;
    const constellation = createConstellation({ seed: SEED, systems, startGpsTimeS: START_S });
    const errors = Array.from({ length: 150 }, (_, index) =>
      worstErrorM(index, constellation, 20 * 365 * 86_400),
    );
    expect(Math.max(...errors)).toBeLessThan(0.0003);
  });

  test('GLONASS refuses to be simulated more than a year away', () => {
    const constellation = createConstellation({ seed: SEED, systems: ['GLO'], startGpsTimeS: START_S });
    expect(() => constellation.statesAt((START_S + 400 * 86_400) * 1000)).toThrow(RangeError);
  });
});

describe(`seeded randomness (seed ${SEED})`, () => {
  const draws = Array.from({ length: 20_000 }, (_, index) => gaussian(SEED, index));
  const mean = draws.reduce((sum, x) => sum + x, 0) / draws.length;

  test('noise has mean nought and deviation one', () => {
    const deviation = Math.sqrt(draws.reduce((sum, x) => sum + (x - mean) ** 2, 0) / draws.length);
    expect(Math.abs(mean)).toBeLessThan(0.03);
    expect(Math.abs(deviation - 1)).toBeLessThan(0.03);
  });

  test('noise of neighboring epochs is unrelated', () => {
    const products = draws.slice(1).map((x, index) => x * draws[index]!);
    expect(Math.abs(products.reduce((sum, x) => sum + x, 0) / products.length)).toBeLessThan(0.03);
  });

  test('milliseconds since 1980, which exceed 32 bits, are hashed whole', () => {
    const gpsMs = START_S * 1000;
    expect(new Set([0, 2 ** 32, 2 ** 33].map((far) => hash(SEED, gpsMs + far))).size).toBe(3);
  });
});
