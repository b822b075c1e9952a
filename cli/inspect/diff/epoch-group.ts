// The observations of one station at one time, as they stand in a recording, and whether those of another recording are
// of the same time.

import { dayDifferenceMs } from '../../../caster/rtcm/epoch-time.ts';
import { SATELLITE_SYSTEMS, type SatelliteSystem } from '../../../caster/rtcm/satellite-system.ts';

export interface Observation {
  /** A whole frame that owns its memory. */
  readonly bytes: Buffer;
  readonly message: number;
  readonly system: SatelliteSystem;
  readonly moreToCome: boolean;
}

export interface EpochGroup {
  /** Place in the recording: the count of groups before it. */
  readonly index: number;
  readonly station: number;
  /** Of its first observation. */
  readonly gpsDayMs: number;
  /** By system (index into SATELLITE_SYSTEMS): milliseconds of the GPS day as it says itself, NaN where it has none. */
  readonly times: Float64Array;
  readonly observations: Observation[];
}

/** Messages of one epoch differ by at most a rounded millisecond. */
const SAME_TIME_MS = 4;

/** GLONASS last: its time may be off by leap seconds in one of the two. */
const BY_TRUST = SATELLITE_SYSTEMS.map((_, index) => index).toSorted(
  (a, b) => Number(SATELLITE_SYSTEMS[a] === 'GLO') - Number(SATELLITE_SYSTEMS[b] === 'GLO'),
);

/** From `before` to `after`, within half a day. */
export function timeBetweenMs(before: EpochGroup, after: EpochGroup): number {
  return commonTimeBetweenMs(before, after) ?? dayDifferenceMs(after.gpsDayMs, before.gpsDayMs);
}

export function isSameEpoch(before: EpochGroup, after: EpochGroup): boolean {
  if (before.station !== after.station) return false;
  const differenceMs = commonTimeBetweenMs(before, after);
  return differenceMs !== undefined && Math.abs(differenceMs) <= SAME_TIME_MS;
}

/**
 * By a system that both have, as each may run on a clock of its own (BeiDou in GPS time, GLONASS with old leap seconds);
 * undefined where there is none.
 */
function commonTimeBetweenMs(before: EpochGroup, after: EpochGroup): number | undefined {
  for (const index of BY_TRUST) {
    const differenceMs = dayDifferenceMs(after.times[index]!, before.times[index]!);
    if (!Number.isNaN(differenceMs)) return differenceMs;
  }
  return undefined;
}

/** Whether exactly the last of them says that no more will come. */
export function isLastBitRight({ observations }: EpochGroup): boolean {
  return observations.every(({ moreToCome }, index) => moreToCome === index < observations.length - 1);
}
