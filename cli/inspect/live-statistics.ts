// How old corrections are when they come, by this machine's clock, and how evenly they come. The clock is asked here so
// that recordings and streams can share the rest.

import { DAY_MS, dayDifferenceMs, LEAP_SECONDS_DEFAULT } from '../../caster/rtcm/epoch-time.ts';
import { type LiveReport } from './report.ts';

/** Ages kept for the median: more than an hour at 1 Hz, then the newest ones. */
const AGES_MAX = 4096;
/** Beyond this, the stream is a replay or a clock is wrong, and ages mean nothing. */
const AGE_MEANT_MS_MAX = 600_000;

export interface Clock {
  /** Never goes back. */
  readonly elapsedMs: () => number;
  /** Since 1970, UTC. */
  readonly unixMs: () => number;
}

const MACHINE_CLOCK: Clock = { elapsedMs: () => performance.now(), unixMs: () => Date.now() };

export class LiveStatistics {
  readonly #clock: Clock;
  readonly #startMs: number;
  readonly #ages = new Float64Array(AGES_MAX);
  #ageCount = 0;
  #epochCount = -1;
  #firstFrameMs: number | undefined;
  #lastFrameMs: number;
  #longestSilenceMs = 0;

  /** Begins when the caster says yes. */
  constructor(clock = MACHINE_CLOCK) {
    this.#clock = clock;
    this.#startMs = clock.elapsedMs();
    this.#lastFrameMs = this.#startMs;
  }

  get elapsedMs(): number {
    return this.#clock.elapsedMs() - this.#startMs;
  }

  /** Since the last whole frame, or since the start. */
  get silenceMs(): number {
    return this.#clock.elapsedMs() - this.#lastFrameMs;
  }

  /** Milliseconds between consent and first frame; undefined before it. */
  get firstFrameAfterMs(): number | undefined {
    return this.#firstFrameMs === undefined ? undefined : this.#firstFrameMs - this.#startMs;
  }

  /** Of the newest epoch when its newest message came; undefined where there is none that means anything. */
  get ageMs(): number | undefined {
    return this.#ageCount === 0 ? undefined : this.#ages[(this.#ageCount - 1) % AGES_MAX];
  }

  takeFrame(): void {
    this.#longestSilenceMs = Math.max(this.#longestSilenceMs, this.silenceMs);
    this.#lastFrameMs = this.#clock.elapsedMs();
    this.#firstFrameMs ??= this.#lastFrameMs;
  }

  /** An observation of epoch number `epochCount`; the age counts as of the epoch's last message. */
  takeObservation(gpsDayMs: number, epochCount: number): void {
    const nowGpsDayMs = (this.#clock.unixMs() + LEAP_SECONDS_DEFAULT * 1000) % DAY_MS;
    const ageMs = dayDifferenceMs(nowGpsDayMs, gpsDayMs);
    if (Math.abs(ageMs) > AGE_MEANT_MS_MAX) return;
    if (epochCount !== this.#epochCount) this.#ageCount++;
    this.#epochCount = epochCount;
    this.#ages[(this.#ageCount - 1) % AGES_MAX] = ageMs;
  }

  report(intervalMs: number | null): LiveReport {
    const ages = this.#ages.slice(0, Math.min(this.#ageCount, AGES_MAX)).sort();
    const median = ages[ages.length >> 1];
    return {
      watchedMs: Math.round(this.elapsedMs),
      firstFrameAfterMs: this.firstFrameAfterMs === undefined ? null : Math.round(this.firstFrameAfterMs),
      ageMs: median === undefined ? null : { min: ages[0]!, median, max: ages.at(-1)! },
      late:
        median === undefined || intervalMs === null
          ? 0
          : ages.filter((ageMs) => ageMs > median + intervalMs).length,
      longestSilenceMs: Math.round(Math.max(this.#longestSilenceMs, this.silenceMs)),
    };
  }
}
