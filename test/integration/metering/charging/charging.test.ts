// Windows become charges: as a second calculation says, once each, and balances are the sum of their entries.

import { describe, expect, test } from 'vitest';
import { insertAll } from '../../../../platform/store/insert-all.ts';
import type { Store } from '../../../../platform/store/store.ts';
import { forgetOldMarks } from '../../../../caster/metering/charging/old-marks.ts';
import type { BillingPlan } from '../../../../caster/accounts/billing-plan.ts';
import { usageRow } from '../../../support/meter-rows.ts';
import { useTempFolder } from '../../../support/temp-folder.ts';
import { DIALECTS, useStores } from '../../../support/use-stores.ts';
import { whyNoJudge } from '../../../unit/metering/rating/judge.ts';
import { chargingCase, CHARGING_SEED, planRows } from './cases.ts';
import { booksOf, openChargingUnderTest } from './charging-under-test.ts';
import { asJudged, judgeCharges } from './judge-charges.ts';

const stores = useStores();
const folder = useTempFolder();

const DAY_MS = 86_400_000;

const PLAN: BillingPlan = {
  counts: 'bytes',
  currency: 'EUR',
  priceMicros: 2,
  per: 1,
  included: 0,
  tiers: [],
  timeZone: 'UTC',
  mode: 'prepaid',
  atZero: 'end',
};

async function makePlans(store: Store, plans: ReadonlyMap<string, BillingPlan>): Promise<void> {
  await store.write((tx) => insertAll(store, tx, 'billing_plans', planRows(plans)));
}

/** Nothing is entered where nothing was to pay. */
function moved(balances: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(balances).filter(([, micros]) => micros !== '0'));
}

function bytesRow(session: string, window: number, bytes: number, given: object = {}) {
  const none = { epochs: 0, frames: 0, epochsDropped: 0, framesDropped: 0, activeSeconds: 0, durationMs: 0 };
  return usageRow(session, window, {
    billingPlanId: 'plan_p',
    customerId: 'cus_a',
    total: { ...none, bytes },
    ...given,
  });
}

