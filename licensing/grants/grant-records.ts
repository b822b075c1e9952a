// Grants in the store: which one a vehicle must have for a part, numbered in the transaction that looks, so that nobody
// numbers a second one for the same thing however often and from wherever it is asked for.

import { createHash } from 'node:crypto';
import {
  GRANT_LOGIN_RETRY_MS_MAX,
  GRANT_LOGIN_RETRY_MS_MIN,
  GRANT_RENEW_MS,
  GRANT_TTL_MS,
} from '../../config/limits.ts';
import { newId } from '../../platform/store/id.ts';
import type { Kysely, Transaction } from '../../platform/store/sql.ts';
import type { Tables } from '../../platform/store/tables.ts';
import type { GrantsTable } from '../../platform/store/tables/grant-tables.ts';
import type { CertificatesTable } from '../../platform/store/tables/pki-tables.ts';
import { findEntitlement, lockVehicle, rightFor } from '../entitlements/entitlement-book.ts';
import { type Entitlement, rightsOf } from '../entitlements/rights.ts';
import { leaseFor } from '../entitlements/use-ledger.ts';
import type { ActivationPayload, SoftRight } from './format/documents.ts';
import type { GrantHeader } from './format/envelope.ts';
import { canonicalJson } from './format/jcs.ts';
import { seenCounterOf } from './put-back.ts';

/** What a numbered grant is made of, later and as often as it takes; kept as JSON in its row. */
export interface GrantFacts {
  readonly header: GrantHeader;
  readonly softRight: SoftRight;
  readonly activation: ActivationPayload;
}

/** A part of a vehicle. */
export interface Slot {
  readonly vehicleId: string;
  readonly partNumber: string;
}

/** The one that the vehicle shows: not revoked and not over; only where there is none, one that it has renewed. */
export async function currentCertificate(
  db: Kysely<Tables>,
  vehicleId: string,
  nowMs: number,
): Promise<CertificatesTable | undefined> {
  const rows = await db
    .selectFrom('certificates')
    .selectAll()
    .where('vehicle_id', '=', vehicleId)
    .where('not_after', '>', nowMs)
    .where((one) => one.or([one('revoked_at', 'is', null), one('revoked_at', '>', nowMs)]))
    .orderBy('id', 'desc')
    .execute();
  return rows.find((row) => row.revoked_at === null) ?? rows[0];
}

export async function latestGrant(
  db: Kysely<Tables>,
  { vehicleId, partNumber }: Slot,
): Promise<GrantsTable | undefined> {
  return await db
    .selectFrom('grants')
    .selectAll()
    .where('vehicle_id', '=', vehicleId)
    .where('part_number', '=', partNumber)
    .orderBy('seq', 'desc')
    .limit(1)
    .executeTakeFirst();
}

/** Parts that a vehicle has a right to, or had a grant for. */
export async function partsOf(db: Kysely<Tables>, vehicleId: string): Promise<string[]> {
  const rights = db.selectFrom('entitlements').select('part_number').where('vehicle_id', '=', vehicleId);
  const grants = db.selectFrom('grants').select('part_number').where('vehicle_id', '=', vehicleId);
  const rows = await rights.where('state', '=', 'active').union(grants).execute();
  return rows.map((row) => row.part_number);
}

/** A cheap look: true where the latest grant says what is so. False may still come to that. */
export async function isSettled(db: Kysely<Tables>, slot: Slot, nowMs: number): Promise<boolean> {
  const right = await rightFor(db, slot.vehicleId, slot.partNumber, nowMs);
  const latest = await latestGrant(db, slot);
  if (latest === undefined) return right === undefined;
  const certificate = await currentCertificate(db, slot.vehicleId, nowMs);
  if (right === undefined) return isTaken(latest, certificate, nowMs);
  return (
    latest.right_state === 'active' &&
    latest.entitlement_id === right.id &&
    latest.revision === right.revision &&
    (certificate === undefined || latest.certificate_id === certificate.id) &&
    !isRenewalDue(latest, nowMs)
  );
}

/** True where there is no right, and the vehicle was told so and knows it yet, or has nothing to be told by. */
function isTaken(latest: GrantsTable, certificate: CertificatesTable | undefined, nowMs: number): boolean {
  if (certificate === undefined) return true;
  if (latest.right_state !== 'revoked' || isRenewalDue(latest, nowMs)) return false;
  return latest.certificate_id === certificate.id || latest.receipt_result === 'deactivated';
}

type Lifetime = Pick<GrantsTable, 'created_at' | 'renew_at'>;

/** It went out without the login that it should carry: it is renewed before its time. */
export function lacksLogin({ created_at: madeAt, renew_at: renewAt }: Lifetime, nowMs: number): boolean {
  const renewalMs = madeAt + GRANT_RENEW_MS;
  return renewAt !== null && renewAt < renewalMs && nowMs < renewalMs;
}

/** When to look again for the login that a grant lacks. */
export function loginRetryAt({ created_at: madeAt }: Lifetime, nowMs: number): number {
  const ageMs = Math.max(nowMs - madeAt, GRANT_LOGIN_RETRY_MS_MIN);
  return Math.min(nowMs + Math.min(ageMs, GRANT_LOGIN_RETRY_MS_MAX), madeAt + GRANT_RENEW_MS);
}

function isRenewalDue({ renew_at: renewAt }: GrantsTable, nowMs: number): boolean {
  return renewAt !== null && renewAt <= nowMs;
}

