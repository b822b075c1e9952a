// The ledger as the main thread keeps it: gives every session a record, makes more room in time, and says how a session
// ended. Where it has a folder, what is counted is there after the process is gone.
//
//   allot ──▶ OPEN ── end ──▶ ENDED ── accounted for (by whoever reads the ledger) ──▶ FREE ── allot …
//                       └─ nobody reads it ───────────────────────────────────────────▶ FREE

import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Journal } from '../../../platform/observe/journal.ts';
import type { UsageTotals } from '../usage-row.ts';
import { LEDGER_KEEP_MS, LEDGER_SEGMENTS_MAX } from '../../../config/limits.ts';
import {
  FREE,
  LANES_BYTES,
  lanesFile,
  monotonicMs,
  RECORDS_PER_SEGMENT,
  SEGMENT_BYTES,
  segmentFile,
} from './layout.ts';
import { type LedgerMemory, makeMapped, makeShared, mapExisting, viewMemory } from './ledger-memory.ts';
import {
  beginRecord,
  endRecord,
  firstCell,
  freeRecord,
  type LedgerEnd,
  type LedgerIdentity,
  type LedgerTerms,
  readTotals,
  type RecordMemory,
  setTerms,
  startOf,
  stateOf,
} from './records.ts';
import type { LedgerSource } from './ledger-reader.ts';
import type { LedgerStart } from './worker-ledger.ts';

/** Its files cannot be made at all. */
export class LedgerUnusable extends Error {}

export interface SessionLedgerOptions {
  /** Of this run alone; undefined keeps everything in memory. */
  readonly dir: string | undefined;
  /** False where files cannot be mapped: they are then written now and then. */
  readonly isMapped: boolean;
  readonly workers: number;
  readonly journal: Journal;
  /** Whether somebody reads ended records and frees them. */
  readonly isRead: boolean;
  /** More room: workers must have it before they are told of a record in it. */
  readonly onSegment: (memory: LedgerMemory) => void;
  /** Tests have fewer. */
  readonly segmentsMax?: number;
}

/** Beside it first: whoever is killed while he writes, or has no room to, leaves the one that was there. */
function keepFile(dir: string, file: string, memory: LedgerMemory): void {
  const unready = path.join(dir, `${file}.new`);
  writeFileSync(unready, new Uint8Array(viewMemory(memory)), { mode: 0o600 });
  renameSync(unready, path.join(dir, file));
}

/** With fewer free records than this more room is made: a disk that is full must not be found out at a login. */
const FREE_MIN = RECORDS_PER_SEGMENT / 2;
/** Of the records that there may be, how many are in use when it is told of, and when that is over. */
const FILLING_SHARE = 0.8;
const WELL_SHARE = 0.7;
/** How often it is tried where it could not. */
const RETRY_MS = 500;

export class SessionLedger implements LedgerSource {
  readonly #options: SessionLedgerOptions;
  readonly #segments: LedgerMemory[] = [];
  readonly #views: RecordMemory[] = [];
  readonly #lanes: readonly LedgerMemory[];
  readonly #laneCells: readonly Float64Array[];
  readonly #free: number[] = [];
  /** Ended, and not yet seen to be free. */
  readonly #ended = new Set<number>();
  #isShort = false;
  #isFilling = false;
  #nextTryMs = 0;
  #keeping: NodeJS.Timeout | undefined;
  #detail = '';

  /** Throws LedgerUnusable: that is for the start to tell. */
  constructor(options: SessionLedgerOptions) {
    this.#options = options;
    if (options.dir !== undefined) mkdirSync(options.dir, { recursive: true, mode: 0o700 });
    this.#lanes = Array.from({ length: options.workers }, (_, worker) => {
      const memory = this.#make(lanesFile(worker), LANES_BYTES);
      if (memory === undefined) throw new LedgerUnusable(this.#detail);
      return memory;
    });
    this.#laneCells = this.#lanes.map((memory) => new Float64Array(viewMemory(memory)));
    this.#grow();
    if (this.#segments.length === 0) throw new LedgerUnusable(this.#detail);
    if (options.dir !== undefined && !options.isMapped) {
      this.#keeping = setInterval(() => this.keep(), LEDGER_KEEP_MS);
    }
  }

  segment(index: number): ArrayBufferLike | undefined {
    const memory = this.#segments[index];
    return memory && viewMemory(memory);
  }

  lanes(worker: number): ArrayBufferLike | undefined {
    const memory = this.#lanes[worker];
    return memory && viewMemory(memory);
  }

