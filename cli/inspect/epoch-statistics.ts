// The epochs of a stream: how many, how far apart, which are missing, and whether their last message says that it is the
// last. The same rules of belonging as the caster's own assembly, but nothing is held.

import type { EpochAlignment } from '../../caster/rtcm/epoch-alignment.ts';
import { EpochBoundaries } from '../../caster/rtcm/epoch-boundaries.ts';
import { ClockComparison } from './clock-comparison.ts';
import { isGap, missingIn } from '../../caster/rtcm/epoch-gaps.ts';
import { type ObservationHeader } from '../../caster/rtcm/observation-header.ts';
import { IntervalHistogram } from './interval-histogram.ts';
import { type EpochReport, type Gap } from './report.ts';

const GAPS_REPORTED = 20;
const INTERVALS_REPORTED = 8;

interface Step {
  /** How far the epochs had gone forward before it. */
  readonly streamMs: number;
  readonly afterGpsDayMs: number;
  readonly lengthMs: number;
}

export class EpochStatistics {
  readonly #boundaries: EpochBoundaries;
  readonly #intervals = new IntervalHistogram();
  readonly #clocks = new ClockComparison();
  #firstMs = 0;
  #streamMs = 0;
  /** The longest steps so far, the longest first. */
  #longest: Step[] = [];
  #backwardSteps = 0;
  #unfinished = 0;

  /** An alignment that has learned the offsets of the stream's systems, where one is at hand. */
  constructor(alignment?: EpochAlignment) {
    this.#boundaries = new EpochBoundaries(alignment);
  }

  get count(): number {
    return this.#boundaries.count;
  }

  /** Epochs whose last message has come, or that another one has followed. */
  get completeCount(): number {
    const { count, isFinished } = this.#boundaries;
    return isFinished || count === 0 ? count : count - 1;
  }

  /** Milliseconds that the epochs have gone forward; undefined before the first. */
  get streamMs(): number | undefined {
    return this.count === 0 ? undefined : this.#streamMs;
  }

  /** Takes the next observation. Returns true where it begins an epoch. */
  take(header: ObservationHeader): boolean {
    const previousMs = this.#boundaries.openedMs;
    if (!this.#boundaries.take(header)) return false;
    if (this.count === 1) this.#firstMs = header.epochKey;
    else {
      this.#step(previousMs, this.#boundaries.stepMs);
      this.#clocks.take(this.#boundaries.timesBefore);
    }
    return true;
  }

  /** Null where there were no observations. */
  report(): EpochReport | null {
    const { count, openedMs, afterLast } = this.#boundaries;
    if (count === 0) return null;
    const intervalMs = this.#intervals.usualMs();
    const steps = this.#intervals.list();
    const gaps = intervalMs === null ? [] : steps.filter(({ ms }) => isGap(ms, intervalMs));
    const missing = gaps.reduce((sum, { ms, times }) => sum + times * missingIn(ms, intervalMs!), 0);
    return {
      count,
      firstGpsDayMs: this.#firstMs,
      lastGpsDayMs: openedMs,
      intervalMs,
      intervals: steps.slice(0, INTERVALS_REPORTED),
      missing,
      completeness: count / (count + missing),
      gapCount: gaps.reduce((sum, { times }) => sum + times, 0),
      gaps: intervalMs === null ? [] : this.#gaps(intervalMs),
      backwardSteps: this.#backwardSteps,
      // The last one may go on behind the end.
      unfinished: this.#unfinished,
      systemsApart: this.#clocks.report(),
      afterLast,
    };
  }

  #step(afterGpsDayMs: number, lengthMs: number): void {
    if (!this.#boundaries.wasFinished) this.#unfinished++;
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
      .filter(({ lengthMs }) => isGap(lengthMs, intervalMs))
      .sort((a, b) => a.streamMs - b.streamMs)
      .map(({ afterGpsDayMs, lengthMs }) => ({
        afterGpsDayMs,
        lengthMs,
        missing: missingIn(lengthMs, intervalMs),
      }));
  }
}
