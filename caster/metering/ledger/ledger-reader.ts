// A run's ledger as the metering process looks at it: while the caster writes it, or when the caster is gone.

import { closeSync, openSync, readdirSync, readSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import {
  ALIVE,
  FREE,
  LANES_BYTES,
  lanesFile,
  RECORD_CELLS,
  RECORDS_PER_SEGMENT,
  SEGMENT_BYTES,
  segmentFile,
} from './layout.ts';
import { mapExisting, viewMemory } from './ledger-memory.ts';
import { type LedgerIdentity, readIdentity, type RecordMemory, startOf, stateOf } from './records.ts';

/** One record that is in use. */
export interface FoundRecord {
  readonly segment: number;
  readonly memory: RecordMemory;
  readonly first: number;
  readonly state: number;
}

interface KnownIdentity {
  /** Of the session that had the record then, on the monotonic clock. */
  readonly startedMs: number;
  readonly identity: LedgerIdentity | undefined;
}

/** Where the memory of a ledger comes from; undefined where it is not there (yet). */
export interface LedgerSource {
  segment(index: number): ArrayBufferLike | undefined;
  lanes(worker: number): ArrayBufferLike | undefined;
  /** Where files do not follow the memory by themselves: writes it to them, before anybody relies on it. */
  keep?(): void;
}

/** Of a caster that runs in another process: what it writes is seen. */
export function mappedSource(dir: string): LedgerSource {
  const map = (file: string, bytes: number): ArrayBufferLike | undefined => {
    const full = path.join(dir, file);
    if (sizeOf(full) !== bytes) return undefined;
    const mapped = mapExisting(full, bytes);
    if (!mapped.ok) throw new Error(`${full} cannot be read: ${mapped.detail}`);
    return viewMemory(mapped.memory);
  };
  return {
    segment: (index) => map(segmentFile(index), SEGMENT_BYTES),
    lanes: (worker) => map(lanesFile(worker), LANES_BYTES),
  };
}

/** Of a caster that is gone. */
export function leftSource(dir: string): LedgerSource {
  const read = (file: string, bytes: number): ArrayBuffer | undefined => {
    const full = path.join(dir, file);
    return sizeOf(full) === bytes ? readWhole(full, bytes) : undefined;
  };
  return {
    segment: (index) => read(segmentFile(index), SEGMENT_BYTES),
    lanes: (worker) => read(lanesFile(worker), LANES_BYTES),
  };
}

export class LedgerReader {
  readonly #source: LedgerSource;
  readonly #segments: RecordMemory[] = [];
  readonly #lanes = new Map<number, Float64Array | undefined>();
  /** By segment and record. */
  readonly #identities: (KnownIdentity | undefined)[][] = [];

  constructor(source: LedgerSource) {
    this.#source = source;
  }

  /** Takes up segments that have been made since. */
  look(): void {
    for (;;) {
      const bytes = this.#source.segment(this.#segments.length);
      if (bytes === undefined) return;
      this.#segments.push({
        cells: new Float64Array(bytes),
        words: new Int32Array(bytes),
        bytes: new Uint8Array(bytes),
      });
      this.#identities.push([]);
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
      if (state !== FREE) yield { segment, memory, first, state };
    }
  }

  /** Whose a record is, read once for each session; undefined where it does not say. */
  identityOf({ segment, memory, first }: FoundRecord): LedgerIdentity | undefined {
    const { monotonicMs: startedMs } = startOf(memory, first);
    const known = this.#identities[segment]!;
    const place = first / RECORD_CELLS;
    let found = known[place];
    if (found?.startedMs !== startedMs) {
      found = { startedMs, identity: readIdentity(memory, first) };
      known[place] = found;
    }
    return found.identity;
  }

  /** What the memory says now is what a later run will find, or more. */
  keep(): void {
    this.#source.keep?.();
  }

  readonly lanesOf = (worker: number): Float64Array | undefined => {
    if (!this.#lanes.has(worker)) {
      const bytes = this.#source.lanes(worker);
      this.#lanes.set(worker, bytes && new Float64Array(bytes));
    }
    return this.#lanes.get(worker);
  };

  /** When a worker was last alive, on the monotonic clock of its machine; 0 where it never said so. */
  aliveMs(worker: number): number {
    return this.lanesOf(worker)?.[ALIVE] ?? 0;
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
