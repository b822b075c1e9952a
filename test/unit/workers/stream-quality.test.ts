// Tests what the reports of a base become: one row for each minute, with what came in that minute alone.

import { expect, test } from 'vitest';
import { type Session, SessionRegistry } from '../../../caster/accounts/session-registry.ts';
import type { StreamHealthRow, StreamQualityRow } from '../../../caster/metering/record-rows.ts';
import type { BaseReport } from '../../../caster/net/house.ts';
import { StreamHealth } from '../../../caster/rtcm/health/stream-health.ts';
import { StationFacts } from '../../../caster/rtcm/station-facts.ts';
import { StreamQuality } from '../../../workers/stream-quality.ts';

const AT_MS = Date.UTC(2026, 10, 25, 12, 0, 0);
const facts = new StationFacts().snapshot(0);
const health = new StreamHealth().snapshot(0);

/** After so many seconds of a stream of one epoch a second. */
function report(seconds: number, given: Partial<BaseReport> = {}): BaseReport {
  return {
    ...{ sessionId: 'ses_base', mountpoint: 'BASE1', silentMs: 300, facts, health },
    ...{ bytes: 1000 * seconds, epochs: seconds, frames: 7 * seconds, crcErrors: 0, bytesSkipped: 0 },
    ...given,
  };
}

function session(id: string, role: Session['role']): Session {
  return {
    ...{ id, role, worker: 0, mountpoint: 'BASE1', account: undefined, address: '192.0.2.1' },
    ...{ userAgent: '', version: 2, secure: false, startedAtMs: AT_MS, generation: 0 },
  };
}

function watched() {
  const rows: StreamQualityRow[] = [];
  const healthRows: StreamHealthRow[] = [];
  const sessions = new SessionRegistry();
  const clock = { ms: AT_MS };
  const quality = new StreamQuality({
    node: 'node-1',
    now: () => clock.ms,
    append: ({ table, rows: more }) => {
      if (table === 'stream_quality') rows.push(...more);
      if (table === 'stream_health') healthRows.push(...more);
    },
  });
  const takeAt = (seconds: number, ...reports: BaseReport[]): void => {
    clock.ms = AT_MS + seconds * 1000;
    quality.take(reports, sessions);
  };
  return { rows, healthRows, sessions, quality, takeAt };
}

test('each minute has what came in it, and the next one begins anew', () => {
  const { rows, quality, takeAt } = watched();
  for (let second = 1; second <= 90; second++) takeAt(second, report(second));
  quality.flush();
  expect(rows).toMatchObject([
    { minuteAtMs: AT_MS, onlineSeconds: 59, bytesReceived: 59_000, epochsReceived: 59, framesReceived: 413 },
    { minuteAtMs: AT_MS + 60_000, onlineSeconds: 31, bytesReceived: 31_000, epochsReceived: 31 },
  ]);
});

test('a base that was silent was not online, and how long it was silent is told', () => {
  const { rows, quality, takeAt } = watched();
  for (let second = 1; second <= 10; second++) takeAt(second, report(second));
  for (let second = 11; second <= 30; second++)
    takeAt(second, report(10, { silentMs: (second - 10) * 1000 }));
  takeAt(31, report(11, { crcErrors: 2, bytesSkipped: 64 }));
  quality.flush();
  expect(rows).toMatchObject([{ onlineSeconds: 11, silenceMsMax: 20_000, framesBad: 2, bytesSkipped: 64 }]);
});

test('two bases of a mountpoint, one after the other, are one minute', () => {
  const { rows, quality, takeAt } = watched();
  takeAt(1, report(5));
  quality.over(session('ses_base', 'base'), undefined);
  takeAt(2, report(3, { sessionId: 'ses_other' }));
  quality.flush();
  expect(rows).toMatchObject([{ mountpoint: 'BASE1', bytesReceived: 8000, epochsReceived: 8 }]);
});

test('the most rovers that a mountpoint had at a look are in its minute', () => {
  const { rows, sessions, quality, takeAt } = watched();
  for (const id of ['ses_1', 'ses_2', 'ses_3']) sessions.open(session(id, 'rover'));
  takeAt(1, report(1));
  sessions.close('ses_1');
  takeAt(10, report(10));
  quality.flush();
  expect(rows).toMatchObject([{ roversMax: 3 }]);
});

test('what a base sent after its last report is counted when it ends, and what a rover got is not', () => {
  const { rows, quality, takeAt } = watched();
  const end = {
    ...{
      sessionId: 'ses_base',
      reason: 'peer_closed' as const,
      durationMs: 5000,
      bytes: 5500,
      epochs: 5,
      frames: 37,
    },
    ...{ epochsDropped: 0, framesDropped: 0, unacknowledgedBytes: 0 },
  } as const;
  takeAt(5, report(4));
  quality.over(session('ses_base', 'base'), end);
  quality.over(session('ses_rover', 'rover'), end);
  quality.flush();
  expect(rows).toMatchObject([{ bytesReceived: 5500, epochsReceived: 5, framesReceived: 37 }]);
});

test('how well a base did is a row of the minute: what changed in it, the fewest satellites, the oldest observations', () => {
  const { healthRows, quality, takeAt } = watched();
  const gps = { system: 'GPS', signals: 3, usualSatellites: 9, usualSignals: 3, isLost: false } as const;
  const after = (epochs: number, satellites: number, ageMs: number): BaseReport =>
    report(epochs, {
      health: {
        ...health,
        ...{ epochs, epochsMissing: epochs - 1, gaps: 1, slips: 2 * epochs, intervalMs: 1000, ageMs },
        systems: [{ ...gps, satellites }],
        clockFault: epochs < 3 ? null : { kind: 'ahead', system: 'GPS', offsetMs: 5000 },
      },
    });
  takeAt(1, after(1, 9, 200));
  takeAt(2, after(2, 7, 700));
  takeAt(3, after(3, 8, 300));
  takeAt(61, after(4, 9, 100));
  quality.flush();
  expect(healthRows).toMatchObject([
    {
      ...{ mountpoint: 'BASE1', minuteAtMs: AT_MS, node: 'node-1', epochs: 3, epochsMissing: 2, gaps: 1 },
      ...{
        cycleSlips: 6,
        intervalMs: 1000,
        ageMsMax: 700,
        ageMsSum: 1200,
        ageCount: 3,
        clockWrongSeconds: 1,
      },
      satellites: { GPS: 7, GLO: 0 },
      signals: { GPS: 3, GLO: 0 },
      satellitesUsual: 9,
    },
    {
      minuteAtMs: AT_MS + 60_000,
      epochs: 1,
      epochsMissing: 1,
      gaps: 0,
      cycleSlips: 2,
      satellites: { GPS: 9 },
    },
  ]);
});

test('a stream without observations makes no row of how well its base does', () => {
  const { healthRows, quality, takeAt } = watched();
  for (let second = 1; second <= 3; second++) takeAt(second, report(second));
  quality.flush();
  expect(healthRows).toEqual([]);
});
