// Takes charges off the balances that they belong to: one entry for each balance and transaction, and the charges
// themselves laid down for the spool, all within the caller's transaction.

import { newId } from '../../../platform/store/id.ts';
import type { Transaction } from '../../../platform/store/sql.ts';
import type { Store } from '../../../platform/store/store.ts';
import type { Tables } from '../../../platform/store/tables.ts';
import type { BillingPlan } from '../../accounts/billing-plan.ts';
import type { ChargeRow } from '../usage-row.ts';
import { type Balance, type BalanceEntry, enter, textOfPurse } from './balances.ts';
import { type LowBalance, withWarnings } from './low-balance.ts';
import { layDown } from './unsent-charges.ts';

export interface Posting {
  readonly charges: readonly ChargeRow[];
  /** Locked; those of all charges, and perhaps more. */
  readonly balances: ReadonlyMap<string, Balance>;
  readonly plans: ReadonlyMap<string, BillingPlan>;
  /** False where nothing takes charges: then they are not kept either. */
  readonly isSent: boolean;
  readonly nowMs: number;
}

export interface Posted {
  readonly balances: ReadonlyMap<string, Balance>;
  /** To be told once the transaction has passed. */
  readonly low: readonly LowBalance[];
  /** Under which the charges are laid down. */
  readonly unsentId: string | undefined;
}

export const CHARGING_ACTOR = 'system';

export async function postCharges(
  store: Pick<Store, 'dialect'>,
  tx: Transaction<Tables>,
  { charges, balances, plans, isSent, nowMs }: Posting,
): Promise<Posted> {
  if (charges.length === 0) return { balances, low: [], unsentId: undefined };
  const byPurse = Map.groupBy(charges, textOfPurse);
  const low: LowBalance[] = [];
  const warned = new Map(balances);
  const entries: BalanceEntry[] = [];
  for (const [purse, ofPurse] of byPurse) {
    const balance = balances.get(purse);
    if (balance === undefined) throw new Error('a charge for a balance that is not locked');
    const amount = ofPurse.reduce((sum, { amountMicros }) => sum - amountMicros, 0n);
    const planIds = [...new Set(ofPurse.map(({ billingPlanId }) => billingPlanId))];
    const judged = withWarnings(balance, balance.micros + amount, planIds, plans);
    low.push(...judged.low);
    warned.set(purse, judged.balance);
    if (amount !== 0n) entries.push(chargeEntry(balance, amount, ofPurse.length));
  }
  const entered = await enter(store, tx, warned, entries, nowMs);
  const unsentId = isSent ? newId('chg') : undefined;
  if (unsentId !== undefined) await layDown(tx, unsentId, charges, nowMs);
  return { balances: entered.balances, low, unsentId };
}

function chargeEntry({ customerId, currency }: Balance, amount: bigint, charges: number): BalanceEntry {
  return {
    customer_id: customerId,
    currency,
    kind: 'charge',
    amount_micros: String(amount),
    reference: null,
    note: null,
    charges,
    actor: CHARGING_ACTOR,
  };
}
