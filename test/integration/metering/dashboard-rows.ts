// Rows that the dashboards are asked about: an evening around midnight, with sessions that began long before, rows
// before and after the range, rows written again with a higher revision, and rows that nobody owns.

import { rowLine } from '../../../caster/metering/spool/row-lines.ts';
import type { MeterRows } from '../../../caster/metering/meter-rows.ts';
import type {
  LoginRow,
  SessionRow,
  StreamHealthRow,
  StreamQualityRow,
} from '../../../caster/metering/record-rows.ts';
import type { ChargeRow, MeterTable, UsageRow } from '../../../caster/metering/usage-row.ts';
import {
  chargeRow,
  healthRow,
  loginRow,
  qualityRow,
  sessionRow,
  usageRow,
} from '../../support/meter-rows.ts';

const S = 1000;
const MINUTE = 60 * S;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** The range is 22:30:20 to 01:10:40, so that its ends lie within minutes and within intervals. */
export const FROM_MS = Date.UTC(2025, 2, 10, 22, 30, 20);
export const TO_MS = Date.UTC(2025, 2, 11, 1, 10, 40);
export const INTERVAL_S = 600;

const NOBODY = { customerId: '', appId: '', accountId: '', serviceSpecId: '', billingPlanId: '' };
const HILL = { mountpoint: 'HILL', node: 'node-1', customerId: 'cus_a', appId: 'app_a', account: 'rover-a' };
const LAKE = { mountpoint: 'LAKE', node: 'node-2', customerId: 'cus_b', appId: 'app_b', account: 'rover-b' };
const OPEN = { mountpoint: 'LAKE', node: 'node-2', ...NOBODY, account: 'field', device: '' };

/** A window of `session`, `atMs` into the range (before it where negative), with numbers that are its own. */
function windowRow(session: string, window: number, atMs: number, given: Partial<UsageRow>): UsageRow {
  const windowStartedAtMs = FROM_MS + atMs;
  const seed = window + session.length * 7;
  return usageRow(session, window, {
    sessionStartedAtMs: windowStartedAtMs - window * 10 * S,
    windowStartedAtMs,
    windowEndedAtMs: windowStartedAtMs + 10 * S,
    delta: {
      bytes: 1000 + 37 * seed,
      epochs: 10 + (seed % 3),
      frames: 70,
      epochsDropped: seed % 4,
      framesDropped: 7,
      activeSeconds: 9 + (seed % 2),
      durationMs: 10_000 + seed,
    },
    ...given,
  });
}

const usage: UsageRow[] = [
  // Before the range, at both its ends, and after it.
  ...[-10 * S, 0, 10 * S, HOUR, TO_MS - FROM_MS, TO_MS - FROM_MS + S].map((atMs, window) =>
    windowRow('ses_hill', window, atMs, HILL),
  ),
  // A session that began forty days before, so that its partition is another one.
  ...[0, 1, 2].map((n) => windowRow('ses_old', 345_600 + n, 2 * HOUR + n * 10 * S, LAKE)),
  ...[0, 1].map((n) => windowRow('ses_open', n, 90 * MINUTE + n * 10 * S, OPEN)),
  // In the last minute of the range.
  windowRow('ses_last', 0, TO_MS - FROM_MS - 30 * S, { ...HILL, account: 'rover-c', node: 'node-2' }),
  ...[0, 1].map((n) =>
    windowRow('ses_base', n, 30 * MINUTE + n * 10 * S, { ...HILL, ...NOBODY, role: 'base', account: '' }),
  ),
  // Written again, with less.
  windowRow('ses_open', 1, 90 * MINUTE + 10 * S, {
    ...OPEN,
    revision: 1,
    delta: { ...windowRow('x', 0, 0, {}).delta, bytes: -5 },
  }),
];

const ended = (id: string, atMs: number, lastedS: number, given: Partial<SessionRow>): SessionRow =>
  sessionRow(id, {
    startedAtMs: FROM_MS + atMs - lastedS * S,
    endedAtMs: FROM_MS + atMs,
    total: { ...windowRow(id, 0, 0, {}).delta, durationMs: lastedS * S },
    ...given,
  });

const sessions: SessionRow[] = [
  ended('ses_1', 5 * MINUTE, 40, HILL),
  ended('ses_2', 50 * MINUTE, 3 * 86_400, { ...LAKE, unacknowledgedBytes: 2100, reason: 'stalled' }),
  ended('ses_3', 50 * MINUTE + 7 * S, 11, { ...HILL, reason: 'stalled' }),
  ended('ses_4', 55 * MINUTE, 600, { ...HILL, reason: 'stalled' }),
  ended('ses_5', 55 * MINUTE, 60, { ...HILL, ...NOBODY, role: 'base', reason: 'base_silent' }),
  ended('ses_before', -S, 60, HILL),
  ended('ses_after', TO_MS - FROM_MS + S, 60, HILL),
  ended('ses_4', 55 * MINUTE, 601, { ...HILL, reason: 'crash', revision: 1 }),
];

const login = (id: string, atMs: number, given: Partial<LoginRow>): LoginRow =>
  loginRow(id, { atMs: FROM_MS + atMs, ...given });
