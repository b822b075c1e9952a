// Which entitlements are there for whom: to a driver those of the vehicles that are his.

import { type Actor, visible } from '../../platform/http/actor.ts';
import { type RawBuilder, sql } from '../../platform/store/sql.ts';

export function visibleEntitlements(actor: Actor): RawBuilder<boolean> {
  if (actor.kind !== 'driver') return visible(actor, 'entitlements');
  return sql<boolean>`entitlements.vehicle_id in
    (select vehicle_id from vehicle_claims where driver_id = ${actor.id} and state = 'active')`;
}
