// Uses that are counted. The cloud has the ledger: a vehicle is lent some of what is left (a lease), counts down by
// itself, and reports, signed, how many it has used of it. What is left goes down by a report and never up.
//
//   entitlement.uses_left = total - all that was reported        one lease at a time; the next one when it is used up
//
// The reports of a lease are a chain: each names the hash of the one before and a larger counter. A report that does
// not go on from the last one is not taken: a vehicle whose storage was put back to an earlier state tells itself by it.

import { USE_LEASE_MAX } from '../../config/limits.ts';
import { newId } from '../../platform/store/id.ts';
import { sql, type Kysely, type Transaction } from '../../platform/store/sql.ts';
import type { Tables } from '../../platform/store/tables.ts';
import type { UseLeasesTable } from '../../platform/store/tables/entitlement-tables.ts';
import {
  amend,
  type ChangeNote,
  changeEntitlement,
  findEntitlement,
  lockVehicle,
} from './entitlement-book.ts';
import type { Entitlement } from './rights.ts';

export interface UseLease {
  readonly leaseId: string;
  /** How many uses it is good for in all; null where they are not counted. */
  readonly uses: number | null;
}

export interface UseReport {
  readonly vehicleId: string;
  readonly leaseId: string;
  /** Of this lease, since it began. */
  readonly used: number;
  readonly counter: number;
  readonly prevHash: string;
  /** Of the report itself, SHA-256 of its canonical form, hex. */
  readonly hash: string;
}

export type UseFlag =
  /** A counter that is not larger than the last one's. */
  | 'counter_back'
  /** Its chain is another one. */
  | 'chain_broken'
  /** Fewer uses than it has told of before. */
  | 'uses_back'
  /** More uses than it was lent. */
  | 'uses_beyond';

export type ReportTaken =
  /** `isNew` false: it was taken before, and came again. */
  | { readonly ok: true; readonly isNew: boolean; readonly counter: number; readonly usesLeft: number }
  | { readonly ok: false; readonly reason: 'lease_unknown' }
  | {
      readonly ok: false;
      readonly reason: UseFlag;
      readonly entitlementId: string;
      readonly counter: number;
      readonly isSuspended: boolean;
    };

/** What a grant lends: the same lease until it is used up, or the vehicle has lost it and the right was resumed. To be asked within the transaction that makes the grant. */
export async function leaseFor(
  tx: Transaction<Tables>,
  { id, vehicle_id, uses_left }: Entitlement,
  nowMs: number,
): Promise<UseLease> {
  if (uses_left === null) return { leaseId: id, uses: null };
  await lockVehicle(tx, vehicle_id);
  const last = await lastLease(tx, id);
  if (last !== undefined && last.used < last.uses) {
    if (!(await isGivenUp(tx, last))) return { leaseId: last.id, uses: last.uses };
    await tx.updateTable('use_leases').set({ uses: last.used }).where('id', '=', last.id).execute();
  }
  const { uses_left: left } = (await findEntitlement(tx, id))!;
  const row: UseLeasesTable = {
    id: newId('lea'),
    entitlement_id: id,
    vehicle_id,
    uses: Math.min(left ?? 0, USE_LEASE_MAX),
    used: 0,
    counter: 0,
    chain_head: '',
    flags: 0,
    created_at: nowMs,
    updated_at: nowMs,
  };
  if (row.uses > 0) await tx.insertInto('use_leases').values(row).execute();
  return { leaseId: row.id, uses: row.uses };
}

/**
 * Takes a report whose signature is good. With `suspends`, a vehicle that went back loses the right until somebody has
 * looked at it.
 */
