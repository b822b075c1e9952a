// HOT: bench/micro/rtcm.bench.ts
// Brings the epoch fields of all systems to one scale: milliseconds of the GPS day. The day and not the week,
// because GLONASS counts days only (DF034; DF416 may be 7, "unknown") and because some receivers put the time of
// day into the week field of a system (seen for SBAS). It must never be used to order epochs over hours.

export const DAY_MS = 86_400_000;

/** GPS - UTC since 2017. Streams recorded earlier need less; EpochAlignment copes with a stale value. */
export const LEAP_SECONDS_DEFAULT = 18;

const MOSCOW_OFFSET_MS = 3 * 3_600_000;
const BDT_OFFSET_MS = 14_000;
const BDS_UNDERFLOW = 2 ** 30 - BDT_OFFSET_MS;

/** From milliseconds of the GPS, Galileo, QZSS or NavIC week (DF004, DF248, DF428, DF546; equal to a ms). */
export function gpsDayMsOfWeekMs(weekMs: number): number {
  return weekMs % DAY_MS;
}

/**
 * From milliseconds of the BDT week (DF427), which runs 14 s behind GPS. For 14 s after the GPS week begins some
 * receivers send a negative value in the unsigned field.
 */
export function gpsDayMsOfBdsWeekMs(weekMs: number): number {
  const signed = weekMs >= BDS_UNDERFLOW ? weekMs - 2 ** 30 : weekMs;
  return (signed + BDT_OFFSET_MS) % DAY_MS;
}

/** From milliseconds of the Moscow day (DF034: UTC + 3 h, up to 86 401 000 in a leap second). */
export function gpsDayMsOfGlonassDayMs(dayMs: number, leapSeconds: number): number {
  return (dayMs + DAY_MS - MOSCOW_OFFSET_MS + leapSeconds * 1000) % DAY_MS;
}

/** `later` - `earlier` in -12 h .. +12 h, both in milliseconds of the day. */
export function dayDifferenceMs(later: number, earlier: number): number {
  const difference = later - earlier;
  if (difference > DAY_MS / 2) return difference - DAY_MS;
  if (difference < -DAY_MS / 2) return difference + DAY_MS;
  return difference;
}
