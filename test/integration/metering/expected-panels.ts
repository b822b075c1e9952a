// What the dashboards must show of the rows in dashboard-rows.ts, reckoned from the rows themselves and without SQL: by
// dashboard and panel, as rows in any order.

import type { StreamHealthRow, StreamQualityRow } from '../../../caster/metering/record-rows.ts';
import type { UsageRow, UsageTotals } from '../../../caster/metering/usage-row.ts';
import { FROM_MS, INTERVAL_S, ROWS, TO_MS } from './dashboard-rows.ts';

type Shown = Readonly<Record<string, unknown>>;

const isAsked = (ms: number): boolean => ms >= FROM_MS && ms <= TO_MS;
const sum = <T>(rows: readonly T[], of: (row: T) => number): number =>
  rows.reduce((total, row) => total + of(row), 0);
const most = <T>(rows: readonly T[], of: (row: T) => number): number => Math.max(...rows.map(of));
const different = <T>(rows: readonly T[], of: (row: T) => unknown): number => new Set(rows.map(of)).size;
const text = (ms: number): string => new Date(ms).toISOString().slice(0, 19).replace('T', ' ');
const intervalOf = (ms: number): string => text(ms - (ms % (INTERVAL_S * 1000)));
const named = (name: string): string => (name === '' ? '(none)' : name);

/** One row a key: that of the highest revision. */
function latest<T extends { readonly revision: number }>(rows: readonly T[], key: (row: T) => string): T[] {
  const kept = new Map<string, T>();
  for (const row of rows) {
    const before = kept.get(key(row));
    if (before === undefined || before.revision < row.revision) kept.set(key(row), row);
  }
  return [...kept.values()];
}

/** Rows that share a text, as what `show` says of each text. */
const by = <T>(rows: readonly T[], key: (row: T) => string, show: (rows: T[], first: T) => Shown): Shown[] =>
  [...Map.groupBy(rows, key).values()].map((group) => show(group, group[0]!));

const windows = latest(ROWS.usage, (row) => `${row.sessionId} ${row.window}`).filter((row) =>
  isAsked(row.windowStartedAtMs),
);
const rovers = windows.filter(({ role }) => role === 'rover');
const ended = latest(ROWS.sessions, (row) => row.sessionId).filter((row) => isAsked(row.endedAtMs));
const logins = latest(ROWS.logins, (row) => row.loginId).filter((row) => isAsked(row.atMs));
const refused = logins.filter(({ outcome }) => outcome === 'refused');
const charges = latest(ROWS.charges, (row) => row.key).filter((row) => isAsked(row.chargedAtMs));
const minutes = latest(
  ROWS.stream_quality,
  (row) => `${row.mountpoint} ${row.minuteAtMs} ${row.node}`,
).filter((row) => isAsked(row.minuteAtMs));

const total = (rows: readonly UsageRow[], name: keyof UsageTotals): number =>
  sum(rows, ({ delta }) => delta[name]);
const used = (rows: readonly UsageRow[]): Shown => ({
  Sessions: different(rows, ({ sessionId }) => sessionId),
  Bytes: total(rows, 'bytes'),
  Epochs: total(rows, 'epochs'),
  'Epochs dropped': total(rows, 'epochsDropped'),
  Connected: total(rows, 'durationMs') / 1000,
  'With corrections': total(rows, 'activeSeconds'),
});
/** Exact: millionths are added up as whole numbers. */
const amount = (rows: readonly { readonly amountMicros: bigint }[]): number =>
  Number(rows.reduce((micros, row) => micros + row.amountMicros, 0n)) / 1e6;