export async function takeUseReport(
  tx: Transaction<Tables>,
  report: UseReport,
  { nowMs, suspends }: { readonly nowMs: number; readonly suspends: boolean },
): Promise<ReportTaken> {
  if (!(await lockVehicle(tx, report.vehicleId))) return { ok: false, reason: 'lease_unknown' };
  const lease = await tx
    .selectFrom('use_leases')
    .selectAll()
    .where('id', '=', report.leaseId)
    .where('vehicle_id', '=', report.vehicleId)
    .executeTakeFirst();
  if (lease === undefined) return { ok: false, reason: 'lease_unknown' };
  const entitlementId = lease.entitlement_id;
  const row = (await findEntitlement(tx, entitlementId))!;
  if (await wasTaken(tx, report)) {
    return { ok: true, isNew: false, counter: lease.counter, usesLeft: row.uses_left ?? 0 };
  }
  const said: ChangeNote = { actor: 'system', nowMs, reason: `report ${report.counter}` };
  const flag = flagOf(lease, report);
  if (flag !== undefined) {
    const isSuspended =
      suspends && (await changeEntitlement(tx, entitlementId, 'suspend', 'system', nowMs, flag)).ok;
    // Whoever resumes it gives what was not reported anew, by a lease with a chain of its own; so too where the right
    // rested before.
    const uses = suspends ? lease.used : lease.uses;
    await tx
      .updateTable('use_leases')
      .set({ uses, flags: lease.flags + 1, updated_at: nowMs })
      .where('id', '=', lease.id)
      .execute();
    return { ok: false, reason: flag, entitlementId, counter: lease.counter, isSuspended };
  }
  const { counter, hash, used } = report;
  await tx.insertInto('use_reports').values({ lease_id: lease.id, counter, hash, used, at: nowMs }).execute();
  await tx
    .updateTable('use_leases')
    .set({ used, counter, chain_head: hash, updated_at: nowMs })
    .where('id', '=', lease.id)
    .execute();
  await countDown(tx, entitlementId, used - lease.used);
  const after = (await findEntitlement(tx, entitlementId))!;
  const usesLeft = after.uses_left ?? 0;
  if (usesLeft === 0) await changeEntitlement(tx, entitlementId, 'use_up', 'system', nowMs, said.reason);
  else if (used === lease.uses) await amend(tx, after, 'count_uses', said, {});
  return { ok: true, isNew: true, counter, usesLeft };
}

/** False, and nothing is changed, where fewer are left. Exact however many do so at once. */
export async function countDown(db: Kysely<Tables>, entitlementId: string, uses: number): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('entitlements')
    .set({ uses_left: sql<number>`uses_left - ${uses}` })
    .where('id', '=', entitlementId)
    .where('uses_left', '>=', uses)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

function flagOf(lease: UseLeasesTable, report: UseReport): UseFlag | undefined {
  if (report.counter <= lease.counter) return 'counter_back';
  if (report.prevHash !== lease.chain_head) return 'chain_broken';
  if (report.used < lease.used) return 'uses_back';
  return report.used > lease.uses ? 'uses_beyond' : undefined;
}

/** The line to the vehicle delivers at least once: a copy of an earlier report is no attack. */
async function wasTaken(tx: Transaction<Tables>, { leaseId, counter, hash }: UseReport): Promise<boolean> {
  const row = await tx
    .selectFrom('use_reports')
    .select('counter')
    .where('lease_id', '=', leaseId)
    .where('counter', '=', counter)
    .where('hash', '=', hash)
    .executeTakeFirst();
  return row !== undefined;
}

/**
 * The vehicle said that its storage was put back, whereupon it uses nothing of this lease any more, and somebody who has
 * looked at it has resumed the right since.
 */
async function isGivenUp(tx: Transaction<Tables>, lease: UseLeasesTable): Promise<boolean> {
  const { at } = await tx
    .selectFrom('grants')
    .select((one) => one.fn.max('receipted_at').as('at'))
    .where('entitlement_id', '=', lease.entitlement_id)
    .where('receipt_reason', '=', 'storage_rolled_back')
    .where('receipted_at', '>=', lease.created_at)
    .executeTakeFirstOrThrow();
  if (at === null) return false;
  const resumed = await tx
    .selectFrom('entitlement_changes')
    .select('id')
    .where('entitlement_id', '=', lease.entitlement_id)
    .where('change', '=', 'resume')
    .where('at', '>=', at)
    .limit(1)
    .executeTakeFirst();
  return resumed !== undefined;
}

async function lastLease(
  tx: Transaction<Tables>,
  entitlementId: string,
): Promise<UseLeasesTable | undefined> {
  return await tx
    .selectFrom('use_leases')
    .selectAll()
    .where('entitlement_id', '=', entitlementId)
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst();
}
