// HOT: bench/micro/outbox.bench.ts
// What a session has had, counted where it survives the process: in its record of the ledger. Adding to a count is one
// addition in mapped memory; what changes together goes into the bank that does not hold, which then holds.

import {
  ACTIVE_SECONDS,
  BANK_CELLS,
  BANKS,
  BYTES,
  EPOCHS,
  EPOCHS_DROPPED,
  FRAMES,
  FRAMES_DROPPED,
  LANE,
  NO_LANE,
  RECORD_CELLS,
  SEQUENCE,
} from './layout.ts';

/** Where a record is, for its worker. */
export interface RecordPlace {
  readonly cells: Float64Array;
  /** Over the same memory. */
  readonly words: Int32Array;
  /** Index of its first cell. */
  readonly first: number;
}

export class RecordCounts {
  readonly #cells: Float64Array;
  readonly #words: Int32Array;
  readonly #first: number;
  /** First cell of the bank that holds. */
  #bank: number;
  /** The last second in which an epoch came, so that each is counted once. */
  protected lastSecond = -1;

  constructor({ cells, words, first }: RecordPlace) {
    this.#cells = cells;
    this.#words = words;
    this.#first = first;
    this.#bank = first + BANKS + (words[2 * first + SEQUENCE]! & 1) * BANK_CELLS;
  }

  /** Of the record alone; where a lane is open, what it has counted comes on top. */
  protected get ownBytes(): number {
    return this.#cells[this.#bank + BYTES]!;
  }

  protected get ownEpochs(): number {
    return this.#cells[this.#bank + EPOCHS]!;
  }

  protected get ownFrames(): number {
    return this.#cells[this.#bank + FRAMES]!;
  }

  get epochsDropped(): number {
    return this.#cells[this.#first + EPOCHS_DROPPED]!;
  }

  get framesDropped(): number {
    return this.#cells[this.#first + FRAMES_DROPPED]!;
  }

  addBytes(bytes: number): void {
    this.#cells[this.#bank + BYTES]! += bytes;
  }

  addFrames(frames: number): void {
    this.#cells[this.#bank + FRAMES]! += frames;
  }

  /** `receivedMs` is when the epoch came, on any clock that is always the same. */
  addEpoch(frames: number, receivedMs: number): void {
    const cells = this.#cells;
    const bank = this.#bank;
    cells[bank + EPOCHS]! += 1;
    cells[bank + FRAMES]! += frames;
    const second = Math.floor(receivedMs / 1000);
    if (second === this.lastSecond) return;
    this.lastSecond = second;
    cells[bank + ACTIVE_SECONDS]! += 1;
  }

  addEpochDropped(): void {
    this.#cells[this.#first + EPOCHS_DROPPED]! += 1;
  }

  addFramesDropped(frames: number): void {
    this.#cells[this.#first + FRAMES_DROPPED]! += frames;
  }

  /** Adds to all counts at once, and says from which lane the rest is to be read from now on. */
  protected turn(bytes: number, epochs: number, frames: number, activeSeconds: number, lane: number): void {
    const cells = this.#cells;
    const first = this.#first + BANKS;
    const bank = this.#bank;
    const next = bank === first ? first + BANK_CELLS : first;
    cells[next + BYTES] = cells[bank + BYTES]! + bytes;
    cells[next + EPOCHS] = cells[bank + EPOCHS]! + epochs;
    cells[next + FRAMES] = cells[bank + FRAMES]! + frames;
    cells[next + ACTIVE_SECONDS] = cells[bank + ACTIVE_SECONDS]! + activeSeconds;
    cells[next + LANE] = lane;
    Atomics.add(this.#words, 2 * this.#first + SEQUENCE, 1);
    this.#bank = next;
  }
}

/** Counts of a base, and of whoever has no lane. */
export class SessionCounts extends RecordCounts {
  get bytes(): number {
    return this.ownBytes;
  }

  get epochs(): number {
    return this.ownEpochs;
  }

  get frames(): number {
    return this.ownFrames;
  }
}

/** A record of nobody's: counted, and forgotten with whoever holds it. */
export function looseRecord(): RecordPlace {
  const cells = new Float64Array(RECORD_CELLS);
  cells[BANKS + LANE] = NO_LANE;
  return { cells, words: new Int32Array(cells.buffer), first: 0 };
}
