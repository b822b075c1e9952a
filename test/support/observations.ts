// Observations with satellites, made to measure, for tests of how well a base does. What they say of ranges is zero.

import { makeFrame } from './frames.ts';

const DAY_MS = 86_400_000;
const WEEK_MS = 7 * DAY_MS;
/** 6 January 1980 in Unix time, and GPS - UTC since 2017 (IERS bulletin C). */
const GPS_START_UNIX_MS = Date.UTC(1980, 0, 6);
const LEAP_MS = 18_000;
const BDT_OFFSET_MS = 14_000;

/** First MSM number of a system, less one, and how many satellites this base sees of it. */
export const SKY = { GPS: [1070, 9], GLO: [1080, 7], GAL: [1090, 6], BDS: [1120, 8] } as const;
export type SkySystem = keyof typeof SKY;

export interface MadeObservation {
  /** MSM number. */
  readonly message: number;
  /** The 30 bits of the epoch. */
  readonly epoch: number;
  readonly satellites: number;
  readonly signals?: number;
  readonly more?: boolean;
  readonly station?: number;
  /** DF402 of each cell, of satellite after satellite; 15 where there is none. */
  readonly locks?: readonly number[];
}

/** An MSM4 of satellites 1, 2, … each with signals 1, 2, … */
export function msm4Frame(made: MadeObservation): Buffer {
  const { message, epoch, satellites, signals = 2, more = false, station = 1, locks = [] } = made;
  const cells = satellites * signals;
  const ones = (count: number, bits: number): bigint => ((1n << BigInt(count)) - 1n) << BigInt(bits - count);
  return makeFrame([
    [message, 12],
    [station, 12],
    [epoch, 30],
    [more ? 1 : 0, 1],
    [0, 18],
    [ones(satellites, 64), 64],
    [ones(signals, 32), 32],
    [ones(cells, cells), cells],
    [0, 18 * satellites],
    [0, (15 + 22) * cells],
    ...Array.from({ length: cells }, (_, cell) => [locks[cell] ?? 15, 4] as const),
    [0, (1 + 6) * cells],
  ]);
}

/** Time of the GPS week at a moment, as DF004 and DF248 have it. */
export function gpsWeekMs(unixMs: number): number {
  return (((unixMs - GPS_START_UNIX_MS + LEAP_MS) % WEEK_MS) + WEEK_MS) % WEEK_MS;
}

/** The 30 bits of an epoch of `system` at a moment: GLONASS counts the Moscow day, with DF416 in front of it. */
export function epochFieldOf(system: SkySystem, unixMs: number): number {
  if (system === 'GLO') return 7 * 2 ** 27 + ((unixMs + 3 * 3_600_000) % DAY_MS);
  return (gpsWeekMs(unixMs) + WEEK_MS - (system === 'BDS' ? BDT_OFFSET_MS : 0)) % WEEK_MS;
}

/** One epoch of these systems as it was measured at `unixMs`. */
export function skyEpoch(unixMs: number, systems: readonly SkySystem[]): Buffer[] {
  return systems.map((system, index) =>
    msm4Frame({
      message: SKY[system][0] + 4,
      epoch: epochFieldOf(system, unixMs),
      satellites: SKY[system][1],
      more: index < systems.length - 1,
    }),
  );
}
