// Rows of metering as the windows, the charging and the registry make them, one like the other unless told otherwise.

import type {
  LoginRow,
  SessionRow,
  StreamHealthRow,
  StreamQualityRow,
} from '../../caster/metering/record-rows.ts';
import type { ChargeRow, UsageOwner, UsageRow, UsageTotals } from '../../caster/metering/usage-row.ts';

export const STARTED_AT_MS = Date.UTC(2026, 10, 24, 23, 59, 50);
const WINDOW_MS = 10_000;

const OWNER: UsageOwner = {
  customerId: 'cus_aaaaaaaaaaaaaaaa',
  appId: 'app_aaaaaaaaaaaaaaaa',
  accountId: 'acc_aaaaaaaaaaaaaaaa',
  account: 'rover-1',
  device: 'dev-1',
  serviceSpecId: 'spec_aaaaaaaaaaaaaaaa',
  billingPlanId: 'plan_aaaaaaaaaaaaaaaa',
};

function totals(windows: number): UsageTotals {
  return {
    bytes: 12_345 * windows,
    epochs: 10 * windows,
    frames: 70 * windows,
    epochsDropped: windows,
    framesDropped: 7 * windows,
    activeSeconds: 10 * windows,
    durationMs: WINDOW_MS * windows,
  };
}

export function usageRow(sessionId: string, window: number, given: Partial<UsageRow> = {}): UsageRow {
  const windowStartedAtMs = STARTED_AT_MS + window * WINDOW_MS;
  return {
    ...OWNER,
    ...{ sessionId, window, revision: 0, role: 'rover', node: 'node-1', mountpoint: 'BASE1', shape: '' },
    sessionStartedAtMs: STARTED_AT_MS,
    windowStartedAtMs,
    windowEndedAtMs: windowStartedAtMs + WINDOW_MS,
    total: totals(window + 1),
    delta: totals(1),
    ...{ isLast: false, reason: '' },
    ...given,
  };
}

export function sessionRow(sessionId: string, given: Partial<SessionRow> = {}): SessionRow {
  return {
    ...OWNER,
    ...{ sessionId, revision: 0, role: 'rover', node: 'node-1', mountpoint: 'BASE1', shape: '' },
    startedAtMs: STARTED_AT_MS,
    endedAtMs: STARTED_AT_MS + 4 * WINDOW_MS,
    total: totals(4),
    unacknowledgedBytes: 17,
    windows: 4,
    reason: 'peer_closed',
    userAgent: 'NTRIP test',
    address: '192.0.2.1',
    ...given,
  };
}

export function chargeRow(key: string, given: Partial<ChargeRow> = {}): ChargeRow {
  return {
    ...OWNER,
    ...{
      key,
      revision: 0,
      kind: 'usage',
      sessionId: 'ses-1',
      window: 0,
      mountpoint: 'BASE1',
      node: 'node-1',
    },
    currency: 'EUR',
    amountMicros: 123n,
    counts: 'bytes',
    units: 10,
    ...{ periodKey: '2026-11', unitsBefore: 0, unitsAfter: 10 },
    dayAtMs: STARTED_AT_MS,
    chargedAtMs: STARTED_AT_MS + WINDOW_MS,
    ...given,
  };
}

export function loginRow(loginId: string, given: Partial<LoginRow> = {}): LoginRow {
  return {
    ...OWNER,
    ...{
      loginId,
      revision: 0,
      atMs: STARTED_AT_MS,
      outcome: 'refused',
      reason: 'login_rate',
      step: 'count-login',
    },
    ...{ times: 3, role: 'rover', node: 'node-1', mountpoint: 'BASE1', sessionId: '' },
    ...{ address: '192.0.2.1', userAgent: 'NTRIP test' },
    ...given,
  };
}

export function qualityRow(mountpoint: string, given: Partial<StreamQualityRow> = {}): StreamQualityRow {
  return {
    ...{ mountpoint, minuteAtMs: Math.floor(STARTED_AT_MS / 60_000) * 60_000, node: 'node-1', revision: 0 },
    ...{ onlineSeconds: 60, bytesReceived: 90_000, framesReceived: 420, framesBad: 1, bytesSkipped: 12 },
    ...{ epochsReceived: 60, epochsDelivered: 6000, epochsDropped: 3, roversMax: 100, silenceMsMax: 1200 },
    ...given,
  };
}

export function healthRow(mountpoint: string, given: Partial<StreamHealthRow> = {}): StreamHealthRow {
  return {
    ...{ mountpoint, minuteAtMs: Math.floor(STARTED_AT_MS / 60_000) * 60_000, node: 'node-1', revision: 0 },
    ...{ epochs: 58, epochsMissing: 2, gaps: 1, timeJumps: 0, intervalMs: 1000, clockWrongSeconds: 0 },
    ...{ ageMsMax: 900, ageMsSum: 18_000, ageCount: 58, cycleSlips: 4, stationMoves: 0, satellitesUsual: 30 },
    satellites: { GPS: 9, GLO: 7, GAL: 6, BDS: 8, QZS: 0, SBAS: 0, IRN: 0 },
    signals: { GPS: 3, GLO: 2, GAL: 4, BDS: 3, QZS: 0, SBAS: 0, IRN: 0 },
    ...given,
  };
}
