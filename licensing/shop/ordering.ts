// Whether a vehicle may order a product, asked before anybody pays, and the order that comes of it.

import { ORDER_PENDING_MS } from '../../config/limits.ts';
import type { Actor } from '../../platform/http/actor.ts';
import { newId } from '../../platform/store/id.ts';
import type { OrdersTable, ProductsTable } from '../../platform/store/tables/shop-tables.ts';
import { whyNotWorthBuying } from '../entitlements/entitlement-book.ts';
import type { Moved, OrderBook, Tx } from './orders.ts';
import { contentOf, orderedProduct, rightsOf, suits } from './product.ts';
import { visibleProducts, visibleVehicles } from './who-sees.ts';

export type OrderRefusal =
  | 'vehicle_not_found'
  | 'product_not_found'
  | 'product_not_sold'
  | 'product_not_for_vehicle'
  | 'has_it_for_good'
  | 'right_suspended';

export interface Wanted {
  readonly productId: string;
  readonly vehicleId: string;
}

type Orderable =
  | { readonly ok: true; readonly product: ProductsTable; readonly customerId: string | null }
  | { readonly ok: false; readonly reason: OrderRefusal };

/** What a vehicle of the actor may be given, for money or as a gift. */
export async function orderable(
  tx: Tx,
  actor: Actor,
  { productId, vehicleId }: Wanted,
  isGift: boolean,
): Promise<Orderable> {
  const vehicle = await tx
    .selectFrom('vehicles')
    .selectAll()
    .where('id', '=', vehicleId)
    .where(visibleVehicles(actor))
    .executeTakeFirst();
  if (vehicle === undefined) return { ok: false, reason: 'vehicle_not_found' };
  const product = await tx
    .selectFrom('products')
    .selectAll()
    .where('id', '=', productId)
    .where(visibleProducts(actor))
    .executeTakeFirst();
  if (product === undefined) return { ok: false, reason: 'product_not_found' };
  // What is given away need not be in the shop.
  if (product.status !== 'published' && !isGift) return { ok: false, reason: 'product_not_sold' };
  if (product.customer_id !== vehicle.customer_id || !suits(contentOf(product), vehicleId)) {
    return { ok: false, reason: 'product_not_for_vehicle' };
  }
  const vain = await whyNotWorthBuying(tx, vehicleId, rightsOf(orderedProduct(product)));
  if (vain !== undefined) return { ok: false, reason: vain };
  return { ok: true, product, customerId: vehicle.customer_id };
}

export type Ordered =
  | { readonly ok: true; readonly row: OrdersTable }
  | { readonly ok: false; readonly reason: OrderRefusal | 'entitlement_refused'; readonly detail?: string };

/** Product and price as they are now; whatever is changed later, this is what is owed and what is given for it. */
export async function order(
  tx: Tx,
  book: OrderBook,
  actor: Actor,
  wanted: Wanted,
  nowMs: number,
): Promise<Ordered> {
  const found = await orderable(tx, actor, wanted, false);
  if (!found.ok) return found;
  const { product, customerId } = found;
  const made: Moved = await book.make(tx, {
    id: newId('ord'),
    customer_id: customerId,
    driver_id: actor.kind === 'driver' ? actor.id : null,
    vehicle_id: wanted.vehicleId,
    product_id: product.id,
    product: JSON.stringify(orderedProduct(product)),
    amount_micros: product.price_micros,
    currency: product.currency,
    state: 'pending',
    entitlement_id: null,
    ordered_by: actor.id,
    expires_at: nowMs + ORDER_PENDING_MS,
    paid_at: null,
    created_at: nowMs,
    updated_at: nowMs,
  });
  if (made.ok) return made;
  // A new order takes a payment, so it is the entitlement that was refused.
  return {
    ok: false,
    reason: 'entitlement_refused',
    ...(made.detail === undefined ? {} : { detail: made.detail }),
  };
}
