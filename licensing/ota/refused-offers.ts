// Packages that vehicles were offered and did not take, by their signed reports. Each offer is noted once, however often a
// vehicle says so, and what it was never offered is passed over: a broken vehicle writes no more than it has asked.

import type { Transaction } from '../../platform/store/sql.ts';
import type { Tables } from '../../platform/store/tables.ts';
import type { VehicleState } from './documents.ts';

export interface RefusedOffer {
  /** Of the request. */
  readonly id: string;
  readonly partNumber: string;
  readonly packageId: string;
  readonly customerId: string | null;
  readonly reason: string;
}

export async function noteRefused(
  tx: Transaction<Tables>,
  vehicleId: string,
  said: NonNullable<VehicleState['refused']>,
  nowMs: number,
): Promise<RefusedOffer[]> {
  if (said.length === 0) return [];
  const reasonOf = new Map(said.map(({ requestId, reason }) => [requestId, reason]));
  const rows = await tx
    .selectFrom('ota_requests')
    .select(['id', 'request_id', 'part_number', 'package_id', 'customer_id'])
    .where('vehicle_id', '=', vehicleId)
    .where('request_id', 'in', [...reasonOf.keys()])
    .where('vehicle_refused_at', 'is', null)
    .execute();
  const refused: RefusedOffer[] = [];
  for (const row of rows) {
    const reason = reasonOf.get(row.request_id);
    // It was offered nothing.
    if (row.package_id === null || reason === undefined) continue;
    const set = { vehicle_reason: reason, vehicle_refused_at: nowMs };
    await tx.updateTable('ota_requests').set(set).where('id', '=', row.id).execute();
    const { id, part_number: partNumber, package_id: packageId, customer_id: customerId } = row;
    refused.push({ id, partNumber, packageId, customerId, reason });
  }
  return refused;
}