describe.each(DIALECTS)('on %s', (dialect) => {
  test('charges and balances are those of a second calculation, whatever is delivered twice', async (context) => {
    const missing = whyNoJudge();
    context.skip(missing !== undefined, missing);
    const store = await stores.open(dialect, context);
    const { plans, rows } = chargingCase(CHARGING_SEED, 120);
    await makePlans(store, plans);
    const tested = await openChargingUnderTest(store, folder);
    for (let at = 0; at < rows.length; at += 97) {
      expect(tested.charging.take(rows.slice(at, at + 97))).toEqual({ ok: true });
      if (at % 3 === 0) await tested.charging.flush();
    }
    await tested.charging.flush();
    await tested.close();
    const judged = judgeCharges(plans, rows);
    expect(judged.charges.length).toBeGreaterThan(300);
    expect(tested.spool.charges.map(asJudged)).toEqual(judged.charges);
    const books = await booksOf(store);
    expect(books.balances).toEqual(judged.balances);
    expect(books.entries).toEqual(moved(judged.balances));
    expect(books.lastOfEntries).toEqual(moved(judged.balances));
    expect(tested.failures).toEqual([]);
  });

  test('two nodes that charge one customer lose nothing of each other', async (context) => {
    const missing = whyNoJudge();
    context.skip(missing !== undefined, missing);
    const at = await stores.place(dialect, context);
    const [one, other] = [await stores.open(dialect, context, at), await stores.open(dialect, context, at)];
    const { plans, rows } = chargingCase(CHARGING_SEED + 1, 80);
    await makePlans(one, plans);
    const nodes = [await openChargingUnderTest(one, folder), await openChargingUnderTest(other, folder)];
    const isOfFirst = ({ sessionId }: { sessionId: string }): boolean => Number(sessionId.slice(4)) % 2 === 0;
    for (let from = 0; from < rows.length; from += 50) {
      const some = rows.slice(from, from + 50);
      nodes[0]!.charging.take(some.filter(isOfFirst));
      nodes[1]!.charging.take(some.filter((row) => !isOfFirst(row)));
      await Promise.all(nodes.map(({ charging }) => charging.flush()));
    }
    for (const node of nodes) await node.close();
    expect(nodes.flatMap(({ failures }) => failures)).toEqual([]);
    // Whoever came first, what all have used together costs the same.
    const judged = judgeCharges(plans, rows);
    const books = await booksOf(one);
    expect(books.balances).toEqual(judged.balances);
    expect(books.entries).toEqual(moved(judged.balances));
  });

  test('a plan that is deleted meanwhile still charges what was used by it', async (context) => {
    const store = await stores.open(dialect, context);
    const tested = await openChargingUnderTest(store, folder);
    await store.db
      .insertInto('deleted_billing_plans')
      .values({ id: 'plan_p', plan: JSON.stringify(PLAN), deleted_at: 1 })
      .execute();
    tested.charging.take([bytesRow('ses_a', 0, 50)]);
    await tested.close();
    expect((await booksOf(store)).balances).toEqual({ 'cus_a EUR': '-100' });
  });

  test('a plan that is changed charges what comes after at the new price, and nothing again', async (context) => {
    const store = await stores.open(dialect, context);
    await makePlans(store, new Map([['plan_p', PLAN]]));
    const tested = await openChargingUnderTest(store, folder);
    tested.charging.take([bytesRow('ses_a', 0, 50)]);
    await tested.charging.flush();
    const plan = JSON.stringify({ ...PLAN, priceMicros: 7 });
    await store.db.updateTable('billing_plans').set({ plan }).where('id', '=', 'plan_p').execute();
    tested.bus.publish({ kind: 'plan', id: 'plan_p' });
    tested.charging.take([bytesRow('ses_a', 1, 60)]);
    await tested.close();
    expect((await booksOf(store)).balances).toEqual({ 'cus_a EUR': '-170' });
  });

  test('a window that never came is charged with the next one', async (context) => {
    const store = await stores.open(dialect, context);
    await makePlans(store, new Map([['plan_p', PLAN]]));
    const tested = await openChargingUnderTest(store, folder);
    tested.charging.take([bytesRow('ses_a', 0, 10), bytesRow('ses_a', 2, 30)]);
    await tested.close();
    expect((await booksOf(store)).balances).toEqual({ 'cus_a EUR': '-60' });
  });

  test('what nobody pays for is not charged', async (context) => {
    const store = await stores.open(dialect, context);
    await makePlans(store, new Map([['plan_p', PLAN]]));
    const tested = await openChargingUnderTest(store, folder);
    tested.charging.take([
      bytesRow('ses_a', 0, 10, { customerId: '' }),
      bytesRow('ses_b', 0, 10, { billingPlanId: '' }),
      bytesRow('ses_c', 0, 10, { role: 'base' }),
    ]);
    expect(tested.charging.waitingRows).toBe(0);
    await tested.close();
    expect((await booksOf(store)).balances).toEqual({});
  });

  test('charges that the spool does not take are sent once it does', async (context) => {
    const store = await stores.open(dialect, context);
    await makePlans(store, new Map([['plan_p', PLAN]]));
    const tested = await openChargingUnderTest(store, folder);
    tested.spool.isFull = true;
    tested.charging.take([bytesRow('ses_a', 0, 10)]);
    await tested.close();
    expect((await booksOf(store)).balances).toEqual({ 'cus_a EUR': '-20' });
    const again = await openChargingUnderTest(store, folder);
    expect(again.spool.charges.map(({ key, amountMicros }) => [key, amountMicros])).toEqual([
      ['ses_a/0/plan_p', 20n],
    ]);
    await again.close();
    expect(await store.db.selectFrom('unsent_charges').selectAll().execute()).toEqual([]);
  });

  test('up to where sessions are charged is forgotten long after their last charge, and not before', async (context) => {
    const store = await stores.open(dialect, context);
    await makePlans(store, new Map([['plan_p', PLAN]]));
    const tested = await openChargingUnderTest(store, folder);
    tested.charging.take(Array.from({ length: 1100 }, (_, index) => bytesRow(`ses_${index}`, 0, 10)));
    await tested.close();
    const marks = async (): Promise<number> =>
      (await store.db.selectFrom('charge_marks').select('session_id').execute()).length;
    const chargedAtMs = Date.now();
    await forgetOldMarks(store, chargedAtMs + 80 * DAY_MS);
    expect(await marks()).toBe(1100);
    await forgetOldMarks(store, chargedAtMs + 91 * DAY_MS);
    expect(await marks()).toBe(0);
  });

  test('a low balance is told once, and again only after it was above', async (context) => {
    const store = await stores.open(dialect, context);
    await makePlans(
      store,
      new Map([['plan_p', { ...PLAN, mode: 'postpaid', creditLimitMicros: 100, lowBalanceMicros: 40 }]]),
    );
    const tested = await openChargingUnderTest(store, folder);
    const told: number[] = [];
    let window = 0;
    for (const bytes of [10, 25, 35, 40]) {
      tested.charging.take([bytesRow('ses_a', window++, bytes)]);
      await tested.charging.flush();
      told.push(tested.events().filter(({ event }) => event === 'balance_low').length);
    }
    expect(told).toEqual([0, 0, 1, 1]);
    await store.db.updateTable('balances').set({ balance_micros: '0' }).execute();
    tested.charging.take([bytesRow('ses_a', window, 80)]);
    await tested.close();
    const low = tested.events().filter(({ event }) => event === 'balance_low');
    expect(low.map(({ leftMicros }) => leftMicros)).toEqual(['30', '20']);
    expect(low[0]).toMatchObject({ level: 'warn', customer: 'cus_a', currency: 'EUR', plan: 'plan_p' });
  });
});
