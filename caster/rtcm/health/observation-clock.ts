// How old the observations of a live stream are when they come, and whether their times can be right at all: of the day,
// of the week, and of one system beside the others. One epoch proves nothing; what holds for a while is a fault.

import { DAY_MS, dayDifferenceMs, LEAP_SECONDS_DEFAULT } from '../epoch-time.ts';
import { type ObservationHeader } from '../observation-header.ts';
import { SATELLITE_SYSTEMS, type SatelliteSystem } from '../satellite-system.ts';

export type ClockFaultKind =
  /** Times that are still to come, or long past, by the clock of this machine. */
  | 'ahead'
  | 'behind'
  /** The right time of another day of the week. */
  | 'wrong_day'
  /** One system names another time than the others: leap seconds, most often. */
  | 'systems_apart';

export interface ClockFault {
  readonly kind: ClockFaultKind;
  readonly system: SatelliteSystem;
  /** By how much its times are too late, negative where they are too early; within half a week. */
  readonly offsetMs: number;
}

const WEEK_MS = 7 * DAY_MS;
/** 6 January 1980, the beginning of GPS time. */
const GPS_START_UNIX_MS = 315_964_800_000;

/** Machines that keep time by the network are right to a fraction of it. */
export const AHEAD_MS_MAX = 2000;
/** Corrections as old as this serve nobody. */
export const BEHIND_MS_MAX = 10_000;
/** Beyond this an age means nothing: a replay, or a wrong clock. */
const AGE_MEANT_MS_MAX = 600_000;
/** How far a wrong day may be from whole days. */
const WHOLE_DAYS_MS = BEHIND_MS_MAX;
/** Epochs of one station differ by a rounded millisecond. */
const SAME_TIME_MS = 4;
const LEAP_SECOND_MS = 1000;
/** Epochs in a row that make a fault, and that end it. */
const EPOCHS_PROOF = 5;

/** Whose time is looked at first: those in GPS time with a week, GLONASS last, which knows only a day. */
const RANK: Readonly<Record<SatelliteSystem, number>> = {
  ...{ GPS: 0, GAL: 1, QZS: 2, BDS: 3, IRN: 4, SBAS: 5, GLO: 6 },
};
const BY_RANK = SATELLITE_SYSTEMS.toSorted((a, b) => RANK[a] - RANK[b]);
/** Whose epoch field is the GPS week's. Some receivers put the time of the day there for SBAS. */
const IN_GPS_WEEK: readonly SatelliteSystem[] = ['GPS', 'GAL', 'QZS', 'IRN'];

export class ObservationClock {
  /** Best rank in the epoch before the open one, and so far in the open one. */
  #rankBefore = 0;
  #rank = Infinity;
  /** As of the open epoch's best system. */
  #system: SatelliteSystem = 'GPS';
  #epochKey = 0;
  #weekMs: number | undefined;
  #ageMs: number | null = null;
  #offsetMs = 0;
  #fault: ClockFault | null = null;
  /** What the last epochs said, and how many in a row said the same. */
  #said: ClockFault | null = null;
  #times = 0;

  /** Of the newest epoch when its newest message came; null where it means nothing. */
  get ageMs(): number | null {
    return this.#ageMs !== null && Math.abs(this.#ageMs) <= AGE_MEANT_MS_MAX ? this.#ageMs : null;
  }

  get fault(): ClockFault | null {
    return this.#fault;
  }

  /** Takes an observation that came at `unixMs`. `weekMs` is the field of its epoch as it is. */
  take({ system, epochKey }: ObservationHeader, weekMs: number, unixMs: number): void {
    const rank = RANK[system];
    if (rank < this.#rank) {
      this.#rank = rank;
      this.#system = system;
      this.#epochKey = epochKey;
      this.#weekMs = IN_GPS_WEEK.includes(system) ? weekMs : undefined;
    }
    if (this.#rank > this.#rankBefore) return;
    const gpsMs = unixMs - GPS_START_UNIX_MS + LEAP_SECONDS_DEFAULT * 1000;
    this.#ageMs = dayDifferenceMs(gpsMs % DAY_MS, this.#epochKey);
    this.#offsetMs = this.#weekMs === undefined ? -this.#ageMs : weekDifferenceMs(this.#weekMs, gpsMs);
  }

  /** The open epoch is complete; `times` are those of its systems, as of EpochBoundaries. */
  endEpoch(times: Float64Array): void {
    const isKnown = this.#rank <= this.#rankBefore;
    this.#rankBefore = this.#rank;
    this.#rank = Infinity;
    if (!isKnown) return;
    const said = this.#faultOfTime() ?? this.#faultBetween(times);
    this.#times = isSame(said, this.#said) ? this.#times + 1 : 1;
    this.#said = said;
    if (this.#times >= EPOCHS_PROOF) this.#fault = said;
  }

  #faultOfTime(): ClockFault | null {
    const offsetMs = this.#offsetMs;
    if (offsetMs <= AHEAD_MS_MAX && offsetMs >= -BEHIND_MS_MAX) return null;
    const days = Math.round(offsetMs / DAY_MS);
    const isWholeDays = days !== 0 && Math.abs(offsetMs - days * DAY_MS) <= WHOLE_DAYS_MS;
    const kind = isWholeDays ? 'wrong_day' : offsetMs > 0 ? 'ahead' : 'behind';
    return { kind, system: this.#system, offsetMs: Math.round(offsetMs) };
  }

  /** The first system that is not at the time of the one that is looked at first. */
  #faultBetween(times: Float64Array): ClockFault | null {
    let reference = NaN;
    for (const system of BY_RANK) {
      const time = times[SATELLITE_SYSTEMS.indexOf(system)]!;
      if (Number.isNaN(time)) continue;
      if (Number.isNaN(reference)) reference = time;
      const offsetMs = dayDifferenceMs(time, reference);
      const isRight =
        Math.abs(offsetMs) <= SAME_TIME_MS || (system === 'GLO' && this.#isBehindLeapSecond(offsetMs));
      if (!isRight) return { kind: 'systems_apart', system, offsetMs };
    }
    return null;
  }

  /**
   * GLONASS keeps UTC. Behind a leap second that this program does not know of, it seems a second early, and all the
   * others seem to come before they are measured.
   */
  #isBehindLeapSecond(offsetMs: number): boolean {
    const isSecondEarly = Math.abs(offsetMs + LEAP_SECOND_MS) <= SAME_TIME_MS;
    return isSecondEarly && this.#ageMs !== null && this.#ageMs < 0 && this.#ageMs > -LEAP_SECOND_MS;
  }
}

function isSame(a: ClockFault | null, b: ClockFault | null): boolean {
  if (a === null || b === null) return a === b;
  return a.kind === b.kind && a.system === b.system;
}

/** `weekMs` less the time of the week that `gpsMs` is, within half a week. */
function weekDifferenceMs(weekMs: number, gpsMs: number): number {
  const difference = weekMs - (gpsMs % WEEK_MS);
  return difference - Math.round(difference / WEEK_MS) * WEEK_MS;
}
