// When a balance is low: told once for each plan when a charge takes it below the plan's threshold, and again only after
// it was above in between. Pure.

import type { BillingPlan } from '../../accounts/billing-plan.ts';
import type { Balance, PurseKey } from './balances.ts';

export interface LowBalance extends PurseKey {
  readonly planId: string;
  /** Of the balance, or of the credit behind it. */
  readonly leftMicros: bigint;
}

/** What may still be used by this plan before a stream of it ends; undefined where there is no end. */
export function leftOf(
  { mode, creditLimitMicros }: Pick<BillingPlan, 'mode' | 'creditLimitMicros'>,
  micros: bigint,
): bigint | undefined {
  if (mode === 'prepaid') return micros;
  return creditLimitMicros === undefined ? undefined : micros + BigInt(creditLimitMicros);
}

/** The balance with what was told about it once it has gone to `afterMicros`, and what is to be told. */
export function withWarnings(
  balance: Balance,
  afterMicros: bigint,
  planIds: readonly string[],
  plans: ReadonlyMap<string, BillingPlan>,
): { balance: Balance; low: LowBalance[] } {
  const { customerId, currency, micros } = balance;
  const told = new Set(balance.lowTold);
  const low: LowBalance[] = [];
  for (const planId of planIds) {
    const plan = plans.get(planId);
    if (plan?.lowBalanceMicros === undefined) {
      told.delete(planId);
      continue;
    }
    const threshold = BigInt(plan.lowBalanceMicros);
    const [before, left] = [leftOf(plan, micros), leftOf(plan, afterMicros)];
    if (before === undefined || left === undefined) continue;
    if (before >= threshold || left >= threshold) told.delete(planId);
    if (left >= threshold || told.has(planId)) continue;
    told.add(planId);
    low.push({ customerId, currency, planId, leftMicros: left });
  }
  return { balance: { ...balance, lowTold: told }, low };
}
