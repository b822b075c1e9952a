// How often each interval between two events occurred, in milliseconds. Bounded: a stream that never repeats an interval
// cannot fill the memory.

const DISTINCT_MAX = 1000;

export interface Interval {
  readonly ms: number;
  readonly times: number;
}

export class IntervalHistogram {
  readonly #times = new Map<number, number>();

  add(intervalMs: number): void {
    const ms = Math.round(intervalMs);
    const times = this.#times.get(ms);
    if (times === undefined && this.#times.size >= DISTINCT_MAX) return;
    this.#times.set(ms, (times ?? 0) + 1);
  }

  /** The most frequent first, the shorter of equals. */
  list(): Interval[] {
    return [...this.#times]
      .map(([ms, times]) => ({ ms, times }))
      .sort((a, b) => b.times - a.times || a.ms - b.ms);
  }

  /** The most frequent one; null where there is none. */
  usualMs(): number | null {
    return this.list()[0]?.ms ?? null;
  }
}