const operations: Record<string, Shown[]> = {
  'Rovers in the last minute': [
    {
      Rovers: different(
        rovers.filter((row) => row.windowStartedAtMs > TO_MS - 60_000),
        (row) => row.sessionId,
      ),
    },
  ],
  'Logins let in': [{ Logins: sum(logins, ({ outcome, times }) => (outcome === 'accepted' ? times : 0)) }],
  'Logins refused': [{ Logins: sum(refused, ({ times }) => times) }],
  'Sessions ended': [{ Sessions: ended.length }],
  'Bytes sent': [{ Bytes: total(rovers, 'bytes') }],
  Sessions: by(
    windows,
    (row) => intervalOf(row.windowStartedAtMs) + row.role,
    (rows, first) => ({
      time: intervalOf(first.windowStartedAtMs),
      role: first.role,
      sessions: different(rows, ({ sessionId }) => sessionId),
    }),
  ),
  'Why sessions ended': by(
    ended,
    (row) => row.reason + row.role,
    (rows, first) => ({
      Reason: first.reason,
      Role: first.role,
      Sessions: rows.length,
      'Median length':
        rows.map((row) => row.total.durationMs).toSorted((a, b) => a - b)[Math.floor(rows.length / 2)]! /
        1000,
      'Bytes never acknowledged': sum(rows, (row) => row.unacknowledgedBytes),
    }),
  ),
  'Logins by outcome': by(
    logins,
    (row) => intervalOf(row.atMs) + row.outcome,
    (rows, first) => ({
      time: intervalOf(first.atMs),
      outcome: first.outcome,
      logins: sum(rows, ({ times }) => times),
    }),
  ),
  'Why logins were refused': by(
    refused,
    (row) => row.reason + row.step,
    (rows, first) => ({
      Reason: first.reason,
      Step: first.step,
      Refusals: sum(rows, ({ times }) => times),
      'User names': different(rows, ({ account }) => account),
      Last: text(most(rows, ({ atMs }) => atMs)),
    }),
  ),
  Nodes: by(
    windows,
    (row) => row.node,
    (rows, first) => {
      const [ofRovers, ofBases] = ['rover', 'base'].map((role) => rows.filter((row) => row.role === role));
      return {
        Node: first.node,
        Rovers: different(ofRovers!, ({ sessionId }) => sessionId),
        Bases: different(ofBases!, ({ sessionId }) => sessionId),
        'Bytes sent': total(ofRovers!, 'bytes'),
        'Epochs dropped': total(ofRovers!, 'epochsDropped'),
        'Last row': text(most(rows, ({ windowEndedAtMs }) => windowEndedAtMs)),
      };
    },
  ),
};

const usage: Record<string, Shown[]> = {
  'Bytes sent': [{ value: total(rovers, 'bytes') }],
  'Epochs sent': [{ value: total(rovers, 'epochs') }],
  Connected: [{ value: total(rovers, 'durationMs') / 1000 }],
  'With corrections': [{ value: total(rovers, 'activeSeconds') }],
  'Bytes by customer': by(
    rovers,
    (row) => intervalOf(row.windowStartedAtMs) + row.customerId,
    (rows, first) => ({
      time: intervalOf(first.windowStartedAtMs),
      name: named(first.customerId),
      used: total(rows, 'bytes'),
    }),
  ),
  'Usage by customer': by(
    rovers,
    (row) => row.customerId,
    (rows, first) => ({ Customer: named(first.customerId), ...used(rows) }),
  ),
  'Usage by app': by(
    rovers,
    (row) => row.appId,
    (rows, first) => ({ App: named(first.appId), Customer: named(first.customerId), ...used(rows) }),
  ),
  'Usage by mountpoint': by(
    rovers,
    (row) => row.mountpoint,
    (rows, first) => ({ Mountpoint: first.mountpoint, ...used(rows) }),
  ),
  'Charges by currency': by(
    charges,
    (row) => intervalOf(row.chargedAtMs) + row.currency,
    (rows, first) => ({
      time: intervalOf(first.chargedAtMs),
      currency: first.currency,
      amount: amount(rows),
    }),
  ),
  'Charges by customer': by(
    charges,
    (row) => row.customerId + row.currency,
    (rows, first) => ({
      Customer: first.customerId,
      Currency: first.currency,
      Charges: rows.length,
      'Given back': amount(rows.filter(({ amountMicros }) => amountMicros < 0n)),
      Amount: amount(rows),
    }),
  ),
  'Charges by currency and plan': by(
    charges,
    (row) => row.currency + row.billingPlanId + row.kind,
    (rows, first) => ({
      Currency: first.currency,
      Plan: first.billingPlanId,
      For: first.kind,
      Charges: rows.length,
      Units: sum(rows, ({ units }) => units),
      Amount: amount(rows),
    }),
  ),
};

/** Seconds that a mountpoint was online, of all nodes together and sixty a minute at most. */
const online = (rows: readonly StreamQualityRow[]): number =>
  sum([...Map.groupBy(rows, (row) => row.minuteAtMs).values()], (group) =>
    Math.min(
      60,
      sum(group, (row) => row.onlineSeconds),
    ),
  );
