// All of metering behind the ledger, as one part: windows, what other runs have left, the spool and ClickHouse, charges
// and what customers have left.

import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ChangeBus } from '../../platform/bus/bus.ts';
import type { Journal } from '../../platform/observe/journal.ts';
import type { Store } from '../../platform/store/store.ts';
import { Books } from './charging/books.ts';
import { Budgets } from './charging/budgets.ts';
import { ChargedPlans } from './charging/charged-plans.ts';
import { openCharging } from './charging/open-charging.ts';
import { openSlices } from './charging/slices/open-slices.ts';
import { recallCharged } from './charging/recall-charged.ts';
import { LedgerReader, type LedgerSource, removeRunIfEmpty } from './ledger/ledger-reader.ts';
import { RunningSessions } from './ledger/running-sessions.ts';
import { openSink, type Sink } from './sink/open-sink.ts';
import { type MeteringCounts, meteringCounts } from './metering-counts.ts';
import { recoverLeftRuns } from './windows/left-runs.ts';
import { Windows } from './windows/windows.ts';

export interface MeteringOptions {
  readonly dataDir: string;
  /** Folder of all runs' ledgers, and the name of the one that is being written. */
  readonly ledgerDir: string;
  readonly run: string;
  readonly source: LedgerSource;
  readonly node: string;
  readonly url: string;
  readonly spoolBytesMax: number;
  readonly retentionMonths: number;
  readonly windowMs: number;
  readonly chdbProgram: URL;
  readonly journal: Journal;
  readonly store: Store;
  readonly bus: ChangeBus;
  /** Where several nodes tell each other what they hold of balances; `memory:`, or absent, where there is one. */
  readonly live?: LiveOptions | undefined;
  /** The store did not answer, or there is a bug. */
  readonly failed: (error: unknown) => void;
  readonly endSession: (sessionId: string, reason: 'balance_empty') => void;
}

export interface LiveOptions {
  readonly url: string;
  readonly onOutage: 'refuse' | 'allow';
}

export interface Metering {
  readonly sink: Sink;
  readonly budgets: Budgets;
  counts(): MeteringCounts;
  /** When every session has ended: accounts for them all, as far as the spool has room, and lets go of everything. */
  stop(): Promise<void>;
}

const ONE_NODE: LiveOptions = { url: 'memory:', onOutage: 'refuse' };

/** How often the ledger is looked at: sessions that are over are in the spool within this time. */
const LOOK_PERIOD_MS = 1000;

export async function openMetering(options: MeteringOptions): Promise<Metering> {
  const { dataDir, ledgerDir, run, node, windowMs, journal, store, bus, failed } = options;
  const sink = await openSink(options);
  const plans = new ChargedPlans(store, bus);
  const { charging, state, close } = await openCharging({
    ...{ store, journal, plans, failed },
    dataDir: path.join(dataDir, 'metering'),
    spool: sink.spool,
  });
  const takers = { spool: sink.spool, charge: charging.take.bind(charging) };
  const dir = path.join(ledgerDir, run);
  const reader = new LedgerReader(options.source);
  const running = new RunningSessions(reader);
  await recallCharged(
    { store, state, turns: charging.turns },
    Array.from(running.now(), ({ sessionId }) => sessionId),
  );
  const books = new Books({ store, state, turns: charging.turns });
  const slices = await openSlices({ ...(options.live ?? ONE_NODE), ...{ dataDir, books, state, failed } });
  const budgets = new Budgets({
    ...{ plans, state, books, failed, slices: slices?.slices, endSession: options.endSession },
    running: () => running.now(),
  });
  budgets.start(bus);
  const windows = new Windows({ ...takers, reader, node, windowMs, journal });
  let isStopping = false;
  const recovering = recoverLeftRuns({
    ...{ ...takers, dir: ledgerDir, current: run, node, journal },
    isStopping: () => isStopping,
  });
  const looking = (async () => {
    while (!isStopping) {
      await windows.run();
      await sleep(LOOK_PERIOD_MS);
    }
  })();

  const recovered = (async () => {
    await recovering;
    if (slices === undefined) return;
    // What earlier runs have left is charged when nothing waits any more.
    while (!isStopping) {
      await charging.flush();
      if (charging.waitingRows === 0) {
        slices.slices.recovered();
        return;
      }
      await sleep(LOOK_PERIOD_MS);
    }
  })();

  return {
    ...{ sink, budgets },
    counts: () => meteringCounts(sink, charging),
    async stop() {
      isStopping = true;
      budgets.stop();
      await Promise.all([recovered, looking]);
      const isAllTaken = await windows.run();
      await close();
      if (slices !== undefined) {
        // Nobody uses anything any more: what is not charged is all that is held from here on.
        slices.slices.closing();
        await budgets.reckon(Date.now());
        slices.close();
      }
      if (isAllTaken) removeRunIfEmpty(dir, reader);
      plans.close();
      await sink.stop();
    },
  };
}
