// Plans that count periods: one charge for each that begins, from the activation on, whoever connects.

import { describe, expect, test } from 'vitest';
import type { BillingPlan } from '../../../../caster/accounts/billing-plan.ts';
import type { Store } from '../../../../platform/store/store.ts';
import type { AccountsTable, AppsTable } from '../../../../platform/store/tables.ts';
import { accountRow, appRow, customerRow } from '../../../support/store-rows.ts';
import { useTempFolder } from '../../../support/temp-folder.ts';
import { DIALECTS, useStores } from '../../../support/use-stores.ts';
import { planRows } from './cases.ts';
import { booksOf, type ChargingUnderTest, openChargingUnderTest } from './charging-under-test.ts';

const stores = useStores();
const folder = useTempFolder();

const at = (text: string): number => Date.parse(text);

const MONTHLY: BillingPlan = {
  counts: 'period',
  currency: 'EUR',
  priceMicros: 10,
  per: 1,
  period: 'month',
  included: 0,
  tiers: [],
  timeZone: 'Europe/Berlin',
  mode: 'postpaid',
  atZero: 'continue',
};
const YEARLY: BillingPlan = { ...MONTHLY, priceMicros: 90, period: 'year' };
const BY_BYTES: BillingPlan = { ...MONTHLY, counts: 'bytes' };
const PLANS = new Map([
  ['plan_month', MONTHLY],
  ['plan_year', YEARLY],
  ['plan_bytes', BY_BYTES],
  ['plan_trial', { ...MONTHLY, included: 1, tiers: [{ from: 3, priceMicros: 4 }] }],
]);

/** 31 January, noon, in Berlin. */
const ACTIVATED = at('2026-01-31T11:00:00Z');

interface Tested extends ChargingUnderTest {
  readonly store: Store;
  /** Start of each charged period, and its amount. */
  readonly charged: () => [string, number][];
}

async function tested(
  store: Store,
  app: Partial<AppsTable>,
  account: Partial<AccountsTable>,
): Promise<Tested> {
  await store.db
    .insertInto('customers')
    .values(customerRow({ id: 'cus_a' }))
    .execute();
  await store.db.insertInto('billing_plans').values(planRows(PLANS)).execute();
  await store.db
    .insertInto('apps')
    .values(appRow({ id: 'app_a', customer_id: 'cus_a', ...app }))
    .execute();
  await addAccount(store, account);
  return reopened(store);
}

function addAccount(store: Store, account: Partial<AccountsTable>): Promise<unknown> {
  const own = { id: 'acc_a', app_id: 'app_a', customer_id: 'cus_a', activated_at: ACTIVATED };
  return store.db
    .insertInto('accounts')
    .values(accountRow({ ...own, ...account }))
    .execute();
}

async function reopened(store: Store): Promise<Tested> {
  const opened = await openChargingUnderTest(store, folder);
  const charged = (): [string, number][] =>
    opened.spool.charges.map(({ dayAtMs, amountMicros }) => [
      new Date(dayAtMs).toISOString().slice(0, 10),
      Number(amountMicros),
    ]);
  return { ...opened, store, charged };
}

function setAccount(store: Store, columns: Partial<AccountsTable>): Promise<unknown> {
  return store.db.updateTable('accounts').set(columns).where('id', '=', 'acc_a').execute();
}

