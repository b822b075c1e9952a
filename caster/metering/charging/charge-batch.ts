// One batch of windows, charged in one transaction: marks, accumulators, balances, entries and charges move together or
// not at all. Who holds the lock of a balance is the only one to move the accumulators behind it.

import type { Store } from '../../../platform/store/store.ts';
import type { BillingPlan } from '../../accounts/billing-plan.ts';
import type { ChargeRow } from '../usage-row.ts';
import { lockBalances, textOfPurse } from './balances.ts';
import { readAccumulators, readMarks, writeAccumulators, writeMarks } from './charge-tables.ts';
import { type Posted, postCharges } from './post-charges.ts';
import { type Accumulator, accumulatorKeyOf, chargeUsed, type Mark, usedSince } from './reckoning.ts';
import type { TakenRow } from './taken-row.ts';

export interface ChargedBatch extends Posted {
  readonly charges: readonly ChargeRow[];
  readonly marks: ReadonlyMap<string, Mark>;
  readonly accumulators: ReadonlyMap<string, Accumulator>;
  /** The sums of the charges, by balance. */
  readonly used: ReadonlyMap<string, bigint>;
  readonly unpriced: readonly TakenRow[];
}

export function chargeBatch(
  store: Store,
  rows: readonly TakenRow[],
  plans: ReadonlyMap<string, BillingPlan>,
  { isSent, nowMs }: { isSent: boolean; nowMs: number },
): Promise<ChargedBatch> {
  const sessionIds = [...new Set(rows.map(({ sessionId }) => sessionId))];
  return store.write(async (tx) => {
    const { used, marks, unpriced } = usedSince(rows, await readMarks(store, tx, sessionIds), plans);
    const purses = used.map(({ row, plan }) => ({ customerId: row.customerId, currency: plan.currency }));
    const balances = await lockBalances(store, tx, purses, nowMs);
    const before = await readAccumulators(store, tx, used.map(accumulatorKeyOf));
    const { charges, accumulators } = chargeUsed(used, before, nowMs);
    await writeAccumulators(store, tx, accumulators.values(), nowMs);
    await writeMarks(store, tx, marks, nowMs);
    const posted = await postCharges(store, tx, { charges, balances, plans, isSent, nowMs });
    return { ...posted, charges, marks, accumulators, used: sumsOf(charges), unpriced };
  });
}

function sumsOf(charges: readonly ChargeRow[]): Map<string, bigint> {
  const sums = new Map<string, bigint>();
  for (const charge of charges) {
    const purse = textOfPurse(charge);
    sums.set(purse, (sums.get(purse) ?? 0n) + charge.amountMicros);
  }
  return sums;
}
