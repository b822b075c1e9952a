// What of the shop is there for whom. A driver is no customer's and sees what is his; keys see what is their customer's.

import { type Actor, visible } from '../../platform/http/actor.ts';
import { type RawBuilder, sql } from '../../platform/store/sql.ts';
import { claimedBy } from '../entitlements/who-sees.ts';

/** Products: drivers see those that are sold. */
export function visibleProducts(actor: Actor): RawBuilder<boolean> {
  return actor.kind === 'driver' ? sql<boolean>`products.status = 'published'` : visible(actor, 'products');
}

export function visibleOrders(actor: Actor): RawBuilder<boolean> {
  return actor.kind === 'driver' ? sql<boolean>`orders.driver_id = ${actor.id}` : visible(actor, 'orders');
}

/** Vehicles: of drivers those that they have claimed. */
export function visibleVehicles(actor: Actor): RawBuilder<boolean> {
  if (actor.kind !== 'driver') return visible(actor, 'vehicles');
  return sql<boolean>`vehicles.id in (${claimedBy(actor.id)})`;
}
