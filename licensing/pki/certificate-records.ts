// Certificates in the store: which one a vehicle has now, and what a new one does to those before.

import { CERTIFICATE_OVERLAP_MS } from '../../config/limits.ts';
import { locked } from '../../platform/store/row-lock.ts';
import type { Kysely, Transaction } from '../../platform/store/sql.ts';
import type { Dialect, Store } from '../../platform/store/store.ts';
import type { Tables } from '../../platform/store/tables.ts';
import type { CertificatesTable, VehiclesTable } from '../../platform/store/tables/pki-tables.ts';
import type { RevocationReason } from './revocation-reason.ts';

export type CertificateState = 'active' | 'superseded' | 'revoked' | 'expired';

/** `superseded` is still good until its overlap ends. */
export function stateOf(
  row: Pick<CertificatesTable, 'revoked_at' | 'not_after'>,
  nowMs: number,
): CertificateState {
  if (row.revoked_at !== null) return row.revoked_at <= nowMs ? 'revoked' : 'superseded';
  return row.not_after <= nowMs ? 'expired' : 'active';
}

export async function findCertificate(
  db: Kysely<Tables>,
  id: string,
): Promise<CertificatesTable | undefined> {
  return await db.selectFrom('certificates').selectAll().where('id', '=', id).executeTakeFirst();
}

/** The latest one of each of these vehicles that has one. */
export async function latestCertificates(
  db: Kysely<Tables>,
  vehicleIds: readonly string[],
): Promise<ReadonlyMap<string, CertificatesTable>> {
  if (vehicleIds.length === 0) return new Map();
  const rows = await db
    .selectFrom('certificates as one')
    .selectAll('one')
    .where('one.vehicle_id', 'in', vehicleIds)
    .where('one.id', '=', (eb) =>
      eb
        .selectFrom('certificates as any')
        .select((any) => any.fn.max('any.id').as('id'))
        .whereRef('any.vehicle_id', '=', 'one.vehicle_id'),
    )
    .execute();
  return new Map(rows.map((row) => [row.vehicle_id, row]));
}

/** Of the latest certificate of the vehicle; undefined where it never had one. */
export async function algorithmOf(
  { db }: Store,
  vehicleId: string,
): Promise<CertificatesTable['algorithm'] | undefined> {
  const row = await db
    .selectFrom('certificates')
    .select('algorithm')
    .where('vehicle_id', '=', vehicleId)
    .orderBy('created_at', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row?.algorithm;
}

/** The vehicle's row, made where there is none, and locked until the transaction ends. */
export async function takeVehicle(
  dialect: Dialect,
  tx: Transaction<Tables>,
  fresh: VehiclesTable,
): Promise<VehiclesTable> {
  await tx
    .insertInto('vehicles')
    .values(fresh)
    .onConflict((conflict) => conflict.column('id').doNothing())
    .execute();
  const query = tx.selectFrom('vehicles').selectAll().where('id', '=', fresh.id);
  return await locked(dialect, tx, query).executeTakeFirstOrThrow();
}

/** False where the key is another vehicle's, or was given away once: a key is in use for good. */
export async function takeKey(
  tx: Transaction<Tables>,
  fingerprint: string,
  vehicleId: string,
): Promise<boolean> {
  await tx
    .insertInto('vehicle_keys')
    .values({ fingerprint, vehicle_id: vehicleId })
    .onConflict((conflict) => conflict.column('fingerprint').doNothing())
    .execute();
  const holder = await tx
    .selectFrom('vehicle_keys')
    .select('vehicle_id')
    .where('fingerprint', '=', fingerprint)
    .executeTakeFirstOrThrow();
  if (holder.vehicle_id !== vehicleId) return false;
  const compromised = await tx
    .selectFrom('certificates')
    .select('id')
    .where('key_fingerprint', '=', fingerprint)
    .where('revoked_reason', '=', 'keyCompromise' satisfies RevocationReason)
    .limit(1)
    .executeTakeFirst();
  return compromised === undefined;
}

/**
 * Ends every certificate of a vehicle but the new one. After a renewal the old one is good for a while yet: the vehicle
 * may lose power before it keeps the new one. The ids of those that ended.
 */
export async function supersede(
  tx: Transaction<Tables>,
  vehicleId: string,
  { nowMs, renewedId }: { readonly nowMs: number; readonly renewedId?: string },
): Promise<string[]> {
  const rows = await tx
    .selectFrom('certificates')
    .select(['id', 'revoked_at', 'not_after'])
    .where('vehicle_id', '=', vehicleId)
    .where((one) => one.or([one('revoked_at', 'is', null), one('revoked_at', '>', nowMs)]))
    .execute();
  for (const { id } of rows) {
    const revokedAtMs = id === renewedId ? nowMs + CERTIFICATE_OVERLAP_MS : nowMs;
    const reason: RevocationReason = 'superseded';
    await tx
      .updateTable('certificates')
      .set({ revoked_at: revokedAtMs, revoked_reason: reason })
      .where('id', '=', id)
      .execute();
  }
  return rows.map(({ id }) => id);
}
