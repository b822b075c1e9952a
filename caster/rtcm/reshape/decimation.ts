// Which epochs of one station go out at a longer interval: those at multiples of it in the GPS day. It decides by epoch
// and never by message, and the same way for everything of one observation time.
//
//   interval 5 s    0        1        2        3        4        5        6        7
//   on the second   ●        ○        ○        ○        ○        ●        ○        ○
//   1 ms behind      ●        ○        ○        ○        ○        ●        ○        ○     within the tolerance
//   2 Hz            ●   ○    ○   ○    ○   ○    ○   ○    ○   ○    ●   ○    ○   ○    ○
//   one is missing  ●        ○        ○        ○        ○                 ○        ●     late instead of never
//   between             ○        ○        ●        ○        ○        ○        ○        ● the same
//
// The first epoch of a stream goes out only where it is at a multiple.
import { DAY_MS, dayDifferenceMs } from '../epoch-time.ts';

/**
 * Receivers whose clock runs free are off by a millisecond and more; RTKLIB takes as much for the same time. Where epochs
 * come faster than that, it is less than half of what lies between them: the nearest goes out, and not the one before it.
 */
const TOLERANCE_MS = 25;

/** Frames of one epoch differ by at most a rounded millisecond; epochs come at most at 100 Hz. */
const SAME_EPOCH_MS = 4;

/** How far behind a multiple that had no epoch another one stands in for it; half the interval where that is less. */
const LATE_MS = 2000;

export class Decimation {
  readonly #intervalMs: number;
  readonly #lateMs: number;
  /** The last multiple that an epoch went out for, and the last that is not waited for any more. */
  #sentMs = NaN;
  #servedMs = NaN;
  #lastMs = NaN;
  #lastWanted = false;

  constructor(intervalS: number) {
    this.#intervalMs = intervalS * 1000;
    this.#lateMs = Math.min(LATE_MS, this.#intervalMs / 2);
  }

  /** Whether the epoch at `gpsDayMs` goes out. To be asked in the order of the stream. */
  wants(gpsDayMs: number): boolean {
    if (Math.abs(dayDifferenceMs(gpsDayMs, this.#lastMs)) <= SAME_EPOCH_MS) return this.#lastWanted;
    const toleranceMs = this.#toleranceFor(gpsDayMs);
    const shifted = (gpsDayMs + toleranceMs) % DAY_MS;
    const multipleMs = shifted - (shifted % this.#intervalMs);
    const behindMs = shifted - multipleMs - toleranceMs;
    const isAtMultiple = behindMs <= toleranceMs;
    this.#lastWanted = isAtMultiple
      ? multipleMs !== this.#sentMs
      : behindMs >= this.#lateMs && this.#isUnserved(multipleMs);
    if (this.#lastWanted) this.#sentMs = multipleMs;
    if (this.#lastWanted || Number.isNaN(this.#servedMs)) this.#servedMs = multipleMs;
    this.#lastMs = gpsDayMs;
    return this.#lastWanted;
  }

  #toleranceFor(gpsDayMs: number): number {
    const stepMs = dayDifferenceMs(gpsDayMs, this.#lastMs);
    return stepMs > 0 ? Math.min(TOLERANCE_MS, Math.floor((stepMs - 1) / 2)) : TOLERANCE_MS;
  }

  /** False for the one before the last too, where a system whose clock is a little behind belongs. */
  #isUnserved(multipleMs: number): boolean {
    const aheadMs = dayDifferenceMs(multipleMs, this.#servedMs);
    return aheadMs > 0 || aheadMs < -this.#intervalMs;
  }
}