/** Minutes that begin in the range, counted one by one: all of them, or those of one interval. */
const minutesAsked = Array.from({ length: 24 * 60 }, (_, n) => Date.UTC(2025, 2, 10, 12) + n * 60_000).filter(
  isAsked,
);
const minutesOf = (interval: string): number =>
  minutesAsked.filter((ms) => intervalOf(ms) === interval).length;
const share = (part: number, rest: number): number => part / (part + rest);

const quality: Record<string, Shown[]> = {
  Mountpoints: by(
    minutes,
    (row) => row.mountpoint,
    (rows, first) => {
      const [bad, dropped] = [sum(rows, (row) => row.framesBad), sum(rows, (row) => row.epochsDropped)];
      const [good, delivered] = [
        sum(rows, (row) => row.framesReceived),
        sum(rows, (row) => row.epochsDelivered),
      ];
      const together = by(
        rows,
        (row) => String(row.minuteAtMs),
        (group) => ({ rovers: sum(group, (row) => row.roversMax) }),
      );
      return {
        Mountpoint: first.mountpoint,
        Online: online(rows) / (minutesAsked.length * 60),
        Frames: good,
        'Bad frames': bad,
        'Bad share': share(bad, good),
        'Epochs received': sum(rows, (row) => row.epochsReceived),
        'Epochs delivered': delivered,
        'Epochs dropped': dropped,
        'Dropped share': share(dropped, delivered),
        'Rovers at most': most(together, ({ rovers: count }) => Number(count)),
        'Longest silence': most(rows, (row) => row.silenceMsMax) / 1000,
      };
    },
  ),
  'Online, by mountpoint': by(
    minutes,
    (row) => intervalOf(row.minuteAtMs) + row.mountpoint,
    (rows, first) => {
      const time = intervalOf(first.minuteAtMs);
      return { time, mountpoint: first.mountpoint, value: online(rows) / (minutesOf(time) * 60) };
    },
  ),
  'Epochs delivered and dropped': by(
    minutes,
    (row) => intervalOf(row.minuteAtMs),
    (rows, first) => ({
      time: intervalOf(first.minuteAtMs),
      Delivered: sum(rows, (row) => row.epochsDelivered),
      Dropped: sum(rows, (row) => row.epochsDropped),
    }),
  ),
};

const healthMinutes = latest(
  ROWS.stream_health,
  (row) => `${row.mountpoint} ${row.minuteAtMs} ${row.node}`,
).filter((row) => isAsked(row.minuteAtMs));
const satellitesOf = ({ satellites }: StreamHealthRow): number =>
  sum(Object.values(satellites), (count) => count);

const bases: Record<string, Shown[]> = {
  Bases: by(
    healthMinutes,
    (row) => row.mountpoint,
    (rows, first) => {
      const [epochs, missing] = [sum(rows, (row) => row.epochs), sum(rows, (row) => row.epochsMissing)];
      return {
        Mountpoint: first.mountpoint,
        Epochs: epochs,
        'Epochs missing': missing,
        Completeness: 1 - share(missing, epochs),
        Gaps: sum(rows, (row) => row.gaps),
        'Mean age': sum(rows, (row) => row.ageMsSum) / sum(rows, (row) => row.ageCount) / 1000,
        Oldest: most(rows, (row) => row.ageMsMax) / 1000,
        'Fewest satellites': -most(rows, (row) => -satellitesOf(row)),
        'Usual satellites': most(rows, (row) => row.satellitesUsual),
        'Cycle slips': sum(rows, (row) => row.cycleSlips),
        'Station moved': sum(rows, (row) => row.stationMoves),
        'Clock wrong': sum(rows, (row) => row.clockWrongSeconds),
      };
    },
  ),
  'Satellites, by mountpoint': by(
    healthMinutes,
    (row) => intervalOf(row.minuteAtMs) + row.mountpoint,
    (rows, first) => ({
      time: intervalOf(first.minuteAtMs),
      mountpoint: first.mountpoint,
      value: -most(rows, (row) => -satellitesOf(row)),
    }),
  ),
};

/** By the dashboard's uid and the panel's title. */
export const EXPECTED: Readonly<Record<string, Readonly<Record<string, Shown[]>>>> = {
  'rovercast-operations': operations,
  'rovercast-usage': usage,
  'rovercast-stream-quality': { ...quality, ...bases },
};
