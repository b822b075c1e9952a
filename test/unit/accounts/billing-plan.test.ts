import { describe, expect, test } from 'vitest';
import { type BillingPlan, complaintsAboutPlan } from '../../../caster/accounts/billing-plan.ts';
import { type PricedPlan } from '../../../caster/metering/rating/tariff.ts';

const PLAN: BillingPlan = {
  counts: 'bytes',
  currency: 'EUR',
  priceMicros: 1,
  per: 1,
  timeZone: 'UTC',
  included: 0,
  tiers: [],
  mode: 'postpaid',
  atZero: 'continue',
};

const pathsOf = (plan: Partial<BillingPlan>): string[] =>
  complaintsAboutPlan({ ...PLAN, ...plan }).map(({ path }) => path.join('/'));

test('a billing plan is what rating takes', () => {
  const priced: PricedPlan = PLAN;
  expect(priced).toBe(PLAN);
});

describe('a plan is told that it contradicts itself where', () => {
  test.each<[string, Partial<BillingPlan>, string[]]>([
    ['postpaid streams end at zero without a credit limit', { atZero: 'end' }, ['atZero']],
    ['a warning has nothing to warn of', { lowBalanceMicros: 5 }, ['lowBalanceMicros']],
    ['prepaid has a credit limit', { mode: 'prepaid', creditLimitMicros: 5 }, ['creditLimitMicros']],
    ['a price is for nothing in particular', { prices: [{ priceMicros: 1 }] }, ['prices/0']],
    [
      'two prices are for the same',
      {
        prices: [
          { mountpoint: 'A', priceMicros: 1 },
          { mountpoint: 'A', priceMicros: 2 },
        ],
      },
      ['prices/1'],
    ],
    [
      'periods have prices by mountpoint',
      { counts: 'period', period: 'month', prices: [{ mountpoint: 'A', priceMicros: 1 }] },
      ['prices'],
    ],
  ])('%s', (_, plan, paths) => {
    expect(pathsOf(plan)).toEqual(paths);
  });

  test.each<[string, Partial<BillingPlan>]>([
    ['postpaid with an end', { atZero: 'end', creditLimitMicros: 1, lowBalanceMicros: 1 }],
    ['prepaid with a warning', { mode: 'prepaid', atZero: 'end', lowBalanceMicros: 1 }],
    [
      'prices of all kinds',
      {
        prices: [
          { mountpoint: 'A', priceMicros: 1 },
          { serviceSpecId: 'A', priceMicros: 1 },
        ],
      },
    ],
  ])('a plan is not taken with %s', (_, plan) => {
    expect(pathsOf(plan)).toEqual([]);
  });
});
