// The ledger as a stream worker has it: the segments that the main thread has made, and the worker's own lanes.

import { LaneSlots } from './lane-slots.ts';
import { RECORD_CELLS, RECORDS_PER_SEGMENT } from './layout.ts';
import { type LedgerMemory, viewMemory } from './ledger-memory.ts';
import { looseRecord, type RecordPlace } from './record-counts.ts';

/** What a worker is told of the ledger when it starts. */
export interface LedgerStart {
  readonly segments: readonly LedgerMemory[];
  readonly lanes: LedgerMemory;
}

interface Segment {
  readonly cells: Float64Array;
  readonly words: Int32Array;
}

export class WorkerLedger {
  readonly lanes: LaneSlots;
  readonly #segments: Segment[] = [];

  constructor(start: LedgerStart) {
    this.lanes = new LaneSlots(viewMemory(start.lanes));
    for (const memory of start.segments) this.addSegment(memory);
  }

  addSegment(memory: LedgerMemory): void {
    const bytes = viewMemory(memory);
    this.#segments.push({ cells: new Float64Array(bytes), words: new Int32Array(bytes) });
  }

  /** Of a session that has none, a place of its own that nobody else sees. */
  place(record: number | undefined): RecordPlace {
    if (record === undefined) return looseRecord();
    const segment = this.#segments[Math.floor(record / RECORDS_PER_SEGMENT)]!;
    return { ...segment, first: (record % RECORDS_PER_SEGMENT) * RECORD_CELLS };
  }
}
