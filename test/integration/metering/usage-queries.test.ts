// Tests questions about usage by HTTP, on both engines: rows were written twice and some of them replaced, and what is
// answered is what plain loops over the rows find.

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { UsageRow } from '../../../caster/metering/usage-row.ts';
import { ENGINES, type MeteringEngine } from '../../support/clickhouse-doors.ts';
import {
  type AskedApi,
  bodyOf,
  type Get,
  makeTables,
  openAskedApi,
  pagesOf,
  writeTwice,
} from './asked-api.ts';
import {
  FIRST_AT_MS,
  LAST_AT_MS,
  type Metered,
  meteredRows,
  NASTY,
  plus,
  sumOf,
  zero,
} from './metered-rows.ts';

type Sums = ReturnType<typeof sumOf>;
type Group = Sums & Readonly<Record<string, string | number | null>>;

const SEED = 20_261_130;
const RANGE = { from: iso(FIRST_AT_MS), to: iso(LAST_AT_MS) };

function iso(ms: number): string {
  return new Date(ms).toISOString();
}

const orNull = (text: string): string | null => (text === '' ? null : text);

/** What a group of each dimension is told apart by, as the answer has it. */
const FIELDS: Readonly<Record<string, (row: UsageRow) => Readonly<Record<string, string | null>>>> = {
  customer: (row) => ({ customerId: orNull(row.customerId) }),
  app: (row) => ({ appId: orNull(row.appId) }),
  account: (row) => ({ accountId: orNull(row.accountId), account: orNull(row.account) }),
  device: (row) => ({ appId: orNull(row.appId), device: orNull(row.device) }),
  mountpoint: (row) => ({ mountpoint: row.mountpoint }),
  spec: (row) => ({ serviceSpecId: row.serviceSpecId }),
  shape: (row) => ({ shape: orNull(row.shape) }),
  plan: (row) => ({ billingPlanId: orNull(row.billingPlanId) }),
  role: (row) => ({ role: row.role }),
  node: (row) => ({ node: row.node }),
  minute: (row) => ({ at: `${iso(row.windowStartedAtMs).slice(0, 16)}:00.000Z` }),
  hour: (row) => ({ at: `${iso(row.windowStartedAtMs).slice(0, 13)}:00:00.000Z` }),
  day: (row) => ({ at: `${iso(row.windowStartedAtMs).slice(0, 10)}T00:00:00.000Z` }),
  month: (row) => ({ at: `${iso(row.windowStartedAtMs).slice(0, 7)}-01T00:00:00.000Z` }),
};

const FILTERS: readonly Readonly<Record<string, string>>[] = [
  { appId: 'app_01' },
  { accountId: 'acc_app_11_2' },
  { account: 'rover-1' },
  { mountpoint: 'BASE2' },
  { serviceSpecId: 'spec_1' },
  { billingPlanId: 'plan_0' },
  { node: 'node-1' },
  { role: 'base' },
  { sessionId: 'ses_0037' },
  { role: 'rover', mountpoint: 'BASE0', serviceSpecId: 'spec_0' },
  { from: iso(FIRST_AT_MS + 20_000_123), to: iso(FIRST_AT_MS + 90_000_456) },
  { from: '2026-12-01T00:00:00+08:00', to: '2026-12-02T00:00:00+08:00' },
  { from: iso(LAST_AT_MS), to: iso(FIRST_AT_MS) },
  { from: iso(LAST_AT_MS + 86_400_000), to: iso(LAST_AT_MS + 90_000_000) },
];

const FILTER_FIELDS = {
  appId: 'appId',
  accountId: 'accountId',
  account: 'account',
  device: 'device',
  mountpoint: 'mountpoint',
  serviceSpecId: 'serviceSpecId',
  billingPlanId: 'billingPlanId',
  node: 'node',
  role: 'role',
  sessionId: 'sessionId',
  customerId: 'customerId',
} as const satisfies Record<string, keyof UsageRow>;

