// All of metering behind the ledger, as one part: windows, what other runs have left, the spool and ClickHouse.

import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Journal } from '../../platform/observe/journal.ts';
import { LedgerReader, removeRunIfEmpty } from './ledger/ledger-reader.ts';
import { openSink, type Sink } from './sink/open-sink.ts';
import { recoverLeftRuns } from './windows/left-runs.ts';
import { Windows } from './windows/windows.ts';

export interface MeteringOptions {
  readonly dataDir: string;
  /** Folder of all runs' ledgers, and the name of the one that is being written. */
  readonly ledgerDir: string;
  readonly run: string;
  readonly node: string;
  readonly url: string;
  readonly spoolBytesMax: number;
  readonly retentionMonths: number;
  readonly windowMs: number;
  readonly chdbProgram: URL;
  readonly journal: Journal;
}

export interface Metering {
  readonly sink: Sink;
  /** When every session has ended: accounts for them all, as far as the spool has room, and lets go of everything. */
  stop(): Promise<void>;
}

/** How often the ledger is looked at: sessions that are over are in the spool within this time. */
const LOOK_PERIOD_MS = 1000;

export async function openMetering(options: MeteringOptions): Promise<Metering> {
  const { ledgerDir, run, node, windowMs, journal } = options;
  const sink = await openSink(options);
  const takers = { spool: sink.spool };
  const dir = path.join(ledgerDir, run);
  const reader = new LedgerReader(dir, true);
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

  return {
    sink,
    async stop() {
      isStopping = true;
      await Promise.all([recovering, looking]);
      if (await windows.run()) removeRunIfEmpty(dir, reader);
      await sink.stop();
    },
  };
}
