// How long a vehicle's answer took, from the change of its right on.

import type { Kysely } from '../../platform/store/sql.ts';
import type { Tables } from '../../platform/store/tables.ts';
import type { GrantsTable } from '../../platform/store/tables/grant-tables.ts';

/** Undefined where the grant tells of no change: its certificate or its time made it due. */
export async function receiptDelayMs(
  db: Kysely<Tables>,
  grant: GrantsTable,
  nowMs: number,
): Promise<number | undefined> {
  const before = await db
    .selectFrom('grants')
    .select(['entitlement_id', 'revision'])
    .where('vehicle_id', '=', grant.vehicle_id)
    .where('part_number', '=', grant.part_number)
    .where('seq', '=', grant.seq - 1)
    .executeTakeFirst();
  if (before?.entitlement_id === grant.entitlement_id && before.revision >= grant.revision) return undefined;
  const change = await db
    .selectFrom('entitlement_changes')
    .select('at')
    .where('entitlement_id', '=', grant.entitlement_id)
    .where('revision', '=', grant.revision)
    .executeTakeFirst();
  // A change that changed nothing for the vehicle came behind it.
  return Math.max(0, nowMs - Math.min(change?.at ?? grant.created_at, grant.created_at));
}
