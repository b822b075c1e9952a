// All of metering where there is no ClickHouse: windows of a minute, added up by day in the store. There is no spool
// between: what the store does not take stays in the ledger, and windows get longer.

import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  RETENTION_FIRST_MS,
  RETENTION_PERIOD_MS,
  USAGE_DAYS_LOOK_MS,
  USAGE_DAYS_WINDOW_MS,
} from '../../../config/limits.ts';
import type { Journal } from '../../../platform/observe/journal.ts';
import type { Store } from '../../../platform/store/store.ts';
import { LedgerReader, type LedgerSource, removeRunIfEmpty } from '../ledger/ledger-reader.ts';
import { recoverLeftRuns } from '../windows/left-runs.ts';
import { type DurableRows, Windows } from '../windows/windows.ts';
import { addToDays, forgetOldDays } from './usage-days.ts';

export interface DaysOptions {
  /** Folder of all runs' ledgers and the name of the one that is being written; undefined where it is in memory only. */
  readonly ledger: { readonly dir: string; readonly run: string } | undefined;
  readonly source: LedgerSource;
  readonly node: string;
  readonly retentionMonths: number;
  readonly journal: Journal;
  readonly store: Store;
  /** The store did not answer, or there is a bug. */
  readonly failed: (error: unknown) => void;
}

export interface Days {
  /** When every session has ended: adds up what is left, where the store takes it, and lets go of everything. */
  stop(): Promise<void>;
}

export function openDays({
  ledger,
  source,
  node,
  retentionMonths,
  journal,
  store,
  failed,
}: DaysOptions): Days {
  const spool: DurableRows = {
    async append(table, rows) {
      if (table !== 'usage') return { ok: true };
      try {
        // The overloads say which rows belong to which table, but not to the compiler in here.
        await addToDays(store, rows as Parameters<typeof addToDays>[1], Date.now());
        return { ok: true };
      } catch (error) {
        failed(error);
        return { ok: false };
      }
    },
  };
  const reader = new LedgerReader(source);
  const windows = new Windows({ spool, reader, node, windowMs: USAGE_DAYS_WINDOW_MS, journal });
  const stopping = new AbortController();
  const { signal } = stopping;
  const isStopping = (): boolean => signal.aborted;
  const recovering =
    ledger === undefined
      ? Promise.resolve()
      : recoverLeftRuns({ spool, dir: ledger.dir, current: ledger.run, node, journal, isStopping });
  const looking = (async () => {
    while (!isStopping()) {
      await windows.run();
      await sleep(USAGE_DAYS_LOOK_MS, undefined, { signal, ref: false }).catch(() => undefined);
    }
  })();

  const forget = (): void => {
    forgetOldDays(store, retentionMonths, Date.now()).then((month) => {
      if (month !== undefined) journal.record('info', 'retention_dropped', { table: 'usage_days', month });
    }, failed);
  };
  // Not at once, and a month at a time: a machine that starts in the wrong year must not empty the table.
  let forgetting = setTimeout(() => {
    forget();
    forgetting = setInterval(forget, RETENTION_PERIOD_MS);
    forgetting.unref();
  }, RETENTION_FIRST_MS);
  forgetting.unref();

  return {
    async stop() {
      stopping.abort();
      clearTimeout(forgetting);
      await Promise.all([recovering, looking]);
      const isAllTaken = await windows.run();
      if (isAllTaken && ledger !== undefined) removeRunIfEmpty(path.join(ledger.dir, ledger.run), reader);
    },
  };
}
