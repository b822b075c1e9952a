// How long a vehicle waits before it connects again: longer each time, and by chance, so that a hundred thousand cars do
// not come back in the same second.

const FIRST_MS = 1000;
const LONGEST_MS = 120_000;
/** A connection that lasted this long starts the row anew. */
const LASTED_MS = 60_000;

export class ReconnectPace {
  readonly #random: () => number;
  #attempts = 0;

  constructor(random: () => number = Math.random) {
    this.#random = random;
  }

  nextWaitMs(lastedMs: number): number {
    if (lastedMs >= LASTED_MS) this.#attempts = 0;
    const longestMs = Math.min(LONGEST_MS, FIRST_MS * 2 ** this.#attempts);
    this.#attempts += 1;
    return Math.round(longestMs * (0.5 + 0.5 * this.#random()));
  }
}