/**
 * The grant that the vehicle must have for the part: the latest one where that says what is so, else a new one, numbered
 * and not made yet. Undefined where it needs none, or can have none.
 */
export async function numberGrant(
  tx: Transaction<Tables>,
  slot: Slot,
  nowMs: number,
): Promise<GrantsTable | undefined> {
  // Whoever changes entitlements of the vehicle, or numbers grants for it, waits until this is committed.
  if (!(await lockVehicle(tx, slot.vehicleId))) return undefined;
  const certificate = await currentCertificate(tx, slot.vehicleId, nowMs);
  const latest = await latestGrant(tx, slot);
  const right = await rightFor(tx, slot.vehicleId, slot.partNumber, nowMs);
  if (certificate === undefined) return undefined;
  if (right === undefined && (latest === undefined || isTaken(latest, certificate, nowMs))) return latest;
  const entitlement = right ?? (await findEntitlement(tx, latest!.entitlement_id));
  if (entitlement === undefined) return latest;
  const state: GrantsTable['right_state'] = right === undefined ? 'revoked' : 'active';
  const lease =
    right === undefined ? { leaseId: leaseOf(latest!), uses: 0 } : await leaseFor(tx, entitlement, nowMs);
  const softRight = softRightOf(entitlement, lease, state === 'active' ? undefined : nowMs);
  const { endsAt, ...lasting } = softRight;
  const contentHash = hashOf({
    ...(state === 'active' ? softRight : lasting),
    ...{ state, certificate: certificate.id, app: entitlement.correction_app_id },
  });
  if (latest?.content_hash === contentHash && !isRenewalDue(latest, nowMs)) {
    if (latest.entitlement_id === entitlement.id && latest.revision < entitlement.revision) {
      const { revision } = entitlement;
      await tx.updateTable('grants').set({ revision }).where('id', '=', latest.id).execute();
    }
    return latest;
  }
  const seq = (latest?.seq ?? 0) + 1;
  const seenCounter = await seenCounterOf(tx, slot.vehicleId);
  const row = newRow(slot, {
    ...{ entitlement, certificate, softRight, state, seq, seenCounter, nowMs, contentHash },
  });
  await tx
    .updateTable('grants')
    .set({ state: 'superseded', renew_at: null })
    .where('vehicle_id', '=', slot.vehicleId)
    .where('part_number', '=', slot.partNumber)
    .where('state', '<>', 'superseded')
    .execute();
  await tx.insertInto('grants').values(row).execute();
  return row;
}

interface Numbered {
  readonly entitlement: Entitlement;
  readonly certificate: CertificatesTable;
  readonly softRight: SoftRight;
  readonly state: GrantsTable['right_state'];
  readonly seq: number;
  readonly seenCounter: number;
  readonly nowMs: number;
  readonly contentHash: string;
}

function newRow({ vehicleId, partNumber }: Slot, numbered: Numbered): GrantsTable {
  const { entitlement, certificate, softRight, state, seq, seenCounter, nowMs, contentHash } = numbered;
  const id = newId('gra');
  const nowS = Math.floor(nowMs / 1000);
  const { version, functions, startsAt, endsAt, uses } = softRight;
  const facts: GrantFacts = {
    header: {
      ...{ grantId: id, certID: certificate.id, vin: vehicleId, partNumber, seq, state },
      ...{ iat: nowS, nbf: nowS, ttl: GRANT_TTL_MS / 1000, seenCounter },
    },
    softRight,
    activation: {
      ...{
        v: 1,
        instruction: state === 'active' ? 'activate' : 'deactivate',
        partNumber,
        version,
        functions,
      },
      ...{ durationS: endsAt === null ? null : Math.max(0, endsAt - startsAt), count: uses },
      ...{ vin: vehicleId, grantId: id, seq, notAfter: endsAt },
    },
  };
  return {
    ...{ id, customer_id: certificate.customer_id, vehicle_id: vehicleId, part_number: partNumber, seq },
    ...{ entitlement_id: entitlement.id, revision: entitlement.revision, certificate_id: certificate.id },
    ...{
      right_state: state,
      version,
      content_hash: contentHash,
      facts: JSON.stringify(facts),
      document: null,
    },
    state: 'numbered',
    renew_at: state === 'active' ? nowMs + GRANT_RENEW_MS : null,
    ...{ sent_at: null, receipt_result: null, receipt_reason: null, installed_version: null },
    ...{ receipt_counter: null, receipted_at: null, created_at: nowMs },
  };
}

/** `endedMs`: the right is taken away at this time. */
function softRightOf(
  row: Entitlement,
  { leaseId, uses }: { readonly leaseId: string; readonly uses: number | null },
  endedMs: number | undefined,
): SoftRight {
  const { partNumber, version, versionRule, functions } = rightsOf(row);
  const startsAt = Math.floor((row.starts_at ?? row.created_at) / 1000);
  const endsMs = endedMs === undefined ? row.ends_at : Math.min(row.ends_at ?? endedMs, endedMs);
  return {
    ...{ partNumber, version, versionRule, functions: [...functions], startsAt },
    ...{ endsAt: endsMs === null ? null : Math.floor(endsMs / 1000), uses, leaseId },
    ...{ entitlementId: row.id, correction: null },
  };
}

function leaseOf({ facts }: GrantsTable): string {
  return (JSON.parse(facts) as GrantFacts).softRight.leaseId;
}

function hashOf(value: object): string {
  return createHash('sha256').update(canonicalJson(value)).digest('hex');
}
