// Budgets on real books: whatever is charged and whatever is not, what is left is the balance less the price of
// everything that was used; and a top-up is heard of at once.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { BillingPlan } from '../../../../caster/accounts/billing-plan.ts';
import { Books } from '../../../../caster/metering/charging/books.ts';
import { Budgets, type RunningSession } from '../../../../caster/metering/charging/budgets.ts';
import { rate } from '../../../../caster/metering/rating/rate.ts';
import { usageRow } from '../../../support/meter-rows.ts';
import { useTempFolder } from '../../../support/temp-folder.ts';
import { DIALECTS, useStores } from '../../../support/use-stores.ts';
import { CHARGING_SEED, planRows } from './cases.ts';
import { openChargingUnderTest } from './charging-under-test.ts';

const stores = useStores();
const folder = useTempFolder();

const PLAN: BillingPlan = {
  counts: 'bytes',
  currency: 'EUR',
  priceMicros: 7,
  per: 3,
  included: 500,
  tiers: [{ from: 2000, priceMicros: 5 }],
  timeZone: 'UTC',
  mode: 'prepaid',
  atZero: 'end',
};
const PURSE = { customerId: 'cus_a', currency: 'EUR' };
const OWNER = { customerId: 'cus_a', billingPlanId: 'plan_p' };
const SESSIONS = 5;

const steps = fc.array(
  fc.oneof(
    fc.record({
      kind: fc.constant('use' as const),
      session: fc.nat({ max: SESSIONS - 1 }),
      bytes: fc.nat({ max: 300 }),
    }),
    fc.record({
      kind: fc.constant('window' as const),
      session: fc.nat({ max: SESSIONS - 1 }),
      isLast: fc.constant(false),
    }),
    fc.record({ kind: fc.constant('charge' as const) }),
    fc.record({ kind: fc.constant('read' as const) }),
  ),
  { minLength: 40, maxLength: 80 },
);

describe.each(DIALECTS)('on %s', (dialect) => {
  test('at every moment, balance and what is not charged add up to the price of all that was used', async (context) => {
    const store = await stores.open(dialect, context);
    await store.db
      .insertInto('billing_plans')
      .values(planRows(new Map([['plan_p', PLAN]])))
      .execute();
    const tested = await openChargingUnderTest(store, folder);
    const { charging, state, plans } = tested;
    const books = new Books({ store, state, turns: charging.turns });
    const running = new Map<string, RunningSession>();
    const failed = (error: unknown): never => {
      throw error;
    };
    const budgets = new Budgets({
      ...{ plans, state, books, failed },
      running: () => running.values(),
      endSession: () => undefined,
    });
    await plans.get('plan_p');
    const used = new Map<string, number>();
    const windows = new Map<string, number>();
    const row = (id: string) => {
      const window = windows.get(id) ?? 0;
      windows.set(id, window + 1);
      return usageRow(id, window, {
        ...OWNER,
        total: { ...usageRow(id, 0).total, bytes: used.get(id) ?? 0 },
      });
    };
    const [drawn = []] = fc.sample(steps, { seed: CHARGING_SEED, numRuns: 1 });
    const check = async (): Promise<void> => {
      budgets.look(Date.now());
      await books.refresh(Date.now());
      budgets.look(Date.now());
      const units = [...used.values()].reduce((sum, bytes) => sum + bytes, 0);
      const left = (books.balance(PURSE, Date.now()) ?? 0n) - budgets.unchargedMicros(PURSE);
      expect(left).toBe(-rate(PLAN, units));
    };
    for (const step of drawn) {
      const id = 'session' in step ? `ses_${step.session}` : '';
      if (step.kind === 'use') used.set(id, (used.get(id) ?? 0) + step.bytes);
      if (step.kind === 'window') charging.take([row(id)]);
      if (step.kind === 'charge') await charging.flush();
      if (step.kind === 'use' || step.kind === 'window') {
        const totals = { bytes: used.get(id) ?? 0, epochs: 0, activeSeconds: 0, durationMs: 0 };
        running.set(id, { sessionId: id, owner: usageRow(id, 0, OWNER), mountpoint: 'BASE1', totals });
      }
      await check();
    }
    // They end: what their last windows say is not charged yet, and counts.
    for (const id of used.keys()) {
      charging.take([{ ...row(id), isLast: true }]);
      running.delete(id);
    }
    await check();
    await charging.flush();
    await check();
    expect(budgets.unchargedMicros(PURSE)).toBe(0n);
    await tested.close();
  });

  test('a balance that was changed elsewhere is read as soon as it is told of', async (context) => {
    const store = await stores.open(dialect, context);
    await store.db
      .insertInto('billing_plans')
      .values(planRows(new Map([['plan_p', { ...PLAN, included: 0 }]])))
      .execute();
    const tested = await openChargingUnderTest(store, folder);
    const { charging, state, plans, bus } = tested;
    const books = new Books({ store, state, turns: charging.turns });
    const budgets = new Budgets({
      ...{ plans, state, books },
      running: () => [],
      endSession: () => undefined,
      failed: () => undefined,
    });
    budgets.start(bus);
    const ask = { ...OWNER, serviceSpecId: '', mountpoint: 'BASE1', isActivated: true };
    expect(await budgets.mayStart(ask, Date.now())).toBe(false);
    await store.db
      .insertInto('balances')
      .values({ customer_id: 'cus_a', currency: 'EUR', balance_micros: '5', low_told: '[]', updated_at: 0 })
      .execute();
    expect(await budgets.mayStart(ask, Date.now())).toBe(false);
    bus.publish({ kind: 'balance', id: 'cus_a' });
    await books.refresh(Date.now());
    expect(await budgets.mayStart(ask, Date.now())).toBe(true);
    budgets.stop();
    await tested.close();
  });
});
