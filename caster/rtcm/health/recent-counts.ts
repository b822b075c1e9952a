// Counts of the last minute, in steps of ten seconds.

const STEP_MS = 10_000;
const STEPS = 6;

export interface MinuteCounts {
  readonly epochs: number;
  readonly missing: number;
  readonly slips: number;
}

export class RecentCounts {
  readonly #epochs = new Uint32Array(STEPS);
  readonly #missing = new Uint32Array(STEPS);
  readonly #slips = new Uint32Array(STEPS);
  #step = 0;

  /** `nowMs` is on any clock that does not go back. */
  add(nowMs: number, epochs: number, missing: number, slips: number): void {
    const at = this.#turn(nowMs);
    this.#epochs[at]! += epochs;
    this.#missing[at]! += missing;
    this.#slips[at]! += slips;
  }

  /** Of the last fifty to sixty seconds. */
  read(nowMs: number): MinuteCounts {
    this.#turn(nowMs);
    return { epochs: sumOf(this.#epochs), missing: sumOf(this.#missing), slips: sumOf(this.#slips) };
  }

  #turn(nowMs: number): number {
    const step = Math.floor(nowMs / STEP_MS);
    const past = Math.min(step - this.#step, STEPS);
    for (let back = 0; back < past; back++) {
      const at = (step - back) % STEPS;
      this.#epochs[at] = this.#missing[at] = this.#slips[at] = 0;
    }
    if (past > 0) this.#step = step;
    return this.#step % STEPS;
  }
}

function sumOf(counts: Uint32Array): number {
  return counts.reduce((sum, count) => sum + count, 0);
}
