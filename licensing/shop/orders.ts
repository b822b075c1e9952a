// Orders in the store: made, moved by the table of transitions, and each move kept. The entitlement comes and goes with
// the order, in the same transaction.

import type { Dialect } from '../../platform/store/store.ts';
import { newId } from '../../platform/store/id.ts';
import { locked } from '../../platform/store/row-lock.ts';
import type { Transaction } from '../../platform/store/sql.ts';
import type { Tables } from '../../platform/store/tables.ts';
import type { OrderState } from '../../platform/store/tables/order-state.ts';
import type { OrdersTable } from '../../platform/store/tables/shop-tables.ts';
import type { NotWorthBuying } from '../entitlements/entitlement-book.ts';
import type { EntitlementChange, EntitlementPort } from './entitlement-port.ts';
import { type OrderEvent, nextState } from './order-states.ts';
import { type OrderedProduct, rightsOf } from './product.ts';

export type Tx = Transaction<Tables>;

export interface Move {
  readonly event: OrderEvent;
  /** Who: an actor, a provider, or `expiry`. */
  readonly actor: string;
  readonly nowMs: number;
}

export type Moved =
  | { readonly ok: true; readonly row: OrdersTable }
  | { readonly ok: false; readonly reason: 'wrong_state' | 'entitlement_refused'; readonly detail?: string };

export class OrderBook {
  readonly #dialect: Dialect;
  readonly #entitlements: EntitlementPort;

  constructor(dialect: Dialect, entitlements: EntitlementPort) {
    this.#dialect = dialect;
    this.#entitlements = entitlements;
  }

  /** Taken for the rest of the transaction: whoever changes an order does so one after the other. */
  async take(tx: Tx, id: string): Promise<OrdersTable | undefined> {
    const query = tx.selectFrom('orders').selectAll().where('id', '=', id);
    return await locked(this.#dialect, tx, query).executeTakeFirst();
  }

  /** A new one. One that costs nothing is paid at once. */
  async make(tx: Tx, row: OrdersTable): Promise<Moved> {
    await tx.insertInto('orders').values(row).execute();
    const { ordered_by: actor, created_at: nowMs } = row;
    await noteChange(tx, row.id, { from: null, to: row.state, event: 'order', actor, nowMs });
    if (BigInt(row.amount_micros) > 0n) return { ok: true, row };
    return await this.move(tx, row, { event: 'pay', actor, nowMs });
  }

  /** `row` was taken in this transaction. */
  async move(tx: Tx, row: OrdersTable, { event, actor, nowMs }: Move): Promise<Moved> {
    const to = nextState(row.state, event);
    if (to === undefined) return { ok: false, reason: 'wrong_state', detail: `it is ${row.state}` };
    const changed: OrdersTable = { ...row, state: to, updated_at: nowMs };
    if (event === 'pay') {
      // Asked when it was ordered; what the vehicle has may be another since.
      const vain = await this.whyNotWorthPaying(tx, row);
      if (vain !== undefined) return { ok: false, reason: 'entitlement_refused', detail: vain };
      const granted = await this.#grant(tx, row, actor, nowMs);
      if (!granted.ok) return { ok: false, reason: 'entitlement_refused', detail: granted.reason };
      changed.entitlement_id = granted.id;
      changed.paid_at = nowMs;
    } else if (row.entitlement_id !== null) {
      const isThere = await this.#change(tx, row.entitlement_id, event, actor, nowMs);
      if (!isThere) return { ok: false, reason: 'entitlement_refused', detail: 'it was ended' };
    }
    const { state, entitlement_id, paid_at, updated_at } = changed;
    await tx
      .updateTable('orders')
      .set({ state, entitlement_id, paid_at, updated_at })
      .where('id', '=', row.id)
      .execute();
    await noteChange(tx, row.id, { from: row.state, to, event, actor, nowMs });
    return { ok: true, row: changed };
  }

  /** Why the vehicle would have nothing of what was ordered, as things are now. */
  async whyNotWorthPaying(tx: Tx, { vehicle_id, product }: OrdersTable): Promise<NotWorthBuying | undefined> {
    const rights = rightsOf(JSON.parse(product) as OrderedProduct);
    return await this.#entitlements.whyNotWorthBuying(tx, vehicle_id, rights);
  }

  /** False where the order cannot go on, since its entitlement was ended and does not come back. */
  async #change(tx: Tx, id: string, event: OrderEvent, actor: string, nowMs: number): Promise<boolean> {
    const change = async (one: EntitlementChange): Promise<boolean> =>
      (await this.#entitlements.change(tx, id, one, actor, nowMs)).ok;
    if (event === 'refund' || event === 'lose') await change('refund');
    if (event === 'dispute' && !(await change('suspend'))) {
      const rest = await this.#entitlements.restOf(tx, id);
      // It cannot rest, and must not begin while its money is in dispute. One that somebody suspended rests already.
      if (rest?.state === 'waiting' || rest?.state === 'replaced') await change('refund');
    }
    if (event === 'win') {
      const rest = await this.#entitlements.restOf(tx, id);
      if (rest?.state === 'refunded') return false;
      // What an operator or a report of uses suspended is not for a provider to wake.
      if (rest?.suspendedBy === actor) await change('resume');
    }
    return true;
  }

  #grant(tx: Tx, row: OrdersTable, actor: string, nowMs: number) {
    return this.#entitlements.grant(tx, {
      customerId: row.customer_id,
      vehicleId: row.vehicle_id,
      productId: row.product_id,
      orderId: row.id,
      giftReference: null,
      rights: rightsOf(JSON.parse(row.product) as OrderedProduct),
      actor,
      nowMs,
    });
  }
}

async function noteChange(
  tx: Tx,
  orderId: string,
  change: {
    readonly from: OrderState | null;
    readonly to: OrderState;
    readonly event: OrderEvent | 'order';
    readonly actor: string;
    readonly nowMs: number;
  },
): Promise<void> {
  const { from, to, event, actor, nowMs } = change;
  await tx
    .insertInto('order_changes')
    .values({
      id: newId('och'),
      order_id: orderId,
      at: nowMs,
      from_state: from,
      to_state: to,
      event,
      actor,
    })
    .execute();
}
