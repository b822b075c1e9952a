// The rate that a live stream keeps, learned from its own epochs, and how many of them are missing.

import { isGap, missingIn } from '../epoch-gaps.ts';

/** The interval is the middle one of so many; a base that changes its rate is followed after half of them. */
const STEPS_KEPT = 9;
/** Before so many nobody can say what is usual. */
const STEPS_NEEDED = 3;
/** A longer step is a clock that was set or another recording, and no gap. */
const GAP_MS_MAX = 600_000;

export class EpochPace {
  readonly #steps: number[] = [];
  #next = 0;
  #intervalMs: number | null = null;
  missing = 0;
  gaps = 0;
  /** How often time went back, or on by more than anybody waits. */
  timeJumps = 0;

  /** The usual time between two epochs; null while it is not known. */
  get intervalMs(): number | null {
    return this.#intervalMs;
  }

  /** Takes the time from one epoch to the next. Returns how many are missing between them. */
  take(stepMs: number): number {
    if (stepMs <= 0 || stepMs > GAP_MS_MAX) {
      this.timeJumps++;
      return 0;
    }
    const usualMs = this.#intervalMs;
    this.#learn(stepMs);
    if (usualMs === null || !isGap(stepMs, usualMs)) return 0;
    const missing = missingIn(stepMs, usualMs);
    this.missing += missing;
    this.gaps++;
    return missing;
  }

  #learn(stepMs: number): void {
    this.#steps[this.#next] = stepMs;
    this.#next = (this.#next + 1) % STEPS_KEPT;
    // One more of the middle stays the middle.
    if (stepMs === this.#intervalMs || this.#steps.length < STEPS_NEEDED) return;
    const sorted = this.#steps.toSorted((a, b) => a - b);
    this.#intervalMs = sorted[(sorted.length - 1) >> 1]!;
  }
}
