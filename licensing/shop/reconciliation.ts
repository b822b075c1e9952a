// Compares what is in different hands: paid orders, payments, entitlements, grants and receipts. What does not fit is
// listed by order, a page at a time; what is under way is given RECONCILED_AFTER_MS first.

import { RECONCILED_AFTER_MS } from '../../config/limits.ts';
import type { Actor } from '../../platform/http/actor.ts';
import type { Kysely } from '../../platform/store/sql.ts';
import type { Tables } from '../../platform/store/tables.ts';
import type { OrdersTable } from '../../platform/store/tables/shop-tables.ts';
import { visibleOrders } from './who-sees.ts';

export const FINDINGS = [
  /** Paid, and no entitlement, or one of another order or vehicle. */
  'paid_without_entitlement',
  /** Paid, and what it bought was ended as if its money had gone back. */
  'paid_right_refunded',
  /** It costs something, and no payment paid it. */
  'paid_without_payment',
  /** The order is over, and what it bought is not. */
  'entitlement_outlives_order',
  /** Money that pays for nothing, and has not gone back. */
  'money_not_returned',
  /** No grant says what the entitlement is. */
  'grant_missing',
  /** The vehicle has not said that it has it. */
  'receipt_missing',
] as const;

export type Finding = (typeof FINDINGS)[number];

export interface Unfitting {
  readonly order: OrdersTable;
  readonly findings: readonly Finding[];
}

/** Of so many orders behind `after`, oldest first. */
export async function reconcile(
  db: Kysely<Tables>,
  actor: Actor,
  page: { readonly after: string | undefined; readonly limit: number; readonly nowMs: number },
): Promise<{ readonly unfitting: Unfitting[]; readonly looked: number; readonly last: string | undefined }> {
  let query = db.selectFrom('orders').selectAll().where(visibleOrders(actor)).orderBy('id').limit(page.limit);
  if (page.after !== undefined) query = query.where('id', '>', page.after);
  const orders = await query.execute();
  const unfitting: Unfitting[] = [];
  for (const order of orders) {
    if (order.updated_at > page.nowMs - RECONCILED_AFTER_MS) continue;
    const findings = await findingsOf(db, order, page.nowMs);
    if (findings.length > 0) unfitting.push({ order, findings });
  }
  return { unfitting, looked: orders.length, last: orders.at(-1)?.id };
}

async function findingsOf(db: Kysely<Tables>, order: OrdersTable, nowMs: number): Promise<Finding[]> {
  const findings: Finding[] = [];
  const payments = await db
    .selectFrom('payments')
    .select((eb) => [
      'state',
      // What a provider does not take back is asked for anew: `updated_at` says nothing of how long.
      eb
        .selectFrom('payment_events')
        .whereRef('payment_events.payment_id', '=', 'payments.id')
        .select((of) => of.fn.max('payment_events.received_at').as('at'))
        .as('toldAt'),
    ])
    .where('order_id', '=', order.id)
    .execute();
  const isSettled = order.state === 'paid' || order.state === 'disputed';
  const isPaid = payments.some(({ state }) => state === 'succeeded' || state === 'disputed');
  if (order.state === 'paid' && BigInt(order.amount_micros) > 0n && !isPaid)
    findings.push('paid_without_payment');
  const isStuck = payments.some(
    ({ state, toldAt }) =>
      (state === 'refund_wanted' && (toldAt ?? 0) <= nowMs - RECONCILED_AFTER_MS) ||
      (state === 'succeeded' && !isSettled),
  );
  if (isStuck) findings.push('money_not_returned');
  const entitlement = await db
    .selectFrom('entitlements')
    .selectAll()
    .where('order_id', '=', order.id)
    .executeTakeFirst();
  const isRight =
    entitlement !== undefined &&
    entitlement.id === order.entitlement_id &&
    entitlement.vehicle_id === order.vehicle_id;
  if (isSettled && !isRight) findings.push('paid_without_entitlement');
  if (entitlement === undefined) return findings;
  if (order.state === 'paid' && entitlement.state === 'refunded') findings.push('paid_right_refunded');
  const isAlive = ['waiting', 'active', 'suspended', 'replaced'].includes(entitlement.state);
  if (!isSettled && isAlive) findings.push('entitlement_outlives_order');
  if (entitlement.state === 'active') findings.push(...(await grantFindings(db, entitlement.id)));
  return findings;
}

async function grantFindings(db: Kysely<Tables>, entitlementId: string): Promise<Finding[]> {
  const grants = await db
    .selectFrom('grants')
    .select(['state', 'receipted_at', 'right_state'])
    .where('entitlement_id', '=', entitlementId)
    .where('state', '<>', 'superseded')
    .execute();
  const good = grants.filter(({ right_state: right }) => right === 'active');
  if (good.length === 0) return ['grant_missing'];
  return good.some(({ receipted_at: at }) => at !== null) ? [] : ['receipt_missing'];
}
