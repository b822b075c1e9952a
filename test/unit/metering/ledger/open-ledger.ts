// A ledger in a folder of its own, as the main thread has it, and the same one as its worker and its reader see it.

import { mkdtempSync } from 'node:fs';
import path from 'node:path';
import { LedgerReader, mappedSource } from '../../../../caster/metering/ledger/ledger-reader.ts';
import type { LedgerIdentity, LedgerTerms } from '../../../../caster/metering/ledger/records.ts';
import { SessionLedger } from '../../../../caster/metering/ledger/session-ledger.ts';
import { WorkerLedger } from '../../../../caster/metering/ledger/worker-ledger.ts';
import { Journal } from '../../../../platform/observe/journal.ts';
import { memoryLog } from '../../platform/observe/memory-log.ts';

export interface OpenedLedger {
  readonly runs: string;
  readonly run: string;
  readonly dir: string;
  readonly ledger: SessionLedger;
  readonly worker: WorkerLedger;
  /** Maps the files again, as another process does. */
  readonly reader: LedgerReader;
  readonly journal: Journal;
  readonly events: () => string[];
}

export const TERMS: LedgerTerms = { serviceSpecId: 'spec_a', billingPlanId: 'plan_a', shape: '' };

export function identity(sessionId: string, more: Partial<LedgerIdentity> = {}): LedgerIdentity {
  return {
    sessionId,
    role: 'rover',
    mountpoint: 'BASE1',
    customerId: 'cus_a',
    appId: 'app_a',
    accountId: 'acc_a',
    account: 'rover-1',
    device: 'dev-1',
    address: '192.0.2.7',
    userAgent: 'NTRIP test/1',
    ...more,
  };
}

export function openLedger(
  parent: string,
  { isRead = true, isMapped = true, segmentsMax = 10 } = {},
): OpenedLedger {
  const runs = mkdtempSync(path.join(parent, 'ledger-'));
  const dir = path.join(runs, 'run-1');
  const { log, lines } = memoryLog();
  const journal = new Journal(log);
  const workers: WorkerLedger[] = [];
  const ledger = new SessionLedger({
    dir,
    workers: 1,
    journal,
    isRead,
    isMapped,
    segmentsMax,
    onSegment: (memory) => workers[0]?.addSegment(memory),
  });
  const worker = new WorkerLedger(ledger.startOf(0));
  workers.push(worker);
  const reader = new LedgerReader(mappedSource(dir));
  reader.look();
  const events = (): string[] => lines().map(({ event }) => String(event));
  return { runs, run: 'run-1', dir, ledger, worker, reader, journal, events };
}