describe.each(DIALECTS)('on %s', (dialect) => {
  test('periods are charged as they begin, those of a downtime too, each once', async (context) => {
    const store = await stores.open(dialect, context);
    const one = await tested(store, { billing_plan_id: 'plan_month' }, {});
    await one.periods.sweep(at('2026-01-31T10:59:59Z'));
    expect(one.charged()).toEqual([]);
    await one.periods.sweep(at('2026-01-31T11:00:01Z'));
    await one.periods.sweep(at('2026-02-27T00:00:00Z'));
    expect(one.charged()).toEqual([['2026-01-31', 10]]);
    await one.close();
    const later = await reopened(store);
    await later.periods.sweep(at('2026-04-30T12:00:00Z'));
    await later.periods.sweep(at('2026-04-30T12:00:00Z'));
    expect(later.charged()).toEqual([
      ['2026-02-28', 10],
      ['2026-03-31', 10],
      ['2026-04-30', 10],
    ]);
    expect(later.spool.charges.map(({ key }) => key)).toContain('acc_a/plan_month/2026-03-31T10:00:00.000Z');
    await later.close();
    expect(await booksOf(store)).toMatchObject({
      balances: { 'cus_a EUR': '-40' },
      entries: { 'cus_a EUR': '-40' },
    });
  });

  test('the plan of an account goes before that of its app', async (context) => {
    const store = await stores.open(dialect, context);
    const one = await tested(store, { billing_plan_id: 'plan_month' }, { billing_plan_id: 'plan_year' });
    await addAccount(store, { id: 'acc_b', billing_plan_id: 'plan_bytes' });
    await one.periods.sweep(at('2027-02-01T00:00:00Z'));
    expect(one.charged()).toEqual([
      ['2026-01-31', 90],
      ['2027-01-31', 90],
    ]);
    await one.close();
  });

  test('what is included and tiers go by the periods since the activation', async (context) => {
    const store = await stores.open(dialect, context);
    const one = await tested(store, {}, { billing_plan_id: 'plan_trial' });
    await one.periods.sweep(at('2026-06-01T00:00:00Z'));
    expect(one.charged().map(([, amount]) => amount)).toEqual([0, 10, 10, 4, 4]);
    await one.close();
  });

  test('another plan begins where what is paid for ends, or where the account got it', async (context) => {
    const store = await stores.open(dialect, context);
    const one = await tested(store, {}, { billing_plan_id: 'plan_bytes' });
    await one.periods.sweep(at('2026-02-10T00:00:00Z'));
    await setAccount(store, { billing_plan_id: 'plan_month', plan_since: at('2026-03-05T00:00:00Z') });
    await one.periods.sweep(at('2026-03-20T00:00:00Z'));
    await setAccount(store, { billing_plan_id: 'plan_year', plan_since: at('2026-03-21T00:00:00Z') });
    await one.periods.sweep(at('2026-05-01T00:00:00Z'));
    expect(one.charged()).toEqual([
      ['2026-03-05', 10],
      // Midnight in UTC of the 5th is one o’clock in Berlin, in winter as in summer.
      ['2026-04-04', 90],
    ]);
    await one.close();
  });

  test('the app’s change of plan does not charge its accounts for the time before', async (context) => {
    const store = await stores.open(dialect, context);
    const one = await tested(
      store,
      { billing_plan_id: 'plan_month', plan_since: at('2026-08-01T00:00:00Z') },
      {},
    );
    await one.periods.sweep(at('2026-08-20T00:00:00Z'));
    expect(one.charged()).toEqual([['2026-08-01', 10]]);
    await one.close();
  });

  test('a plan that comes to count periods does so from then on', async (context) => {
    const store = await stores.open(dialect, context);
    const one = await tested(store, { billing_plan_id: 'plan_month' }, {});
    await store.db
      .updateTable('billing_plans')
      .set({ counts_since: at('2026-08-01T00:00:00Z') })
      .where('id', '=', 'plan_month')
      .execute();
    await one.periods.sweep(at('2026-08-20T00:00:00Z'));
    expect(one.charged()).toEqual([['2026-08-01', 10]]);
    await one.close();
  });

  test('an account that has run out is not charged, and once renewed only from then on', async (context) => {
    const store = await stores.open(dialect, context);
    const one = await tested(
      store,
      { billing_plan_id: 'plan_month' },
      { valid_until: at('2026-03-01T00:00:00Z') },
    );
    await one.periods.sweep(at('2026-04-15T00:00:00Z'));
    await one.periods.sweep(at('2026-05-15T00:00:00Z'));
    expect(one.charged()).toEqual([
      ['2026-01-31', 10],
      ['2026-02-28', 10],
    ]);
    await setAccount(store, { valid_until: at('2026-07-01T00:00:00Z') });
    await one.periods.sweep(at('2026-05-20T00:00:00Z'));
    await one.periods.sweep(at('2026-09-01T00:00:00Z'));
    expect(one.charged().slice(2)).toEqual([
      ['2026-05-20', 10],
      ['2026-06-20', 10],
    ]);
    await one.close();
  });

  test('an account renewed before it runs out goes on as before', async (context) => {
    const store = await stores.open(dialect, context);
    const one = await tested(
      store,
      { billing_plan_id: 'plan_month' },
      { valid_until: at('2026-02-28T11:00:00Z') },
    );
    await one.periods.sweep(at('2026-02-10T00:00:00Z'));
    await setAccount(store, { valid_until: at('2027-01-01T00:00:00Z') });
    await one.periods.sweep(at('2026-03-01T00:00:00Z'));
    expect(one.charged()).toEqual([
      ['2026-01-31', 10],
      ['2026-02-28', 10],
    ]);
    await one.close();
  });

  test('1,500 accounts are charged by two nodes at once, each once', async (context) => {
    const place = await stores.place(dialect, context);
    const [here, there] = [
      await stores.open(dialect, context, place),
      await stores.open(dialect, context, place),
    ];
    const one = await tested(here, { billing_plan_id: 'plan_month' }, { activated_at: null });
    const other = await reopened(there);
    for (let some = 0; some < 15; some++) {
      const rows = Array.from({ length: 100 }, () =>
        accountRow({ app_id: 'app_a', customer_id: 'cus_a', activated_at: ACTIVATED }),
      );
      await here.db.insertInto('accounts').values(rows).execute();
    }
    const nowMs = at('2026-03-01T00:00:00Z');
    await Promise.all([one.periods.sweep(nowMs), other.periods.sweep(nowMs)]);
    const keys = [...one.spool.charges, ...other.spool.charges].map(({ key }) => key);
    expect(keys.length).toBe(3000);
    expect(new Set(keys).size).toBe(3000);
    expect((await booksOf(here)).balances).toEqual({ 'cus_a EUR': '-30000' });
    await one.close();
    await other.close();
  });
});
