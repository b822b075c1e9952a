// Counts values into the buckets of a histogram of the metrics page.

import type { HistogramSample } from './histogram-text.ts';

export class Histogram {
  readonly #bounds: readonly number[];
  readonly #counts: number[];
  #sum = 0;

  /** Upper bounds, inclusive, growing. */
  constructor(bounds: readonly number[]) {
    this.#bounds = bounds;
    this.#counts = new Array<number>(bounds.length + 1).fill(0);
  }

  add(value: number): void {
    const bucket = this.#bounds.findIndex((bound) => value <= bound);
    this.#counts[bucket < 0 ? this.#bounds.length : bucket]! += 1;
    this.#sum += value;
  }

  sample(): HistogramSample {
    return { bounds: this.#bounds, counts: this.#counts, sum: this.#sum };
  }
}
