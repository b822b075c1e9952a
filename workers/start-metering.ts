// Starts metering as the configuration wants it: the ledger of this run, and the process that reads it.

import path from 'node:path';
import type { Config } from '../config/schema.ts';
import type { ChangeBus } from '../platform/bus/bus.ts';
import type { Journal } from '../platform/observe/journal.ts';
import { startProblem, type StartProblem } from '../platform/start-problem.ts';
import { whyNotMapped } from '../caster/metering/ledger/ledger-memory.ts';
import { MeteringLink } from './metering-link.ts';

export interface StartedMetering {
  readonly link: MeteringLink;
  /** Folder of this run's ledger. */
  readonly ledgerDir: string;
}

export type MeteringStarted =
  | { readonly ok: true; readonly metering: StartedMetering | undefined }
  | { readonly ok: false; readonly problem: StartProblem };

export async function startMetering(
  config: Config,
  { node, journal, bus }: { readonly node: string; readonly journal: Journal; readonly bus: ChangeBus },
): Promise<MeteringStarted> {
  const { url, spoolBytesMax, retentionMonths, windowMs } = config.metering;
  if (url === 'off') return { ok: true, metering: undefined };
  const unmapped = whyNotMapped();
  if (unmapped !== undefined) {
    const fix = 'run it where koffi can be loaded (Linux with glibc), or set metering.url to off';
    journal.record('error', 'metering_not_possible', { detail: unmapped, fix });
    return { ok: true, metering: undefined };
  }
  const dataDir = path.resolve(config.dataDir);
  const runs = path.join(dataDir, 'metering', 'ledger');
  // In order of their beginning.
  const run = `${new Date().toISOString().replace(/[:.]/g, '-')}-${process.pid}`;
  const store = { url: config.store.url, dataDir: config.dataDir };
  const start = { dataDir, ledgerDir: runs, run, node, url, spoolBytesMax, retentionMonths, windowMs, store };
  const link = new MeteringLink({ start, journal, bus });
  const started = await link.start();
  if (!started.ok) return { ok: false, problem: startProblem('metering_failed', started.detail) };
  return { ok: true, metering: { link, ledgerDir: path.join(runs, run) } };
}
