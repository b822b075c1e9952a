// What a driver is shown for his money: what was paid for an order, when, by whom taken, and whether it went back.

import type { Kysely } from '../../platform/store/sql.ts';
import type { Tables } from '../../platform/store/tables.ts';
import type { OrdersTable, PaymentsTable } from '../../platform/store/tables/shop-tables.ts';

export interface Receipt {
  readonly seller: string | null;
  readonly paidAtMs: number;
  /** Null where it cost nothing. */
  readonly payment: Pick<PaymentsTable, 'id' | 'provider' | 'reference'> | null;
  /** When the order was given back; null where it was not. */
  readonly refundedAtMs: number | null;
}

/** Undefined where the order was never paid. */
export async function receiptOf(db: Kysely<Tables>, order: OrdersTable): Promise<Receipt | undefined> {
  if (order.paid_at === null) return undefined;
  const customers = db
    .selectFrom('customers')
    .select('name')
    .where('id', '=', order.customer_id ?? '');
  const seller = await customers.executeTakeFirst();
  const payment = await db
    .selectFrom('payments')
    .innerJoin('payment_events', 'payment_events.payment_id', 'payments.id')
    .select(['payments.id', 'payments.provider', 'payments.reference'])
    .where('payments.order_id', '=', order.id)
    .where('payment_events.kind', 'in', ['succeeded', 'dispute_won'])
    .where('payment_events.outcome', '=', 'applied')
    .orderBy('payment_events.received_at')
    .executeTakeFirst();
  const refund = await db
    .selectFrom('order_changes')
    .select('at')
    .where('order_id', '=', order.id)
    .where('to_state', '=', 'refunded')
    .executeTakeFirst();
  return {
    seller: seller?.name ?? null,
    paidAtMs: order.paid_at,
    payment: payment ?? null,
    refundedAtMs: refund?.at ?? null,
  };
}
