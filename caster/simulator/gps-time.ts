// Time scales of the simulator, all as integer milliseconds since 1980-01-06 00:00:00 GPS time ("gpsMs").
// Seconds since 1980 as a double resolve only 0.2 us, in which a satellite moves a millimeter: inside the simulator
// a moment must never be held in seconds, only differences of two moments may.

export const MS_PER_DAY = 86_400_000;
export const MS_PER_WEEK = 604_800_000;

/** 1980-01-06T00:00:00Z in Unix seconds. */
const GPS_ORIGIN_UNIX_S = 315_964_800;
/** BeiDou time began on 2006-01-01 and runs 14 s behind GPS time: RTCM 10403.3 DF427. */
const BDT_LAG_MS = 14_000;
/** GLONASS time is UTC + 3 h: RTCM 10403.3 DF034. */
const MOSCOW_LEAD_MS = 3 * 3_600_000;

/** GPS seconds since 1980-01-06 of a Unix time in ms; `leapSeconds` is GPS minus UTC (18 since 2017). */
export function gpsTimeFromUnixMs(unixMs: number, leapSeconds: number): number {
  return (unixMs - GPS_ORIGIN_UNIX_S * 1000) / 1000 + leapSeconds;
}

/** The whole millisecond nearest to a GPS time in seconds. */
export function gpsMsFromSeconds(gpsTimeS: number): number {
  return Math.round(gpsTimeS * 1000);
}

export function gpsWeek(gpsMs: number): number {
  return Math.floor(gpsMs / MS_PER_WEEK);
}

/** Milliseconds into the GPS week: DF004, DF248. */
export function gpsMsOfWeek(gpsMs: number): number {
  return gpsMs - gpsWeek(gpsMs) * MS_PER_WEEK;
}

/** The same moment counted in BeiDou time from the GPS origin; only its week and ms of week are of use. */
export function bdtMs(gpsMs: number): number {
  return gpsMs - BDT_LAG_MS;
}

export function gpsMsFromBdtMs(bdt: number): number {
  return bdt + BDT_LAG_MS;
}

/** The same moment on the Moscow clock; its days begin at Moscow midnight, day 0 being a Sunday. */
export function moscowMs(gpsMs: number, leapSeconds: number): number {
  return gpsMs - leapSeconds * 1000 + MOSCOW_LEAD_MS;
}

export function gpsMsFromMoscowMs(moscow: number, leapSeconds: number): number {
  return moscow + leapSeconds * 1000 - MOSCOW_LEAD_MS;
}