/** The rows that such a question is about. */
function fitting(rows: readonly UsageRow[], query: Readonly<Record<string, string>>): UsageRow[] {
  const { from = RANGE.from, to = RANGE.to, ...rest } = query;
  return rows.filter(
    (row) =>
      row.windowStartedAtMs >= Date.parse(from) &&
      row.windowStartedAtMs < Date.parse(to) &&
      Object.entries(rest).every(
        ([name, value]) => row[FILTER_FIELDS[name as keyof typeof FILTER_FIELDS]] === value,
      ),
  );
}

function grouped(rows: readonly UsageRow[], groupBy: string): Map<string, UsageRow[]> {
  return Map.groupBy(rows, (row) => {
    const fields = groupBy.split(',').map((dimension) => FIELDS[dimension]!(row));
    return JSON.stringify(Object.entries(Object.assign({}, ...fields) as object).toSorted());
  });
}

/** Groups by their fields, each with its sums: in no order. */
function expectedGroups(rows: readonly UsageRow[], groupBy: string): Record<string, Sums> {
  return Object.fromEntries([...grouped(rows, groupBy)].map(([fields, some]) => [fields, sumOf(some)]));
}

function answeredGroups(groups: readonly Group[]): Record<string, Sums> {
  return Object.fromEntries(
    groups.map((group) => {
      const { bytes, epochs, frames, epochsDropped, framesDropped, activeSeconds, durationMs, ...rest } =
        group;
      const { sessions, windows, ...fields } = rest;
      const sums = { bytes, epochs, frames, epochsDropped, framesDropped, activeSeconds, durationMs };
      return [JSON.stringify(Object.entries(fields).toSorted()), { ...sums, sessions, windows }];
    }),
  );
}

