// Which of a plan's prices holds for a session. Units of different prices are never counted together, so each class
// has an accumulator of its own.

import { type PricedPlan, type PriceOverride, type Tariff } from './tariff.ts';

export interface PriceClass {
  /**
   * `<counts>/<currency>` and, where an override holds, what it is for: a plan that is changed to count or charge
   * something else does not go on with the units of before.
   */
  readonly key: string;
  readonly tariff: Tariff;
}

interface UsedBy {
  readonly serviceSpecId: string;
  readonly mountpoint: string;
}

const classesOfPlan = new WeakMap<PricedPlan, Map<PriceOverride | undefined, PriceClass>>();

/**
 * Most specific wins: spec and mountpoint, mountpoint, spec, none. What is included and tiers belong to the plan's own
 * price; an override costs its price from the first unit on.
 */
export function priceClassOf(plan: PricedPlan, used: UsedBy): PriceClass {
  const override = overrideFor(plan.prices ?? [], used);
  const classes = classesOfPlan.get(plan) ?? new Map<PriceOverride | undefined, PriceClass>();
  classesOfPlan.set(plan, classes);
  const found = classes.get(override) ?? makeClass(plan, override);
  classes.set(override, found);
  return found;
}

function makeClass(plan: PricedPlan, override: PriceOverride | undefined): PriceClass {
  const key = `${plan.counts}/${plan.currency}`;
  if (override === undefined) return { key, tariff: plan };
  const { serviceSpecId, mountpoint, priceMicros } = override;
  const names = [serviceSpecId && `spec=${serviceSpecId}`, mountpoint && `mountpoint=${mountpoint}`];
  return {
    key: [key, ...names.filter((name) => name !== undefined)].join('/'),
    tariff: { priceMicros, per: plan.per, included: 0, tiers: [] },
  };
}

function overrideFor(prices: readonly PriceOverride[], used: UsedBy): PriceOverride | undefined {
  let best: PriceOverride | undefined;
  let bestWeight = 0;
  for (const price of prices) {
    if (price.serviceSpecId !== undefined && price.serviceSpecId !== used.serviceSpecId) continue;
    if (price.mountpoint !== undefined && price.mountpoint !== used.mountpoint) continue;
    const weight = (price.mountpoint === undefined ? 0 : 2) + (price.serviceSpecId === undefined ? 0 : 1);
    if (weight <= bestWeight) continue;
    best = price;
    bestWeight = weight;
  }
  return best;
}
