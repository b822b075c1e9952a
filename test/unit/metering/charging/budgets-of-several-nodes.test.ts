// Budgets where other nodes spend of the same balances: what the slices say is what is left, and they are told of a use
// only when all of it is known.

import { expect, test } from 'vitest';
import type { BillingPlan } from '../../../../caster/accounts/billing-plan.ts';
import { Budgets } from '../../../../caster/metering/charging/budgets.ts';
import { ChargedState } from '../../../../caster/metering/charging/charged-state.ts';
import type { PurseUse } from '../../../../caster/metering/charging/slices/redis-slices.ts';

const AT = Date.UTC(2026, 10, 30, 12);
const TEXT = 'cus_a EUR';
const OWNER = {
  ...{ customerId: 'cus_a', appId: 'app_a', accountId: 'acc_a', account: 'rover', device: '' },
  ...{ serviceSpecId: '', billingPlanId: 'plan_p' },
};
const PREPAID: BillingPlan = {
  ...{ counts: 'bytes', currency: 'EUR', priceMicros: 2, per: 1, included: 0, tiers: [], timeZone: 'UTC' },
  ...{ mode: 'prepaid', atZero: 'end' },
};

function setUp() {
  const house = {
    plan: PREPAID as BillingPlan | Promise<BillingPlan>,
    units: 0 as number | undefined,
    left: 100n,
    isHeard: true,
    /** What the next question answers. */
    answer: Promise.resolve(),
    asked: 0,
  };
  const looks: { uses: Record<string, bigint>; unknown: string[] }[] = [];
  const ended: string[] = [];
  const budgets = new Budgets({
    plans: { get: () => house.plan, changes: 0 },
    state: new ChargedState(),
    books: { balance: () => 1_000_000n, units: () => house.units, refresh: () => Promise.resolve() },
    slices: {
      look: (uses: ReadonlyMap<string, PurseUse>, unknown) => {
        const micros = [...uses].map(([text, { unchargedMicros }]) => [text, unchargedMicros] as const);
        looks.push({ uses: Object.fromEntries(micros), unknown: [...unknown] });
        return house.answer;
      },
      askFor: () => {
        house.asked += 1;
        return house.answer;
      },
      isHeard: () => house.isHeard,
      leftMicros: () => house.left,
    },
    running: () => [
      {
        ...{ sessionId: 'ses_a', owner: OWNER, mountpoint: 'BASE1' },
        totals: { bytes: 30, epochs: 0, activeSeconds: 0, durationMs: 0 },
      },
    ],
    endSession: (sessionId) => ended.push(sessionId),
    failed: (error) => {
      throw error;
    },
  });
  return { budgets, house, looks, ended };
}

const ASK = { ...OWNER, mountpoint: 'BASE1', isActivated: true };

test('a stream ends by what the slices have left when they have answered, whatever the balance is', async () => {
  const { budgets, house, looks, ended } = setUp();
  const answered = Promise.withResolvers<undefined>();
  house.answer = answered.promise.then(() => undefined);
  budgets.look(AT);
  expect(looks).toEqual([{ uses: { [TEXT]: 60n }, unknown: [] }]);
  house.left = 0n;
  await Promise.resolve();
  expect(ended).toEqual([]);
  answered.resolve(undefined);
  await house.answer.then(() => undefined);
  expect(ended).toEqual(['ses_a']);
});

test('a balance is unknown to the slices while some of its use has no price', () => {
  const { budgets, house, looks } = setUp();
  house.units = undefined;
  budgets.look(AT);
  expect(looks).toEqual([{ uses: { [TEXT]: 0n }, unknown: [TEXT] }]);
});

test('the slices are told of nothing while a plan is being read', () => {
  const { budgets, house, looks } = setUp();
  house.plan = Promise.resolve(PREPAID);
  budgets.look(AT);
  expect(looks).toEqual([]);
});

test('a login is answered at once while something is left', () => {
  const { budgets, house } = setUp();
  expect([budgets.mayStart(ASK, AT), house.asked]).toEqual([true, 0]);
});

test('a login is refused only after the slices were asked anew', async () => {
  const { budgets, house } = setUp();
  house.left = 0n;
  expect([await budgets.mayStart(ASK, AT), house.asked]).toEqual([false, 1]);
  house.answer = Promise.resolve().then(() => {
    house.left = 1n;
  });
  expect([await budgets.mayStart(ASK, AT), house.asked]).toEqual([true, 2]);
});

test('a login on a balance of which nothing was heard waits for the answer', async () => {
  const { budgets, house } = setUp();
  house.isHeard = false;
  house.answer = Promise.resolve().then(() => {
    house.left = 0n;
  });
  expect(await budgets.mayStart(ASK, AT)).toBe(false);
});
