// A ledger of nobody's, for what counts in one and is tested without a main thread: no session has a record in it.

import { LANE_CELLS } from '../../caster/metering/ledger/layout.ts';
import { makeShared } from '../../caster/metering/ledger/ledger-memory.ts';
import { type LedgerStart, WorkerLedger } from '../../caster/metering/ledger/worker-ledger.ts';

/** Lanes for as many mountpoints less one. */
const SLOTS = 64;

export function looseLedgerStart(): LedgerStart {
  return { segments: [], lanes: makeShared(SLOTS * LANE_CELLS * Float64Array.BYTES_PER_ELEMENT) };
}

export function looseLedger(): WorkerLedger {
  return new WorkerLedger(looseLedgerStart());
}
