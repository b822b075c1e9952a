// The places where a worker counts what its mountpoints have sent straight from their loops: in the ledger, so that what
// a rover had is known although nothing of the rover's own is touched when an epoch goes out to it.

import { ALIVE, LANE_CELLS, LANE_SLOTS, monotonicMs } from './layout.ts';

export class LaneSlots {
  readonly cells: Float64Array;
  readonly #free: number[];

  /** Over memory of LANES_BYTES that no other worker has; totals of a worker before stay as they are. */
  constructor(memory: ArrayBufferLike) {
    this.cells = new Float64Array(memory);
    const slots = Math.min(LANE_SLOTS, this.cells.length / LANE_CELLS);
    this.#free = Array.from({ length: slots - 1 }, (_, index) => slots - 1 - index);
  }

  /** Number of a slot that nobody has, from 1 on; undefined where all are taken. */
  take(): number | undefined {
    return this.#free.pop();
  }

  /** No lane is open in it any more. */
  give(slot: number): void {
    this.#free.push(slot);
  }

  /** For whoever reckons up what is left after a crash: the worker was there until now. */
  sayAlive(): void {
    this.cells[ALIVE] = monotonicMs();
  }
}
