// Tests charges and statements by HTTP, on both engines: every amount is there once, adds up exactly, and a statement comes
// to what the charges come to, in each of its forms.

import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { ChargeRow } from '../../../caster/metering/usage-row.ts';
import { newId } from '../../../platform/store/id.ts';
import { ENGINES, type MeteringEngine } from '../../support/clickhouse-doors.ts';
import { appRow } from '../../support/store-rows.ts';
import {
  type AskedApi,
  bodyOf,
  type Get,
  makeTables,
  openAskedApi,
  pagesOf,
  writeTwice,
} from './asked-api.ts';
import { FIRST_AT_MS, LAST_AT_MS, type Metered, meteredRows, moneyOf } from './metered-rows.ts';

interface Money {
  readonly currency: string;
  readonly amountMicros: string;
  readonly charges: number;
}

interface Charge extends Record<string, unknown> {
  readonly id: string;
  readonly chargedAt: string;
  readonly units: number;
}

interface Statement {
  readonly from: string;
  readonly to: string;
  readonly isFinal: boolean;
  readonly customerName: string;
  readonly lines: readonly Readonly<Record<string, string | number | null>>[];
  readonly totals: readonly Money[];
  readonly balances: unknown;
}

const RANGE = { from: iso(FIRST_AT_MS), to: iso(LAST_AT_MS + 86_400_000) };
const NAME = `North <b>Fields</b> & "Söhne"`;
const PLAN_NAME = `<img src=x onerror=alert(1)>`;

function iso(ms: number): string {
  return new Date(ms).toISOString();
}

/** `12,345.678901`, by the language's own way of writing numbers. */
function readable(micros: string): string {
  const [whole, decimals] = [micros.slice(0, -6), micros.slice(-6)];
  return `${BigInt(whole).toLocaleString('en-US')}.${decimals}`;
}

/** Adds up a column of a CSV file by another program, exactly. */
const SUMMING = `
import csv, decimal, json, sys
sums = {}
for row in csv.DictReader(sys.stdin.read().splitlines(keepends=True), strict=True):
    entry = sums.setdefault(row['currency'], [decimal.Decimal(0), 0, 0])
    entry[0] += decimal.Decimal(row['amount']); entry[1] += int(row['amountMicros']); entry[2] += int(row['charges'])
print(json.dumps({k: [str(v[0]), str(v[1]), v[2]] for k, v in sums.items()}))`;