  close(): void {
    clearInterval(this.#keeping);
  }

  get segments(): number {
    return this.#segments.length;
  }

  /** What a worker is started with. */
  startOf(worker: number): LedgerStart {
    return { segments: [...this.#segments], lanes: this.#lanes[worker]! };
  }

  /** Undefined where there is no room for it and none can be made. */
  allot(
    identity: LedgerIdentity,
    terms: LedgerTerms,
    worker: number,
    startedAtMs: number,
  ): number | undefined {
    if (this.#free.length < FREE_MIN && performance.now() >= this.#nextTryMs) this.#makeRoom();
    const record = this.#free.pop();
    if (record === undefined) return undefined;
    const { memory, first } = this.#find(record);
    beginRecord(memory, first, identity, terms, { worker, atMs: startedAtMs, monotonicMs: monotonicMs() });
    return record;
  }

  setTerms(record: number, terms: LedgerTerms): void {
    const { memory, first } = this.#find(record);
    setTerms(memory, first, terms);
  }

  /** Its worker has said how it ended, or is gone: then nobody has told how long it was, and it was until now. */
  end(
    record: number,
    end: Omit<LedgerEnd, 'durationMs'> & { readonly durationMs: number | undefined },
  ): void {
    const { memory, first } = this.#find(record);
    const durationMs = end.durationMs ?? Math.round(monotonicMs() - startOf(memory, first).monotonicMs);
    endRecord(memory, first, this.#lanesOf, { ...end, durationMs });
    if (this.#options.isRead) {
      this.#ended.add(record);
    } else {
      freeRecord(memory, first);
      this.#free.push(record);
    }
  }

  totals(record: number): UsageTotals {
    const { memory, first } = this.#find(record);
    return readTotals(memory, first, this.#lanesOf, monotonicMs());
  }

  readonly #lanesOf = (worker: number): Float64Array | undefined => this.#laneCells[worker];

  #find(record: number): { memory: RecordMemory; first: number } {
    return {
      memory: this.#views[Math.floor(record / RECORDS_PER_SEGMENT)]!,
      first: firstCell(record % RECORDS_PER_SEGMENT),
    };
  }

  #makeRoom(): void {
    this.#reclaim();
    if (this.#free.length < FREE_MIN) this.#grow();
    else this.#isShort = false;
    this.#seeHowFull();
    if (this.#free.length < FREE_MIN) this.#nextTryMs = performance.now() + RETRY_MS;
  }

  #reclaim(): void {
    for (const record of this.#ended) {
      const { memory, first } = this.#find(record);
      if (stateOf(memory, first) !== FREE) continue;
      this.#ended.delete(record);
      this.#free.push(record);
    }
  }

  /** Those who run, and those who are over and wait for whoever reads the ledger. */
  #seeHowFull(): void {
    const recordsMax = this.#segmentsMax * RECORDS_PER_SEGMENT;
    const records = this.#segments.length * RECORDS_PER_SEGMENT - this.#free.length;
    if (records < WELL_SHARE * recordsMax) this.#isFilling = false;
    if (this.#isFilling || records < FILLING_SHARE * recordsMax) return;
    this.#isFilling = true;
    this.#options.journal.record('warn', 'ledger_filling', { records, recordsMax });
  }

  get #segmentsMax(): number {
    return this.#options.segmentsMax ?? LEDGER_SEGMENTS_MAX;
  }

  #grow(): void {
    const index = this.#segments.length;
    const isWhole = index >= this.#segmentsMax;
    if (isWhole)
      this.#detail = `it has its ${index} segments, and nobody accounts for sessions that are over`;
    const memory = isWhole ? undefined : this.#make(segmentFile(index), SEGMENT_BYTES);
    if (memory === undefined) {
      if (!this.#isShort) {
        const detail = `${this.#detail}; sessions beyond ${index * RECORDS_PER_SEGMENT} are not metered until it can`;
        this.#options.journal.record('error', 'ledger_cannot_grow', { free: this.#free.length, detail });
      }
      this.#isShort = true;
      return;
    }
    this.#isShort = false;
    this.#segments.push(memory);
    const bytes = viewMemory(memory);
    this.#views.push({
      cells: new Float64Array(bytes),
      words: new Int32Array(bytes),
      bytes: new Uint8Array(bytes),
    });
    this.#options.onSegment(memory);
    for (let n = RECORDS_PER_SEGMENT - 1; n >= 0; n--) this.#free.push(index * RECORDS_PER_SEGMENT + n);
  }

  /** Where files are mapped they follow by themselves. What a crash of the process may cost is what was counted since. */
  keep(): void {
    const { dir, isMapped, journal } = this.#options;
    if (dir === undefined || isMapped) return;
    try {
      for (const [worker, memory] of this.#lanes.entries()) keepFile(dir, lanesFile(worker), memory);
      for (const [index, memory] of this.#segments.entries()) keepFile(dir, segmentFile(index), memory);
    } catch (error) {
      const detail = error instanceof Error ? error.message : String(error);
      journal.recordSampled('ledger', 'error', 'ledger_not_kept', { detail });
    }
  }

  #make(file: string, bytes: number): LedgerMemory | undefined {
    const { dir, isMapped } = this.#options;
    if (dir === undefined || !isMapped) return makeShared(bytes);
    const full = path.join(dir, file);
    // It is there where the ports were taken at a first try to start: whoever reads the ledger has it mapped already.
    const made = existsSync(full) ? mapExisting(full, bytes) : makeMapped(full, bytes);
    if (made.ok) return made.memory;
    this.#detail = `${full} cannot be made: ${made.detail}`;
    return undefined;
  }
}
