// Starts metering as the configuration wants it: the ledger of this run, and whoever reads it.

import path from 'node:path';
import type { Config } from '../config/schema.ts';
import type { ChangeBus } from '../platform/bus/bus.ts';
import type { Journal } from '../platform/observe/journal.ts';
import { startProblem, type StartProblem } from '../platform/start-problem.ts';
import type { Store } from '../platform/store/store.ts';
import { LEDGER_FOLDER } from '../caster/metering/ledger/layout.ts';
import { whyNotMapped } from '../caster/metering/ledger/ledger-memory.ts';
import type { LedgerSource } from '../caster/metering/ledger/ledger-reader.ts';
import { MeteringHere } from './metering-here.ts';
import { MeteringLink } from './metering-link.ts';
import { takeMeteringLock } from './metering-lock.ts';
import type { MeteringStart } from './metering-messages.ts';
import type { MeteringPort } from './metering-port.ts';
import type { SessionMeterOptions } from './session-meter.ts';

export interface StartedMetering {
  readonly port: MeteringPort;
  readonly ledger: Pick<SessionMeterOptions, 'dir' | 'isRead' | 'isMapped'>;
  /** Of the port, and lets go of the data folder. Safe to call again. */
  stop(): Promise<void>;
}

type ReaderStarted =
  | { readonly ok: true; readonly metering: Pick<StartedMetering, 'port' | 'ledger'> }
  | { readonly ok: false; readonly problem: StartProblem };

export type MeteringStarted =
  | { readonly ok: true; readonly metering: StartedMetering | undefined }
  | { readonly ok: false; readonly problem: StartProblem };

export interface MeteringParts {
  readonly node: string;
  readonly journal: Journal;
  readonly bus: ChangeBus;
  readonly store: Store;
  /** False only to compare: as where the C library cannot be called. */
  readonly mayMap: boolean;
  /** The ledger, when the caster is there. */
  readonly source: () => LedgerSource | undefined;
  /** Milliseconds that another caster in the same folder gets to end; tests have fewer. */
  readonly lockWaitMs?: number;
}

export async function startMetering(config: Config, parts: MeteringParts): Promise<MeteringStarted> {
  const { url, spoolBytesMax, retentionMonths, windowMs } = config.metering;
  if (url === 'off') return { ok: true, metering: undefined };
  const dataDir = path.resolve(config.dataDir);
  const ledgerDir = path.join(dataDir, 'metering', LEDGER_FOLDER);
  // In order of their beginning.
  const run = `${new Date().toISOString().replace(/[:.]/g, '-')}-${process.pid}`;
  const store = { url: config.store.url, dataDir: config.dataDir };
  const start: MeteringStart = {
    ...{ dataDir, ledgerDir, run, node: parts.node, store, live: config.live },
    ...{ url, spoolBytesMax, retentionMonths, windowMs },
  };
  let giveLock: () => void;
  try {
    giveLock = await takeMeteringLock(dataDir, 'caster', parts.lockWaitMs);
  } catch (error) {
    return failed(error instanceof Error ? error.message : String(error));
  }
  const started = await startReader(start, parts);
  if (!started.ok) {
    giveLock();
    return started;
  }
  const { port, ledger } = started.metering;
  return { ok: true, metering: { port, ledger, stop: () => port.stop().finally(giveLock) } };
}

/** Whoever reads the ledger: another process where files can be mapped, else this one. */
async function startReader(start: MeteringStart, parts: MeteringParts): Promise<ReaderStarted> {
  const unmapped = parts.mayMap ? whyNotMapped() : 'switched off';
  const ledger = {
    dir: path.join(start.ledgerDir, start.run),
    isRead: true,
    isMapped: unmapped === undefined,
  };
  if (unmapped !== undefined) {
    parts.journal.record('info', 'ledger_not_mapped', { detail: unmapped });
    return await startHere(start, parts, ledger);
  }
  const link = new MeteringLink({ start, journal: parts.journal, bus: parts.bus });
  const started = await link.start();
  return started.ok ? { ok: true, metering: { port: link, ledger } } : failed(started.detail);
}

async function startHere(
  start: MeteringStart,
  parts: MeteringParts,
  ledger: StartedMetering['ledger'],
): Promise<ReaderStarted> {
  try {
    return { ok: true, metering: { port: await MeteringHere.open(start, parts), ledger } };
  } catch (error) {
    return failed(error instanceof Error ? error.message : String(error));
  }
}

function failed(detail: string): { readonly ok: false; readonly problem: StartProblem } {
  return { ok: false, problem: startProblem('metering_failed', detail) };
}
