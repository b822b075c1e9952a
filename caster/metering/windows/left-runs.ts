// What casters that are gone have left: their ledgers are read, every session in them ends with the reason `crash`, and
// a ledger whose rows are all in the spool is deleted. Killed in between, it begins again and gives the same rows.

import { rmSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Journal } from '../../../platform/observe/journal.ts';
import { ENDED, LEDGER_FOLDERS_BEFORE } from '../ledger/layout.ts';
import { ledgerRuns, LedgerReader, leftSource } from '../ledger/ledger-reader.ts';
import { startOf } from '../ledger/records.ts';
import type { SessionRow } from '../record-rows.ts';
import type { UsageRow } from '../usage-row.ts';
import { endingByCrash, endingOf, lastRows } from './window-rows.ts';
import { offerRows, type RowTakers } from './windows.ts';

export interface LeftRunsOptions extends RowTakers {
  /** Of all runs' folders. */
  readonly dir: string;
  /** The run that is no leftover. */
  readonly current: string;
  readonly node: string;
  readonly journal: Journal;
  readonly isStopping: () => boolean;
}

/** How often rows are offered again that were not taken. */
const RETRY_MS = 1000;
/** Records whose rows are offered at once. */
const PIECE_MAX = 500;

/** Resolves when nothing is left, or when it is to stop. */
export async function recoverLeftRuns(options: LeftRunsOptions): Promise<void> {
  tellOtherLayouts(options);
  for (const run of ledgerRuns(options.dir)) {
    if (run === options.current) continue;
    const dir = path.join(options.dir, run);
    const reader = new LedgerReader(leftSource(dir));
    reader.look();
    const told = { sessions: 0, cut: 0, unreadable: 0 };
    for (let segment = 0; segment < reader.segments; segment++) {
      if (!(await recoverSegment(reader, segment, options, told))) return;
    }
    rmSync(dir, { recursive: true, force: true });
    const { sessions, cut, unreadable } = told;
    if (sessions + unreadable > 0)
      options.journal.record('warn', 'ledger_recovered', { run, sessions, cut, unreadable });
  }
}

/** What a caster of an older version has left only that version can read. */
function tellOtherLayouts({ dir, journal }: LeftRunsOptions): void {
  for (const name of LEDGER_FOLDERS_BEFORE) {
    const folder = path.join(path.dirname(dir), name);
    const runs = ledgerRuns(folder).length;
    if (runs > 0) journal.record('error', 'ledger_other_version', { folder, runs });
  }
}

/** False where it was to stop before all rows were taken. */
async function recoverSegment(
  reader: LedgerReader,
  segment: number,
  options: LeftRunsOptions,
  told: { sessions: number; cut: number; unreadable: number },
): Promise<boolean> {
  let usage: UsageRow[] = [];
  let sessions: SessionRow[] = [];
  const offer = async (): Promise<boolean> => {
    while (!(await offerRows(options, usage, sessions))) {
      if (options.isStopping()) return false;
      await sleep(RETRY_MS);
    }
    usage = [];
    sessions = [];
    return !options.isStopping();
  };
  for (const found of reader.records(segment)) {
    const { memory, first, state } = found;
    const identity = reader.identityOf(found);
    if (identity === undefined) {
      told.unreadable += 1;
      continue;
    }
    const ending =
      state === ENDED
        ? endingOf(memory, first)
        : endingByCrash(memory, first, reader.aliveMs(startOf(memory, first).worker));
    const { node } = options;
    const rows = lastRows(memory, first, { identity, node, ending, lanesOf: reader.lanesOf });
    told.sessions += 1;
    if (state !== ENDED) told.cut += 1;
    usage.push(...rows.usage);
    sessions.push(rows.session);
    if (sessions.length >= PIECE_MAX && !(await offer())) return false;
  }
  return await offer();
}
