// Streams end when nothing is left to pay for them, not before and not later; by a clock and books that the test keeps.

import { describe, expect, test } from 'vitest';
import type { BillingPlan } from '../../../../caster/accounts/billing-plan.ts';
import {
  type BudgetAsk,
  Budgets,
  type RunningSession,
} from '../../../../caster/metering/charging/budgets.ts';
import { ChargedState } from '../../../../caster/metering/charging/charged-state.ts';
import { type AccumulatorKey, textOfKey } from '../../../../caster/metering/charging/reckoning.ts';
import { usageRow } from '../../../support/meter-rows.ts';

const AT = Date.UTC(2026, 10, 30, 12);

const PREPAID: BillingPlan = {
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
const OWNER = {
  customerId: 'cus_a',
  appId: 'app_a',
  accountId: 'acc_a',
  account: 'rover',
  device: '',
  serviceSpecId: '',
  billingPlanId: 'plan_p',
};

function setUp(
  plans: Readonly<Record<string, BillingPlan>> = { plan_p: PREPAID },
  balance: bigint | undefined = 100n,
) {
  const state = new ChargedState();
  const running = new Map<string, RunningSession>();
  const units = new Map<string, number>();
  const ended: string[] = [];
  const house = {
    plans: { ...plans },
    balance: balance as bigint | undefined,
    changes: 0,
    refreshes: 0,
    onRefresh: (): void => undefined,
  };
  const budgets = new Budgets({
    plans: {
      get: (id) => house.plans[id],
      get changes() {
        return house.changes;
      },
    },
    state,
    books: {
      balance: () => house.balance,
      units: (key: AccumulatorKey) => units.get(textOfKey(key)) ?? 0,
      refresh: () => {
        house.refreshes += 1;
        house.onRefresh();
        return Promise.resolve();
      },
    },
    running: () => running.values(),
    endSession: (sessionId, reason) => ended.push(`${sessionId} ${reason}`),
    failed: (error) => {
      throw error;
    },
  });
  return {
    ...{ budgets, house, state, running, units, ended },
    /** What a session has used since its start. */
    use: (
      sessionId: string,
      bytes: number,
      owner: Partial<typeof OWNER> = {},
      mountpoint = 'BASE1',
    ): void => {
      const totals = { bytes, epochs: 0, activeSeconds: 0, durationMs: 0 };
      running.set(sessionId, { sessionId, owner: { ...OWNER, ...owner }, mountpoint, totals });
    },
  };
}

function ask(given: Partial<BudgetAsk> = {}): BudgetAsk {
  return { ...OWNER, mountpoint: 'BASE1', isActivated: true, ...given };
}

describe('a stream ends', () => {
  test('at the first look at which what it has used costs the whole balance', () => {
    const { budgets, use, ended } = setUp();
    use('ses_a', 49);
    budgets.look(AT);
    expect(ended).toEqual([]);
    use('ses_a', 50);
    budgets.look(AT + 250);
    expect(ended).toEqual(['ses_a balance_empty']);
  });

  test('once, although it is still there at the next look', () => {
    const { budgets, use, ended } = setUp();
    use('ses_a', 60);
    budgets.look(AT);
    use('ses_a', 70);
    budgets.look(AT + 250);
    expect(ended).toEqual(['ses_a balance_empty']);
  });

  test('together with all others that the balance pays for, and no one else’s', () => {
    const { budgets, use, ended } = setUp({ plan_p: PREPAID, plan_q: { ...PREPAID, atZero: 'continue' } });
    use('ses_a', 20);
    use('ses_b', 20, {}, 'BASE2');
    // It goes on, but what it uses is paid for by the same balance.
    use('ses_c', 10, { billingPlanId: 'plan_q' });
    use('ses_free', 900, { customerId: '' });
    budgets.look(AT);
    expect(ended).toEqual(['ses_a balance_empty', 'ses_b balance_empty']);
    expect(budgets.unchargedMicros({ customerId: 'cus_a', currency: 'EUR' })).toBe(100n);
  });

  test('for what sessions used that have ended and are not charged yet, too', () => {
    const { budgets, state, use, ended } = setUp();
    const total = { ...usageRow('ses_gone', 0).total, bytes: 40 };
    state.taken([usageRow('ses_gone', 0, { ...OWNER, total, isLast: true })]);
    use('ses_a', 9);
    budgets.look(AT);
    expect(ended).toEqual([]);
    use('ses_a', 10);
    budgets.look(AT + 250);
    expect(ended).toEqual(['ses_a balance_empty']);
  });

  test('when the credit of a postpaid plan is used up', () => {
    const plan: BillingPlan = { ...PREPAID, mode: 'postpaid', creditLimitMicros: 60 };
    const { budgets, house, use, ended } = setUp({ plan_p: plan }, 0n);
    use('ses_a', 29);
    budgets.look(AT);
    expect(ended).toEqual([]);
    house.balance = -2n;
    budgets.look(AT + 250);
    expect(ended).toEqual(['ses_a balance_empty']);
  });
});

describe('a stream goes on', () => {
  test('where what it has used is charged: nothing is counted twice', () => {
    const { budgets, house, state, units, use, ended } = setUp();
    use('ses_a', 45);
    const total = { ...usageRow('ses_a', 0).total, bytes: 40 };
    const row = usageRow('ses_a', 0, { ...OWNER, total });
    state.taken([row]);
    const marks = new Map([['ses_a', { window: 0, total }]]);
    state.charged({ balances: new Map(), accumulators: new Map(), used: new Map(), marks }, [row]);
    house.balance = 20n;
    units.set(
      textOfKey({ customerId: 'cus_a', planId: 'plan_p', periodKey: 'always', classKey: 'bytes/EUR' }),
      40,
    );
    budgets.look(AT);
    expect(ended).toEqual([]);
    expect(budgets.unchargedMicros({ customerId: 'cus_a', currency: 'EUR' })).toBe(10n);
  });

  test('on what is included, whatever is owed', () => {
    const { budgets, use, ended } = setUp({ plan_p: { ...PREPAID, included: 1000 } }, -500n);
    use('ses_a', 999);
    budgets.look(AT);
    expect(ended).toEqual([]);
    use('ses_a', 1000);
    budgets.look(AT + 250);
    expect(ended).toEqual(['ses_a balance_empty']);
  });

  test('on a plan that costs nothing', () => {
    const { budgets, use, ended } = setUp({ plan_p: { ...PREPAID, priceMicros: 0 } }, -500n);
    use('ses_a', 1e9);
    budgets.look(AT);
    expect(ended).toEqual([]);
  });

  test('for as long as nobody knows the balance', () => {
    const { budgets, house, use, ended } = setUp(undefined, undefined);
    house.balance = undefined;
    use('ses_a', 1e9);
    budgets.look(AT);
    expect([ended, house.refreshes]).toEqual([[], 1]);
    house.balance = 100n;
    budgets.look(AT + 250);
    expect(ended).toEqual(['ses_a balance_empty']);
  });

  test('to the end of a period that is paid for', () => {
    const { budgets, house, use, ended } = setUp(
      { plan_p: { ...PREPAID, counts: 'period', period: 'month' } },
      0n,
    );
    use('ses_a', 1e9);
    budgets.look(AT);
    expect(ended).toEqual([]);
    house.balance = -2n;
    budgets.look(AT + 250);
    expect(ended).toEqual(['ses_a balance_empty']);
  });
});

test('a plan that is changed holds from the next look on', () => {
  const { budgets, house, use, ended } = setUp();
  use('ses_a', 40);
  budgets.look(AT);
  house.plans['plan_p'] = { ...PREPAID, priceMicros: 3 };
  house.changes += 1;
  budgets.look(AT + 250);
  expect(ended).toEqual(['ses_a balance_empty']);
});

test('a new period begins with what it includes', () => {
  const { budgets, units, use, ended } = setUp({ plan_p: { ...PREPAID, included: 100, period: 'day' } }, 0n);
  const key = { customerId: 'cus_a', planId: 'plan_p', classKey: 'bytes/EUR' };
  units.set(textOfKey({ ...key, periodKey: 'day/2026-11-30' }), 90);
  use('ses_a', 5);
  budgets.look(AT);
  use('ses_a', 15);
  budgets.look(Date.UTC(2026, 11, 1));
  expect(ended).toEqual([]);
});

describe('a login', () => {
  test('is refused while nothing is left, and let in once something is', async () => {
    const { budgets, house, use } = setUp();
    use('ses_a', 50);
    budgets.look(AT);
    expect(await budgets.mayStart(ask(), AT)).toBe(false);
    house.balance = 101n;
    expect(await budgets.mayStart(ask(), AT)).toBe(true);
  });

  test('waits until the balance is read', async () => {
    const { budgets, house } = setUp(undefined, undefined);
    house.balance = undefined;
    house.onRefresh = () => (house.balance = 0n);
    expect(await budgets.mayStart(ask(), AT)).toBe(false);
    house.onRefresh = () => (house.balance = 1n);
    house.balance = undefined;
    expect(await budgets.mayStart(ask(), AT)).toBe(true);
  });

  test.for<[string, Partial<BudgetAsk>]>([
    ['without a plan', { billingPlanId: '' }],
    ['without a customer', { customerId: '' }],
    ['with a plan that nobody knows', { billingPlanId: 'plan_x' }],
    ['with a plan that goes on at zero', { billingPlanId: 'plan_q' }],
  ])('%s is let in whatever is left', async ([, given]) => {
    const { budgets } = setUp({ plan_p: PREPAID, plan_q: { ...PREPAID, atZero: 'continue' } }, -1n);
    expect(await budgets.mayStart(ask(given), AT)).toBe(true);
  });

  test('that activates an account needs the price of its first period', async () => {
    const { budgets, house } = setUp(
      { plan_p: { ...PREPAID, counts: 'period', period: 'month', priceMicros: 30 } },
      29n,
    );
    expect(await budgets.mayStart(ask({ isActivated: false }), AT)).toBe(false);
    expect(await budgets.mayStart(ask(), AT)).toBe(true);
    house.balance = 30n;
    expect(await budgets.mayStart(ask({ isActivated: false }), AT)).toBe(true);
    house.balance = -1n;
    expect(await budgets.mayStart(ask(), AT)).toBe(false);
  });
});
