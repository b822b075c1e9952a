// Tests what the ledger is told of sessions whose worker is gone.

import { afterEach, expect, test, vi } from 'vitest';
import type { Session } from '../../../caster/accounts/session-registry.ts';
import { LedgerReader } from '../../../caster/metering/ledger/ledger-reader.ts';
import { readEnd } from '../../../caster/metering/ledger/records.ts';
import { Journal } from '../../../platform/observe/journal.ts';
import { SessionMeter } from '../../../workers/session-meter.ts';
import { memoryLog } from '../platform/observe/memory-log.ts';

afterEach(() => vi.restoreAllMocks());

const HOUR_MS = 3_600_000;

test('a session whose worker is gone was as long as it was, although the clock was set meanwhile', () => {
  const meter = new SessionMeter({
    ...{ dir: undefined, workers: 1, isRead: true, isMapped: false, onSegment: () => undefined },
    journal: new Journal(memoryLog().log),
  });
  const session: Session = {
    ...{ id: 'ses_a', role: 'rover', worker: 0, mountpoint: 'BASE1', account: 'rover-1', generation: 0 },
    ...{ address: '192.0.2.7', userAgent: 'NTRIP test/1', version: 2, secure: false },
    startedAtMs: Date.now(),
  };
  meter.begin(session, { serviceSpecId: '', billingPlanId: 'plan_a', shape: '' });
  vi.spyOn(Date, 'now').mockReturnValue(session.startedAtMs + HOUR_MS);
  meter.end(session, 'worker_lost', undefined);
  const reader = new LedgerReader(meter.ledger);
  reader.look();
  const [found] = reader.records(0);
  const { durationMs, endedAtMs } = readEnd(found!.memory, found!.first);
  expect(endedAtMs - session.startedAtMs).toBe(HOUR_MS);
  expect(durationMs).toBeLessThan(HOUR_MS / 60);
});