describe.each(ENGINES)('charges in ClickHouse, $name', ({ missing, start }) => {
  let engine: MeteringEngine;
  let api: AskedApi;
  let metered: Metered;
  let customers: [string, string];
  let operator: Get;

  beforeAll(async () => {
    if (missing !== undefined) return;
    engine = await start();
    await makeTables(engine.clickhouse);
    api = await openAskedApi({
      clickhouse: engine.clickhouse,
      balances: {
        between: (customerId, fromMs, toMs) =>
          Promise.resolve([
            {
              currency: customerId === customers[0] ? 'EUR' : 'CNY',
              openingMicros: BigInt(fromMs),
              topUpMicros: 100n,
              chargeMicros: -7_000_000n,
              correctionMicros: 0n,
              closingMicros: BigInt(toMs),
            },
          ]),
      },
    });
    customers = [await api.customer(NAME), await api.customer('South Fields')];
    operator = await api.asking('billing');
    const nowMs = Date.now();
    await api.store.db
      .insertInto('apps')
      .values(appRow({ id: 'app_01', name: 'Tractors' }))
      .execute();
    await api.store.db
      .insertInto('billing_plans')
      .values({
        ...{ id: 'plan_0', customer_id: null, name: PLAN_NAME, created_at: nowMs, updated_at: nowMs },
        ...{ plan: JSON.stringify({ counts: 'bytes' }), counts_since: null },
      })
      .execute();
    metered = meteredRows(7, { customers });
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

  const charged = (fits: (row: ChargeRow) => boolean = () => true): ChargeRow[] =>
    metered.charges.filter(fits);
  /** Where the charge does not say it, what its plan counts now. */
  const countsOf = ({ counts, billingPlanId }: ChargeRow): string | null =>
    counts !== '' ? counts : billingPlanId === 'plan_0' ? 'bytes' : null;

  test.each(['newest', 'oldest'])(
    'are listed one by one, %s first, each page with the totals of all',
    async (order) => {
      const pages = await pagesOf<Charge, Money[]>(operator, '/v1/charges', { ...RANGE, order, limit: 33 });
      const all = pages.flatMap(({ data }) => data);
      const byKey = new Map(charged().map((row) => [row.key, row]));
      expect(all.length).toBe(byKey.size);
      for (const charge of all) {
        const row = byKey.get(charge.id)!;
        const isKnown = row.billingPlanId === 'plan_0';
        expect(charge).toMatchObject({
          ...{ kind: row.kind, currency: row.currency, amountMicros: String(row.amountMicros) },
          ...{ units: row.units, unitsBefore: row.unitsBefore, unitsAfter: row.unitsAfter },
          ...{ periodKey: row.periodKey, sessionId: row.sessionId, window: row.window },
          ...{ billingPlanId: row.billingPlanId, billingPlanName: isKnown ? PLAN_NAME : null },
          ...{
            counts: countsOf(row),
            chargedAt: iso(row.chargedAtMs),
            customerId: row.customerId,
          },
        });
        expect(Number(charge['unitsAfter']) - Number(charge['unitsBefore'])).toBe(charge.units);
      }
      const times = all.map(({ chargedAt, id }) => `${chargedAt} ${id}`);
      expect(times).toEqual(order === 'oldest' ? times.toSorted() : times.toSorted().toReversed());
      for (const { totals } of pages) expect(totals).toEqual(moneyOf(charged()));
    },
  );

  test.each<[Record<string, string>, (row: ChargeRow) => boolean]>([
    [{ currency: 'CNY' }, ({ currency }) => currency === 'CNY'],
    [{ currency: 'USD' }, () => false],
    [{ kind: 'period' }, ({ kind }) => kind === 'period'],
    [
      { appId: 'app_11', mountpoint: 'BASE1' },
      ({ appId, mountpoint }) => appId === 'app_11' && mountpoint === 'BASE1',
    ],
    [{ billingPlanId: 'plan_1' }, ({ billingPlanId }) => billingPlanId === 'plan_1'],
    [{ device: `' OR 1 = 1 --` }, ({ device }) => device === `' OR 1 = 1 --`],
    [{ device: `') OR 1=1 OR ('` }, () => false],
    [
      { from: '2026-12-01T00:00:00.000Z', to: '2026-12-01T10:30:00.500Z' },
      ({ chargedAtMs }) =>
        chargedAtMs >= Date.UTC(2026, 11, 1) && chargedAtMs < Date.UTC(2026, 11, 1, 10, 30, 0, 500),
    ],
  ])('of %j are those that fit, with their totals', async (query, fits) => {
    const pages = await pagesOf<Charge, Money[]>(operator, '/v1/charges', { ...RANGE, ...query });
    expect(
      pages
        .flatMap(({ data }) => data)
        .map(({ id }) => id)
        .toSorted(),
    ).toEqual(
      charged(fits)
        .map(({ key }) => key)
        .toSorted(),
    );
    expect(pages[0]!.totals).toEqual(moneyOf(charged(fits)));
  });

  test.each(['2026-11', '2026-12'])(
    'of a customer in %s make his statement, each line of one kind of units, and come to the same',
    async (month) => {
      const customerId = customers[0];
      const statement = await bodyOf<Statement>(operator('/v1/statements', { customerId, month }));
      const { from, to } = statement;
      const rows = charged((row) => row.customerId === customerId && iso(row.chargedAtMs).startsWith(month));
      expect(rows.length).toBeGreaterThan(0);
      expect(statement.totals).toEqual(moneyOf(rows));
      const { totals } = await bodyOf<{ totals: Money[] }>(operator('/v1/charges', { customerId, from, to }));
      expect(statement.totals).toEqual(totals);
      const lines = Map.groupBy(rows, ({ appId, currency, billingPlanId, periodKey, kind, counts }) =>
        [appId, currency, billingPlanId, periodKey, kind, counts].join(' '),
      );
      expect(
        statement.lines.map((line) => [
          ['appId', 'currency', 'billingPlanId', 'periodKey', 'kind'].map((name) => line[name]).join(' '),
          ...[line['counts'], line['units'], line['charges'], line['amountMicros']],
        ]),
      ).toEqual(
        [...lines]
          .toSorted(([a], [b]) => (a < b ? -1 : 1))
          .map(([key, some]) => [
            key.slice(0, key.lastIndexOf(' ')),
            countsOf(some[0]!),
            some.reduce((sum, { units }) => sum + units, 0),
            some.length,
            moneyOf(some)[0]!.amountMicros,
          ]),
      );
      const [tractors] = statement.lines.filter(({ appId }) => appId === 'app_01');
      expect([statement.customerName, tractors?.['appName']]).toEqual([NAME, 'Tractors']);
      expect(statement.balances).toMatchObject([
        { currency: 'EUR', openingMicros: String(Date.parse(from)), closingMicros: String(Date.parse(to)) },
      ]);
    },
  );

  test('of one app are a statement without balances', async () => {
    const query = { customerId: customers[0], month: '2026-11', appId: 'app_01' };
    const statement = await bodyOf<Statement>(operator('/v1/statements', query));
    const rows = charged((row) => row.appId === 'app_01' && iso(row.chargedAtMs).startsWith('2026-11'));
    expect([statement.totals, statement.balances]).toEqual([moneyOf(rows), null]);
  });

  test('of a month by the calendar of a time zone are those from its midnight to its midnight', async () => {
    const query = { customerId: customers[1], month: '2026-12', timeZone: 'Asia/Shanghai' };
    const statement = await bodyOf<Statement>(operator('/v1/statements', query));
    const fromMs = Date.parse('2026-12-01T00:00:00+08:00');
    expect([statement.from, statement.to, statement.isFinal]).toEqual([
      iso(fromMs),
      iso(Date.parse('2027-01-01T00:00:00+08:00')),
      Date.parse('2027-01-01T00:00:00+08:00') <= Date.now(),
    ]);
    const rows = charged((row) => row.customerId === customers[1] && row.chargedAtMs >= fromMs);
    expect(statement.totals).toEqual(moneyOf(rows));
  });

  test('as CSV add up, read by another program, to the same amounts to the millionth', async () => {
    const customerId = customers[0];
    const answer = await operator('/v1/statements.csv', { customerId, month: '2026-11' });
    expect([answer.status, answer.headers.get('content-disposition')]).toEqual([
      200,
      `attachment; filename="statement-${customerId}-2026-11.csv"`,
    ]);
    const sums = JSON.parse(
      execFileSync('python3', ['-c', SUMMING], { input: answer.text }).toString(),
    ) as object;
    const rows = charged(
      (row) => row.customerId === customerId && iso(row.chargedAtMs).startsWith('2026-11'),
    );
    expect(sums).toEqual(
      Object.fromEntries(
        moneyOf(rows).map(({ currency, amountMicros, charges }) => [
          currency,
          [amountMicros.replace(/(\d{6})$/, '.$1'), amountMicros, charges],
        ]),
      ),
    );
  });

  test('as a page have every amount, no foreign host, and no name that became markup', async () => {
    const query = { customerId: customers[0], month: '2026-11' };
    const answer = await operator('/v1/statements.html', query);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    expect(answer.headers.get('content-disposition')).toMatch(/^inline; /);
    expect(answer.headers.get('content-security-policy')).toMatch(/^default-src 'none'; style-src 'sha256-/);
    const { totals } = await bodyOf<Statement>(operator('/v1/statements', query));
    for (const { amountMicros, currency } of totals)
      expect(answer.text).toContain(`${readable(amountMicros)} ${currency}`);
    expect(answer.text).not.toMatch(/<img|<b>|<script|src=["']|href=|url\(|@import/);
    expect(answer.text).toContain('North &lt;b&gt;Fields&lt;/b&gt; &amp; &quot;Söhne&quot;');
    expect(answer.text).toContain('&lt;img src=x onerror=alert(1)&gt;');
  });

  test('of a customer are all that his own key sees, and another’s statement is not there', async () => {
    const own = await api.asking('viewer', customers[1]);
    const rows = charged(({ customerId }) => customerId === customers[1]);
    expect((await bodyOf<{ totals: Money[] }>(own('/v1/charges', RANGE))).totals).toEqual(moneyOf(rows));
    const foreign = await bodyOf<{ data: []; totals: [] }>(
      own('/v1/charges', { ...RANGE, customerId: customers[0] }),
    );
    expect([foreign.data, foreign.totals]).toEqual([[], []]);
    for (const form of ['', '.csv', '.html']) {
      const [there, nothing] = [
        await own(`/v1/statements${form}`, { month: '2026-11', customerId: customers[0] }),
        await own(`/v1/statements${form}`, { month: '2026-11', customerId: newId('cus') }),
      ];
      expect([there.status, nothing.status]).toEqual([404, 404]);
      expect({ ...JSON.parse(there.text), instance: '' }).toEqual({
        ...JSON.parse(nothing.text),
        instance: '',
      });
      expect((await own(`/v1/statements${form}`, { month: '2026-11' })).status).toBe(200);
    }
    const statement = await bodyOf<Statement>(own('/v1/statements', { month: '2026-11' }));
    expect(statement.totals).toEqual(
      moneyOf(rows.filter((row) => iso(row.chargedAtMs).startsWith('2026-11'))),
    );
  });

  test.each([
    [{ month: '2026-11' }, 400, 'invalid_parameter'],
    [{ month: '2026-13', customerId: 'cus_x' }, 400, 'invalid_parameter'],
    [{ month: '2026-11', customerId: 'cus_x', timeZone: '+08:00' }, 400, 'invalid_parameter'],
    [{ month: '2026-11', customerId: "' OR 1 = 1 --" }, 404, 'customer_not_found'],
  ])('are no statement for %j', async (query, status, code) => {
    const answer = await operator('/v1/statements', query);
    expect([answer.status, JSON.parse(answer.text)]).toMatchObject([status, { code }]);
  });
});
