// A run's ledger as the metering process looks at it: while the caster writes it, or when the caster is gone.

import { closeSync, openSync, readdirSync, readSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { ALIVE, FREE, LANES_BYTES, RECORD_CELLS, RECORDS_PER_SEGMENT, SEGMENT_BYTES } from './layout.ts';
import { mapExisting, viewMemory } from './ledger-memory.ts';
import { type RecordMemory, stateOf } from './records.ts';
import { lanesFile, segmentFile } from './session-ledger.ts';

/** One record that is in use. */
export interface FoundRecord {
  readonly memory: RecordMemory;
  readonly first: number;
  readonly state: number;
}

export class LedgerReader {
  readonly #dir: string;
  /** Mapped, so that what is written there is seen, or read once. */
  readonly #isLive: boolean;
  readonly #segments: RecordMemory[] = [];
  readonly #lanes = new Map<number, Float64Array | undefined>();

  constructor(dir: string, isLive: boolean) {
    this.#dir = dir;
    this.#isLive = isLive;
  }

  /** Takes up segments that have been made since. */
  look(): void {
    for (;;) {
      const bytes = this.#open(segmentFile(this.#segments.length), SEGMENT_BYTES);
      if (bytes === undefined) return;
      this.#segments.push({
        cells: new Float64Array(bytes),
        words: new Int32Array(bytes),
        bytes: new Uint8Array(bytes),
      });
    }
  }

  get segments(): number {
    return this.#segments.length;
  }

  /** Records of a segment that are in use. */
  *records(segment: number): Generator<FoundRecord> {
    const memory = this.#segments[segment]!;
    for (let n = 0; n < RECORDS_PER_SEGMENT; n++) {
      const first = n * RECORD_CELLS;
      const state = stateOf(memory, first);
      if (state !== FREE) yield { memory, first, state };
    }
  }

  readonly lanesOf = (worker: number): Float64Array | undefined => {
    if (!this.#lanes.has(worker)) {
      const bytes = this.#open(lanesFile(worker), LANES_BYTES);
      this.#lanes.set(worker, bytes && new Float64Array(bytes));
    }
    return this.#lanes.get(worker);
  };

  /** When a worker was last alive, on the monotonic clock of its machine; 0 where it never said so. */
  aliveMs(worker: number): number {
    return this.lanesOf(worker)?.[ALIVE] ?? 0;
  }

  #open(file: string, bytes: number): ArrayBufferLike | undefined {
    const full = path.join(this.#dir, file);
    if (sizeOf(full) !== bytes) return undefined;
    if (!this.#isLive) return readWhole(full, bytes);
    const mapped = mapExisting(full, bytes);
    if (!mapped.ok) throw new Error(`${full} cannot be read: ${mapped.detail}`);
    return viewMemory(mapped.memory);
  }
}

/** Folders of runs, oldest first. */
export function ledgerRuns(dir: string): string[] {
  try {
    return readdirSync(dir, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name)
      .toSorted();
  } catch {
    return [];
  }
}

function sizeOf(file: string): number | undefined {
  return statSync(file, { throwIfNoEntry: false })?.size;
}

function readWhole(file: string, bytes: number): ArrayBuffer {
  const buffer = new ArrayBuffer(bytes);
  const descriptor = openSync(file, 'r');
  try {
    let at = 0;
    while (at < bytes) {
      const read = readSync(descriptor, new Uint8Array(buffer), at, bytes - at, at);
      if (read === 0) break;
      at += read;
    }
  } finally {
    closeSync(descriptor);
  }
  return buffer;
}

/** Of a run that has ended in order: nothing in it is left to be accounted for. */
export function removeRunIfEmpty(dir: string, reader: LedgerReader): void {
  for (let segment = 0; segment < reader.segments; segment++) {
    if (!reader.records(segment).next().done) return;
  }
  rmSync(dir, { recursive: true, force: true });
}
