// What has become of an entitlement, for whoever let it rest and wants to wake it: only his own rest.

import type { Kysely } from '../../platform/store/sql.ts';
import type { Tables } from '../../platform/store/tables.ts';
import type { EntitlementState } from './entitlement-state.ts';

export interface Rest {
  readonly state: EntitlementState;
  /** Who suspended it last; undefined where nobody did. */
  readonly suspendedBy: string | undefined;
}

/** Undefined where there is no such entitlement. */
export async function restOf(db: Kysely<Tables>, id: string): Promise<Rest | undefined> {
  const row = await db.selectFrom('entitlements').select('state').where('id', '=', id).executeTakeFirst();
  if (row === undefined) return undefined;
  const last = await db
    .selectFrom('entitlement_changes')
    .select('actor')
    .where('entitlement_id', '=', id)
    .where('change', '=', 'suspend')
    .orderBy('revision', 'desc')
    .executeTakeFirst();
  return { state: row.state, suspendedBy: last?.actor };
}
