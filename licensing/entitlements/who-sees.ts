// Which entitlements are there for whom: to a driver those of the vehicles that are his.

import { type Actor, visible } from '../../platform/http/actor.ts';
import { type RawBuilder, sql } from '../../platform/store/sql.ts';

export function visibleEntitlements(actor: Actor): RawBuilder<boolean> {
  if (actor.kind !== 'driver') return visible(actor, 'entitlements');
  return sql<boolean>`entitlements.vehicle_id in (${claimedBy(actor.id)})`;
}

/** Ids of the vehicles that a driver has claimed, and nobody else has since. */
export function claimedBy(driverId: string): RawBuilder<unknown> {
  return sql`select vehicle_id from vehicle_claims where driver_id = ${driverId} and state = 'active'`;
}
