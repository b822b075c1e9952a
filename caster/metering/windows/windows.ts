// Cuts running sessions into windows and accounts for those that are over: what the ledger holds becomes rows, and what
// is in the spool is marked so in the ledger. Where the spool takes nothing, the ledger simply goes on to hold it: the
// same rows are offered again, and windows get longer.
//
//   OPEN   ── window due: totals noted ──▶ row offered ──▶ taken: window marked sealed
//   ENDED  ── window begun and not sealed, last window, session ──▶ taken: FREE

import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Journal } from '../../../platform/observe/journal.ts';
import { ENDED } from '../ledger/layout.ts';
import type { FoundRecord, LedgerReader } from '../ledger/ledger-reader.ts';
import { monotonicMs } from '../ledger/layout.ts';
import { endWindow, freeRecord, startOf, windowAgeMs, windowsOf } from '../ledger/records.ts';
import type { SessionRow } from '../record-rows.ts';
import type { SpoolAppend } from '../spool/spool-append.ts';
import type { UsageRow } from '../usage-row.ts';
import { endingOf, lastRows, pendingRow, sealWindow } from './window-rows.ts';

/** Has the rows where they survive a crash, or has none of them; the usage spool is one. */
export interface DurableRows {
  append(table: 'usage', rows: readonly UsageRow[]): Taken | Promise<Taken>;
  append(table: 'sessions', rows: readonly SessionRow[]): Taken | Promise<Taken>;
}

interface Taken {
  readonly ok: boolean;
}

/** Where rows go. */
export interface RowTakers {
  readonly spool: DurableRows;
  /** Takes those that may cost something; absent where nothing is charged. */
  readonly charge?: ((rows: readonly UsageRow[]) => SpoolAppend) | undefined;
}

export interface WindowsOptions extends RowTakers {
  readonly reader: LedgerReader;
  /** Name of the node, for the rows. */
  readonly node: string;
  readonly windowMs: number;
  readonly journal: Journal;
}

/** Records whose rows are offered at once; then others have their turn. */
const PIECE_MAX = 500;

interface Piece {
  readonly usage: UsageRow[];
  readonly sessions: SessionRow[];
  /** Of records whose rows are in the piece. */
  readonly found: FoundRecord[];
}

export class Windows {
  readonly #options: WindowsOptions;
  #running: Promise<boolean> | undefined;

  constructor(options: WindowsOptions) {
    this.#options = options;
  }

  /** Offers what is due by now. False where not all of it was taken. */
  async run(): Promise<boolean> {
    this.#running ??= this.#runOnce().finally(() => (this.#running = undefined));
    return await this.#running;
  }

  async #runOnce(): Promise<boolean> {
    const { reader } = this.#options;
    reader.look();
    let piece = emptyPiece();
    for (let segment = 0; segment < reader.segments; segment++) {
      for (const record of reader.records(segment)) {
        this.#gather(piece, record);
        if (piece.found.length < PIECE_MAX) continue;
        if (!(await this.#offer(piece))) return false;
        piece = emptyPiece();
        await nextTurn();
      }
    }
    return await this.#offer(piece);
  }

  #gather(piece: Piece, record: FoundRecord): void {
    const { reader, node, windowMs, journal } = this.#options;
    const { memory, first, state } = record;
    const identity = reader.identityOf(record);
    if (identity === undefined) {
      if (state !== ENDED) return;
      journal.record('error', 'ledger_record_unreadable', { startedAtMs: startOf(memory, first).atMs });
      freeRecord(memory, first);
      return;
    }
    if (state === ENDED) {
      const ending = endingOf(memory, first);
      const rows = lastRows(memory, first, { identity, node, ending, lanesOf: reader.lanesOf });
      piece.usage.push(...rows.usage);
      piece.sessions.push(rows.session);
      piece.found.push(record);
      return;
    }
    const { pending, sealed } = windowsOf(memory, first);
    if (pending === sealed) {
      const nowMs = monotonicMs();
      if (windowAgeMs(memory, first, nowMs) < windowMs) return;
      sealWindow(memory, first, reader.lanesOf, nowMs);
    }
    const row = pendingRow(memory, first, { identity, node });
    if (row === undefined) return;
    piece.usage.push(row);
    piece.found.push(record);
  }

  async #offer({ usage, sessions, found }: Piece): Promise<boolean> {
    if (found.length === 0) return true;
    this.#options.reader.keep();
    if (!(await offerRows(this.#options, usage, sessions))) return false;
    for (const { memory, first, state } of found) {
      if (state === ENDED) freeRecord(memory, first);
      else endWindow(memory, first);
    }
    return true;
  }
}

/**
 * All rows, or (as far as it matters: a row that is offered again changes nothing) none of them. Whoever charges is asked
 * first: while the store is away for long, the spool would else take the same rows again at every look.
 */
export async function offerRows(
  { spool, charge }: RowTakers,
  usage: readonly UsageRow[],
  sessions: readonly SessionRow[],
): Promise<boolean> {
  const charged = charge === undefined ? [] : usage.filter(({ billingPlanId }) => billingPlanId !== '');
  if (charged.length > 0 && !charge!(charged).ok) return false;
  return (await spool.append('usage', usage)).ok && (await spool.append('sessions', sessions)).ok;
}

function emptyPiece(): Piece {
  return { usage: [], sessions: [], found: [] };
}