describe.each(ENGINES)('usage in ClickHouse, $name', ({ missing, start }) => {
  let engine: MeteringEngine;
  let api: AskedApi;
  let metered: Metered;
  let customers: [string, string];
  let operator: Get;

  beforeAll(async () => {
    if (missing !== undefined) return;
    engine = await start();
    await makeTables(engine.clickhouse);
    api = await openAskedApi({ clickhouse: engine.clickhouse });
    customers = [await api.customer('North Fields'), await api.customer('South Fields')];
    operator = await api.asking('viewer');
    metered = meteredRows(SEED, { customers });
    await writeTwice(engine.clickhouse, metered.written);
  }, 60_000);

  beforeEach(({ skip }) => {
    skip(missing !== undefined, missing);
  });

  afterAll(async () => {
    if (missing !== undefined) return;
    await api.close();
    await engine.stop();
  });

  test.each([
    ...Object.keys(FIELDS),
    'app,day',
    'account,hour',
    'mountpoint,spec',
    'device,minute',
    'app,device',
  ])('is grouped by %s, a page at a time, and each page says the totals of all rows', async (groupBy) => {
    const pages = await pagesOf<Group, Sums>(operator, '/v1/usage', { ...RANGE, groupBy, limit: 7 });
    const groups = pages.flatMap(({ data }) => data);
    const expected = expectedGroups(fitting(metered.usage, {}), groupBy);
    expect(answeredGroups(groups)).toEqual(expected);
    expect(groups.length).toBe(Object.keys(expected).length);
    for (const { totals } of pages) expect(totals).toEqual(sumOf(fitting(metered.usage, {})));
  });

  test.each(FILTERS)('of %j are the windows that fit, and no others', async (query) => {
    const rows = fitting(metered.usage, query);
    const body = await bodyOf<{ data: Group[]; totals: Sums }>(
      operator('/v1/usage', { ...RANGE, ...query, groupBy: 'mountpoint' }),
    );
    expect(answeredGroups(body.data)).toEqual(expectedGroups(rows, 'mountpoint'));
    expect(body.totals).toEqual(sumOf(rows));
  });

  test('of several values of one filter is that of all of them', async () => {
    const { totals } = await bodyOf<{ totals: Sums }>(operator('/v1/usage?appId=app_00&appId=app_12', RANGE));
    const both = ['app_00', 'app_12'].flatMap((appId) => fitting(metered.usage, { appId }));
    expect(totals).toEqual(sumOf(both));
  });

  test.each(NASTY)('of a device that is called %j is that device’s alone', async (device) => {
    const rows = fitting(metered.usage, { device });
    expect(rows.length).toBeGreaterThan(0);
    const body = await bodyOf<{ totals: Sums }>(operator('/v1/usage', { ...RANGE, device }));
    expect(body.totals).toEqual(sumOf(rows));
    const groups = await pagesOf<Group, Sums>(operator, '/v1/usage', {
      ...RANGE,
      device,
      groupBy: 'device,minute',
      limit: 2,
    });
    expect(answeredGroups(groups.flatMap(({ data }) => data))).toEqual(expectedGroups(rows, 'device,minute'));
  });

  test('asked for by what tries to be more than a value is none, and everything is still there', async () => {
    const typed = [
      "x') OR 1=1 OR ('",
      '\\',
      "'; DROP TABLE usage; --",
      '{appId}',
      "\\') UNION ALL SELECT 1 --",
    ];
    for (const name of ['appId', 'account', 'device', 'mountpoint', 'node', 'sessionId', 'serviceSpecId']) {
      for (const value of typed) {
        const body = await bodyOf<{ data: Group[]; totals: Sums }>(
          operator('/v1/usage', { ...RANGE, [name]: value }),
        );
        expect([name, value, body.data, body.totals.windows]).toEqual([name, value, [], 0]);
      }
    }
    const { totals } = await bodyOf<{ totals: Sums }>(operator('/v1/usage', RANGE));
    expect(totals).toEqual(sumOf(fitting(metered.usage, {})));
  });

  test.each(['minute', 'hour', 'day'])(
    'over time has a point for every %s, also for those without',
    async (step) => {
      const stepMs = { minute: 60_000, hour: 3_600_000, day: 86_400_000 }[step]!;
      const from = FIRST_AT_MS + 3 * 3_600_000 + 1234;
      const to = step === 'minute' ? from + 5 * 3_600_000 : LAST_AT_MS;
      const rows = fitting(metered.usage, { from: iso(from), to: iso(to) });
      const body = await bodyOf<{ points: (Sums & { at: string })[]; totals: Sums }>(
        operator('/v1/usage/series', { step, from: iso(from), to: iso(to) }),
      );
      const expected = [];
      for (let at = Math.floor(from / stepMs) * stepMs; at < to; at += stepMs) {
        const some = rows.filter(({ windowStartedAtMs: ms }) => ms >= at && ms < at + stepMs);
        expected.push({ at: iso(at), ...sumOf(some) });
      }
      expect(body.points).toEqual(expected);
      expect(body.points.some(({ windows }) => windows === 0)).toBe(step !== 'day');
      expect(body.totals).toEqual(sumOf(rows));
    },
  );

  test.each(['newest', 'oldest'])(
    'has the sessions behind it, %s first, which add up to it',
    async (order) => {
      const pages = await pagesOf<Group, Sums>(operator, '/v1/usage/sessions', { ...RANGE, order, limit: 9 });
      const sessions = pages.flatMap(({ data }) => data);
      const rows = Map.groupBy(fitting(metered.usage, {}), ({ sessionId }) => sessionId);
      const ids = [...rows.keys()].toSorted();
      expect(sessions.map(({ sessionId }) => sessionId)).toEqual(order === 'oldest' ? ids : ids.toReversed());
      for (const session of sessions) {
        const some = rows.get(String(session['sessionId']))!.toSorted((a, b) => a.window - b.window);
        const { sessions: one, ...sums } = sumOf(some);
        expect(one).toBe(1);
        const { accountId, account, device, appId, role } = some[0]!;
        expect(session).toMatchObject({
          ...sums,
          role,
          ...{ appId: orNull(appId), accountId: orNull(accountId), account, device },
          reason: orNull(some.at(-1)!.reason),
          startedAt: iso(some[0]!.sessionStartedAtMs),
          firstWindowAt: iso(Math.min(...some.map(({ windowStartedAtMs }) => windowStartedAtMs))),
          lastWindowEndedAt: iso(Math.max(...some.map(({ windowEndedAtMs }) => windowEndedAtMs))),
        });
      }
      for (const { totals } of pages) expect(totals).toEqual(sumOf(fitting(metered.usage, {})));
    },
  );

  test('has the windows behind it, which add up to it', async () => {
    const query = { from: iso(FIRST_AT_MS + 10_000_000), to: RANGE.to, mountpoint: 'BASE1' };
    const pages = await pagesOf<{ sessionId: string; window: number; total: { bytes: number } }, never>(
      operator,
      '/v1/usage/windows',
      { ...query, limit: 50 },
    );
    const windows = pages.flatMap(({ data }) => data);
    const rows = fitting(metered.usage, query);
    expect(
      windows.map(({ sessionId, window, total }) => `${sessionId}/${window}/${total.bytes}`).toSorted(),
    ).toEqual(rows.map(({ sessionId, window, total }) => `${sessionId}/${window}/${total.bytes}`).toSorted());
    let sum = zero();
    for (const window of windows) sum = plus(sum, window as never);
    const { totals } = await bodyOf<{ totals: Sums }>(operator('/v1/usage', query));
    expect(totals).toMatchObject(sum);
    const keys = windows.map(({ sessionId, window }) => `${sessionId}/${String(window).padStart(6, '0')}`);
    expect(keys).toEqual(keys.toSorted().toReversed());
  });

  test('of a customer is all that his own key sees, whatever it asks for', async () => {
    for (const [index, customerId] of customers.entries()) {
      const own = await api.asking('viewer', customerId);
      const rows = fitting(metered.usage, { customerId });
      const foreign = customers[1 - index]!;
      for (const where of ['/v1/usage', '/v1/usage/series', '/v1/usage/sessions']) {
        const query = { ...RANGE };
        expect((await bodyOf<{ totals: Sums }>(own(where, query))).totals).toEqual(sumOf(rows));
        const asked = await bodyOf<{ totals: Sums }>(own(where, { ...query, customerId: foreign }));
        expect([where, asked.totals.windows]).toEqual([where, 0]);
      }
      const windows = await pagesOf<{ customerId: string }, never>(own, '/v1/usage/windows', { ...RANGE });
      expect(new Set(windows.flatMap(({ data }) => data.map((window) => window.customerId)))).toEqual(
        new Set([customerId]),
      );
      const none = await bodyOf<{ data: [] }>(own('/v1/usage/windows', { ...RANGE, customerId: foreign }));
      expect(none.data).toEqual([]);
    }
  });

  test.each([
    ['/v1/usage', { groupBy: 'bytes' }, 'invalid_parameter'],
    ['/v1/usage', { groupBy: 'app,app' }, 'invalid_parameter'],
    ['/v1/usage', { groupBy: 'hour,day' }, 'invalid_parameter'],
    ['/v1/usage', { groupBy: 'app,device,day' }, 'invalid_parameter'],
    ['/v1/usage', { from: 'yesterday' }, 'invalid_parameter'],
    ['/v1/usage', { cursor: 'x' }, 'invalid_cursor'],
    ['/v1/usage', { cursor: Buffer.from('["a","b"]').toString('base64url') }, 'invalid_cursor'],
    ['/v1/usage/windows', { cursor: Buffer.from('["a","b"]').toString('base64url') }, 'invalid_cursor'],
    ['/v1/usage/sessions', { cursor: Buffer.from('[1]').toString('base64url') }, 'invalid_cursor'],
    ['/v1/usage/series', { step: 'minute' }, 'invalid_parameter'],
  ])('refuses %s with %j', async (where, query, code) => {
    const answer = await operator(where, { ...query });
    expect([answer.status, JSON.parse(answer.text)]).toMatchObject([400, { code }]);
  });
});
