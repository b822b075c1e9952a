// Orders in the store: made, moved by the table of transitions, and each move kept. The entitlement comes and goes with
// the order, in the same transaction.

import type { Dialect } from '../../platform/store/store.ts';
import { newId } from '../../platform/store/id.ts';
import { locked } from '../../platform/store/row-lock.ts';
import type { Transaction } from '../../platform/store/sql.ts';
import type { Tables } from '../../platform/store/tables.ts';
import type { OrderState } from '../../platform/store/tables/order-state.ts';
import type { OrdersTable } from '../../platform/store/tables/shop-tables.ts';
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
      const granted = await this.#grant(tx, row, actor, nowMs);
      if (!granted.ok) return { ok: false, reason: 'entitlement_refused', detail: granted.reason };
      changed.entitlement_id = granted.id;
      changed.paid_at = nowMs;
    } else if (row.entitlement_id !== null) {
      const change = ENTITLEMENT_CHANGES[event];
      if (change !== undefined) await this.#change(tx, row.entitlement_id, change, actor, nowMs);
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

  async #change(tx: Tx, id: string, change: EntitlementChange, actor: string, nowMs: number): Promise<void> {
    const changed = await this.#entitlements.change(tx, id, change, actor, nowMs);
    // One that waits behind another cannot rest: it must not begin while its money is in dispute.
    if (!changed.ok && change === 'suspend') {
      await this.#entitlements.change(tx, id, 'refund', actor, nowMs);
    }
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

/** What an event of the order does to its entitlement. */
const ENTITLEMENT_CHANGES: Partial<Record<OrderEvent, EntitlementChange>> = {
  refund: 'refund',
  lose: 'refund',
  dispute: 'suspend',
  win: 'resume',
};

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
