// Daily totals of usage where metering is off, on the main thread: a window of each session a minute, read from the
// ledger that the workers count in anyway. A process of its own would cost more than it does.

import path from 'node:path';
import { StoreTrouble } from '../caster/accounts/store-trouble.ts';
import { type Days, openDays } from '../caster/metering/days/open-days.ts';
import { whyNotMapped } from '../caster/metering/ledger/ledger-memory.ts';
import type { Config } from '../config/schema.ts';
import { startProblem, type StartProblem } from '../platform/start-problem.ts';
import { takeMeteringLock } from './metering-lock.ts';
import type { SessionMeterOptions } from './session-meter.ts';
import type { MeteringParts } from './start-metering.ts';

export interface DailyTotals {
  readonly ledger: Pick<SessionMeterOptions, 'dir' | 'isRead' | 'isMapped'>;
  /** After the last session has ended. Safe to call again. */
  stop(): Promise<void>;
}

export type DailyTotalsStarted =
  | { readonly ok: true; readonly totals: DailyTotals | undefined }
  | { readonly ok: false; readonly problem: StartProblem };

export type DailyTotalsParts = Pick<MeteringParts, 'node' | 'journal' | 'store' | 'mayMap' | 'source'>;

/** None where metering is on: then there is ClickHouse for that. */
export async function startDailyTotals(
  { dataDir, metering }: Pick<Config, 'dataDir' | 'metering'>,
  { node, journal, store, mayMap, source }: DailyTotalsParts,
): Promise<DailyTotalsStarted> {
  if (metering.url !== 'off') return { ok: true, totals: undefined };
  const folder = path.resolve(dataDir);
  // Not beside the ledgers that are charged for: what those have left waits until metering is on again.
  const dir = path.join(folder, 'metering', 'days');
  const run = `${new Date().toISOString().replace(/[:.]/g, '-')}-${process.pid}`;
  // To write whole files four times a second is dearer than what a kill then costs: a minute of totals.
  const isMapped = mayMap && whyNotMapped() === undefined;
  let giveLock: () => void;
  try {
    giveLock = await takeMeteringLock(folder, 'caster');
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    return { ok: false, problem: startProblem('metering_failed', detail) };
  }
  const days: Days = openDays({
    ledger: isMapped ? { dir, run } : undefined,
    source: {
      segment: (index) => source()?.segment(index),
      lanes: (worker) => source()?.lanes(worker),
    },
    ...{ node, journal, store, retentionMonths: metering.retentionMonths },
    failed: new StoreTrouble(journal).failed,
  });
  let stopped: Promise<void> | undefined;
  return {
    ok: true,
    totals: {
      ledger: { dir: isMapped ? path.join(dir, run) : undefined, isRead: true, isMapped },
      stop() {
        stopped ??= days.stop().finally(giveLock);
        return stopped;
      },
    },
  };
}
