// The epochs of a stream: how many, how far apart, which are missing, and whether their last message says that it is the
// last. The same rules of belonging as the caster's own assembly, but nothing is held.

import { EpochAlignment } from '../../caster/rtcm/epoch-alignment.ts';
import { dayDifferenceMs } from '../../caster/rtcm/epoch-time.ts';
import { type ObservationHeader } from '../../caster/rtcm/observation-header.ts';
import { SATELLITE_SYSTEMS } from '../../caster/rtcm/satellite-system.ts';
import { IntervalHistogram } from './interval-histogram.ts';
import { type EpochReport, type Gap } from './report.ts';

const GAPS_REPORTED = 20;
const INTERVALS_REPORTED = 8;
/** An interval counts as a gap when it is longer than the usual one by half. */
const GAP_FACTOR = 1.5;
/** Messages of one epoch differ by at most a rounded millisecond. */
const SAME_TIME_MS = 4;
const GLONASS = SATELLITE_SYSTEMS.indexOf('GLO');

interface Step {
  /** How far the epochs had gone forward before it. */
  readonly streamMs: number;
  readonly afterGpsDayMs: number;
  readonly lengthMs: number;
}

export class EpochStatistics {
  readonly #alignment: EpochAlignment;
  readonly #intervals = new IntervalHistogram();
  /** By system: its time in the open epoch, NaN where it is not in it. */
  readonly #times = new Float64Array(SATELLITE_SYSTEMS.length).fill(NaN);
  #openedMs = 0;
  readonly #openStations = new Set<number>();
  #isClosed = false;
  #count = 0;
  #firstMs = 0;
  #streamMs = 0;
  /** The longest steps so far, the longest first. */
  #longest: Step[] = [];
  #backwardSteps = 0;
  #unfinished = 0;
  #afterLast = 0;

  /** An alignment that has learned the offsets of the stream's systems, where one is at hand. */
  constructor(alignment = new EpochAlignment()) {
    this.#alignment = alignment;
  }

  get count(): number {
    return this.#count;
  }

  /** Epochs whose last message has come, or that another one has followed. */
  get completeCount(): number {
    return this.#isClosed || this.#count === 0 ? this.#count : this.#count - 1;
  }

  /** Milliseconds that the epochs have gone forward; undefined before the first. */
  get streamMs(): number | undefined {
    return this.#count === 0 ? undefined : this.#streamMs;
  }

  /** Takes the next observation. Returns true where it begins an epoch. */
  take({ system, epochKey, station, moreToCome }: ObservationHeader): boolean {
    const index = SATELLITE_SYSTEMS.indexOf(system);
    const belongs =
      this.#count > 0 &&
      (this.#isClosed ? this.#isSameTime(index, epochKey) : this.#alignment.belongs(system, epochKey));
    if (!belongs) {
      this.#alignment.open(system, epochKey);
      this.#begin(index, epochKey);
    } else if (this.#isClosed) {
      this.#afterLast++;
    }
    this.#times[index] = epochKey;
    if (moreToCome) this.#openStations.add(station);
    else {
      this.#openStations.delete(station);
      this.#isClosed ||= this.#openStations.size === 0;
    }
    return !belongs;
  }

  /** Null where there were no observations. */
  report(): EpochReport | null {
    if (this.#count === 0) return null;
    const intervalMs = this.#intervals.usualMs();
    const steps = this.#intervals.list();
    const gaps = intervalMs === null ? [] : steps.filter(({ ms }) => ms > GAP_FACTOR * intervalMs);
    const missing = gaps.reduce((sum, { ms, times }) => sum + times * missingIn(ms, intervalMs!), 0);
    return {
      count: this.#count,
      firstGpsDayMs: this.#firstMs,
      lastGpsDayMs: this.#openedMs,
      intervalMs,
      intervals: steps.slice(0, INTERVALS_REPORTED),
      missing,
      completeness: this.#count / (this.#count + missing),
      gapCount: gaps.reduce((sum, { times }) => sum + times, 0),
      gaps: intervalMs === null ? [] : this.#gaps(intervalMs),
      backwardSteps: this.#backwardSteps,
      // The last one may go on behind the end.
      unfinished: this.#unfinished,
      afterLast: this.#afterLast,
    };
  }

  /** Behind its last message only what says the same time is still of the epoch. */
  #isSameTime(index: number, epochKey: number): boolean {
    return Math.abs(dayDifferenceMs(epochKey, this.#timeComparedTo(index))) <= SAME_TIME_MS;
  }

  /**
   * The time of the open epoch on the clock of a system: its own, else one that is not GLONASS, whose clock may be off
   * by a second and then names the next epoch.
   */
  #timeComparedTo(index: number): number {
    const own = this.#times[index]!;
    if (!Number.isNaN(own)) return own;
    const other = this.#times.find((time, system) => system !== GLONASS && !Number.isNaN(time));
    return other ?? this.#openedMs;
  }

  #begin(index: number, epochKey: number): void {
    const previousMs = this.#openedMs;
    const lengthMs = dayDifferenceMs(epochKey, this.#timeComparedTo(index));
    this.#times.fill(NaN);
    if (this.#count === 0) this.#firstMs = epochKey;
    else this.#step(previousMs, lengthMs);
    this.#count++;
    this.#openedMs = epochKey;
    this.#isClosed = false;
    this.#openStations.clear();
  }

  #step(afterGpsDayMs: number, lengthMs: number): void {
    if (!this.#isClosed) this.#unfinished++;
    if (lengthMs <= 0) {
      this.#backwardSteps++;
      return;
    }
    const step = { streamMs: this.#streamMs, afterGpsDayMs, lengthMs };
    this.#streamMs += lengthMs;
    this.#intervals.add(lengthMs);
    const shortest = this.#longest.at(-1);
    if (this.#longest.length >= GAPS_REPORTED && shortest !== undefined && lengthMs <= shortest.lengthMs)
      return;
    this.#longest.push(step);
    this.#longest.sort((a, b) => b.lengthMs - a.lengthMs);
    this.#longest.length = Math.min(this.#longest.length, GAPS_REPORTED);
  }

  #gaps(intervalMs: number): Gap[] {
    return this.#longest
      .filter(({ lengthMs }) => lengthMs > GAP_FACTOR * intervalMs)
      .sort((a, b) => a.streamMs - b.streamMs)
      .map(({ afterGpsDayMs, lengthMs }) => ({
        afterGpsDayMs,
        lengthMs,
        missing: missingIn(lengthMs, intervalMs),
      }));
  }
}

function missingIn(lengthMs: number, intervalMs: number): number {
  return Math.max(1, Math.round(lengthMs / intervalMs) - 1);
}