const LET_IN = { outcome: 'accepted', reason: '', step: '', times: 1 } as const;

const logins: LoginRow[] = [
  login('log_1', S, { ...HILL, ...LET_IN }),
  login('log_2', 70 * MINUTE, { ...LAKE, ...LET_IN }),
  login('log_3', 71 * MINUTE, { ...LAKE, times: 12 }),
  login('log_4', 71 * MINUTE + S, { ...LAKE, times: 2, address: '192.0.2.2' }),
  login('log_5', 20 * MINUTE, { ...HILL, reason: 'sessions_full', step: 'open-session', times: 5 }),
  login('log_6', 2 * HOUR, { ...OPEN, reason: 'credentials_wrong', step: 'find-account', times: 30 }),
  login('log_before', -S, { ...HILL, times: 100 }),
  login('log_after', TO_MS - FROM_MS + S, { ...HILL, times: 100 }),
];

const charge = (key: string, atMs: number, given: Partial<ChargeRow>): ChargeRow =>
  chargeRow(key, {
    chargedAtMs: FROM_MS + atMs,
    dayAtMs: FROM_MS + atMs - DAY,
    billingPlanId: 'plan_1',
    ...given,
  });

const charges: ChargeRow[] = [
  charge('a/0/plan', 10 * S, { ...HILL, amountMicros: 1_250_000n, units: 3 }),
  charge('a/1/plan', 20 * S, { ...HILL, amountMicros: -250_001n, units: -1 }),
  charge('b/0/plan', HOUR, { ...LAKE, amountMicros: 70_000_003n, units: 7, currency: 'CNY' }),
  charge('b/1/plan', HOUR + S, { ...LAKE, amountMicros: 9n, units: 1, billingPlanId: 'plan_2' }),
  charge('month', 2 * HOUR, {
    ...{ ...LAKE, mountpoint: '', node: '', sessionId: '', kind: 'period' as const },
    ...{ amountMicros: 30_000_000n, units: 1, dayAtMs: FROM_MS - 20 * DAY },
  }),
  charge('before', -S, { ...HILL, amountMicros: 5_000_000n }),
  charge('after', TO_MS - FROM_MS + S, { ...HILL, amountMicros: 5_000_000n }),
];

const minute = (mountpoint: string, n: number, given: Partial<StreamQualityRow> = {}): StreamQualityRow =>
  qualityRow(mountpoint, {
    // The first whole minute of the range is number 0.
    minuteAtMs: Math.ceil(FROM_MS / MINUTE) * MINUTE + n * MINUTE,
    framesReceived: 400 + n,
    framesBad: n % 3,
    epochsDelivered: 100 + n,
    epochsDropped: n % 5,
    roversMax: 10 + n,
    silenceMsMax: 1000 + n,
    ...given,
  });

const LATE: Partial<StreamHealthRow> = {
  ...{ ageMsMax: 4500, ageMsSum: 58 * 2500, cycleSlips: 40 },
  satellites: { GPS: 4, GLO: 0, GAL: 0, BDS: 5, QZS: 1, SBAS: 0, IRN: 0 },
};

const stream_quality: StreamQualityRow[] = [
  ...Array.from({ length: 160 }, (_, n) => minute('HILL', n)),
  // Half an hour of a base that sends in half of its seconds, and moves to another node in the last of its minutes.
  ...Array.from({ length: 30 }, (_, n) => minute('LAKE', 20 + n, { onlineSeconds: 30, epochsReceived: 6 })),
  minute('LAKE', 49, { node: 'node-2', onlineSeconds: 45, roversMax: 3, silenceMsMax: 9000 }),
  minute('HILL', -1, { framesBad: 1000 }),
  minute('HILL', 161, { framesBad: 1000 }),
  minute('HILL', 3, { revision: 1, onlineSeconds: 12, framesBad: 40 }),
];

/** The same minutes: a base that leaves every tenth epoch out, and one that is late and has lost its constellations. */
const stream_health: StreamHealthRow[] = stream_quality.map((row) => ({
  ...healthRow(row.mountpoint, row.mountpoint === 'HILL' ? { epochs: 54, epochsMissing: 6 } : LATE),
  ...{ minuteAtMs: row.minuteAtMs, node: row.node, revision: row.revision },
}));

export const ROWS: { readonly [Table in MeterTable]: readonly MeterRows[Table][] } = {
  usage,
  sessions,
  charges,
  logins,
  stream_quality,
  stream_health,
};

/** Every table's rows as the spool writes them, to be inserted as often as one likes. */
export function rowBatches(): [MeterTable, string][] {
  return [
    ['usage', usage.map((row) => rowLine('usage', row)).join('')],
    ['sessions', sessions.map((row) => rowLine('sessions', row)).join('')],
    ['charges', charges.map((row) => rowLine('charges', row)).join('')],
    ['logins', logins.map((row) => rowLine('logins', row)).join('')],
    ['stream_quality', stream_quality.map((row) => rowLine('stream_quality', row)).join('')],
    ['stream_health', stream_health.map((row) => rowLine('stream_health', row)).join('')],
  ];
}
