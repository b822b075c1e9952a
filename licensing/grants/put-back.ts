// Vehicles whose storage was put back. Each begins its connection by saying, signed, which grants it holds: one that holds
// less than it has acknowledged before runs on a copy, however far it has counted since. What is missing is due anew then,
// with numbers above all that the copy can know, also where it takes a right away.

import type { Kysely } from '../../platform/store/sql.ts';
import type { Tables } from '../../platform/store/tables.ts';
import type { GrantsTable } from '../../platform/store/tables/grant-tables.ts';
import type { Held } from '../ota/manifests.ts';

/** Latest grants of their parts that the vehicle has said to have taken, and has no more. */
export async function lostGrants(db: Kysely<Tables>, held: Held, nowMs: number): Promise<GrantsTable[]> {
  const { vehicleId, counter, rights, isBehind, heardMs } = held;
  const taken = await db
    .selectFrom('grants')
    .selectAll()
    .where('vehicle_id', '=', vehicleId)
    .where('state', '<>', 'superseded')
    .where('receipt_result', '<>', 'refused')
    .where('receipted_at', '<', heardMs)
    // Else a new one is under way already.
    .where((one) => one.or([one('renew_at', 'is', null), one('renew_at', '>', nowMs)]))
    .execute();
  if (rights === undefined) {
    const isCopy = isBehind || taken.some((grant) => counter < (grant.receipt_counter ?? 0));
    return isCopy ? taken : [];
  }
  const seqOf = new Map(rights.map(({ partNumber, seq }) => [partNumber, seq]));
  return taken.filter(({ part_number: part, seq }) => (seqOf.get(part) ?? 0) < seq);
}

/** They are due now, as if their time were over, unless a later one counts by now. */
export async function dueAnew(
  db: Kysely<Tables>,
  grants: readonly GrantsTable[],
  nowMs: number,
): Promise<void> {
  await db
    .updateTable('grants')
    .set({ renew_at: nowMs })
    .where(
      'id',
      'in',
      grants.map(({ id }) => id),
    )
    .where('state', '<>', 'superseded')
    .execute();
}

/** The greatest counter of its signed reports: storage with a smaller one is a copy. */
export async function seenCounterOf(db: Kysely<Tables>, vehicleId: string): Promise<number> {
  const receipts = await db
    .selectFrom('grants')
    .select((one) => one.fn.max('receipt_counter').as('counter'))
    .where('vehicle_id', '=', vehicleId)
    .executeTakeFirst();
  const manifest = await db
    .selectFrom('vehicle_manifests')
    .select('counter')
    .where('vehicle_id', '=', vehicleId)
    .executeTakeFirst();
  return Math.max(0, receipts?.counter ?? 0, manifest?.counter ?? 0);
}
