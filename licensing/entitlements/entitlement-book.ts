// Entitlements are made and changed here and nowhere else: the row, its history and what must be told of it, all in the
// caller's transaction. Once that is committed the caller calls `outbox.wake()`.
//
// What a vehicle may do with a part is asked by `rightFor` for vehicle and part, never by one entitlement: a change of
// one may put another into force.

import { newId } from '../../platform/store/id.ts';
import { type Kysely, sql, type Transaction, type Updateable } from '../../platform/store/sql.ts';
import type { Tables } from '../../platform/store/tables.ts';
import type { EntitlementsTable } from '../../platform/store/tables/entitlement-tables.ts';
import {
  after,
  type EntitlementChangeName,
  type EntitlementTransition,
  isHolding,
} from './entitlement-state.ts';
import { addToOutbox, CORRECTIONS_TOPIC, ENTITLEMENTS_TOPIC } from './outbox-rows.ts';
import { coveredUntil, endOf, holderOf, isInForce, nextOf, placeBeside } from './part-slot.ts';
import { type Entitlement, isAbove, isForGood, type Rights, rightsOf } from './rights.ts';
import { isVersion } from './version.ts';

export interface NewEntitlement {
  readonly customerId: string | null;
  readonly vehicleId: string;
  readonly productId: string | null;
  /** Makes at most one entitlement, however often it is asked for. */
  readonly orderId: string | null;
  /** The same for gifts, over all customers. */
  readonly giftReference: string | null;
  readonly rights: Rights;
  /** Who: the id of an API key or a driver, `owner`, `system`. */
  readonly actor: string;
  readonly reason?: string;
  readonly nowMs: number;
}

export type Granted =
  | { readonly ok: true; readonly id: string; readonly isRepeated: boolean }
  | { readonly ok: false; readonly reason: 'vehicle_not_found' | 'version_invalid' };

export type Changed =
  | { readonly ok: true; readonly row: Entitlement }
  | { readonly ok: false; readonly reason: 'entitlement_not_found' | 'change_not_possible' };

/** Who changes it, when and why. */
export interface ChangeNote {
  readonly actor: string;
  readonly nowMs: number;
  readonly reason?: string;
}

export async function grantEntitlement(tx: Transaction<Tables>, asked: NewEntitlement): Promise<Granted> {
  const { rights, vehicleId } = asked;
  if (!isVersion(rights.version)) return { ok: false, reason: 'version_invalid' };
  if (!(await lockVehicle(tx, vehicleId))) return { ok: false, reason: 'vehicle_not_found' };
  const before = await grantedBefore(tx, asked);
  if (before !== undefined) return { ok: true, id: before, isRepeated: true };
  const rows = await openRows(tx, vehicleId, rights.partNumber);
  const holder = holderOf(rows);
  const place = placeBeside(holder, rights);
  const row = newRow(asked, place === 'waiting' ? 'waiting' : 'active');
  if (place === 'instead') {
    await write(tx, holder!, 'replace', asked, { state: 'replaced', replaced_by: row.id });
  }
  if (row.state === 'active') row.covered_until = coveredUntil(row, rows);
  await tx.insertInto('entitlements').values(row).execute();
  await note(tx, row, { change: 'grant', before: null, ...asked });
  if (place === 'waiting') await cover(tx, holder!, [...rows, row], asked);
  return { ok: true, id: row.id, isRepeated: false };
}

/** Of transitions that follow from time and uses by themselves, see `endWhatIsOver`. */
export async function changeEntitlement(
  tx: Transaction<Tables>,
  id: string,
  change: EntitlementTransition,
  actor: string,
  nowMs: number,
  reason?: string,
): Promise<Changed> {
  const found = await findEntitlement(tx, id);
  if (found === undefined) return { ok: false, reason: 'entitlement_not_found' };
  await lockVehicle(tx, found.vehicle_id);
  const rows = await openRows(tx, found.vehicle_id, found.part_number);
  // An ended one is not among them.
  const row = rows.find((one) => one.id === id) ?? (await findEntitlement(tx, id))!;
  const state = after(row.state, change);
  if (state === undefined) return { ok: false, reason: 'change_not_possible' };
  const said: ChangeNote = { actor, nowMs, ...(reason === undefined ? {} : { reason }) };
  const changed = await write(tx, row, change, said, { state });
  const others = rows.filter((one) => one.id !== id);
  if (isHolding(row.state) && !isHolding(state)) {
    const atMs = change === 'expire' ? (row.ends_at ?? nowMs) : nowMs;
    await putNextIntoForce(tx, others, atMs, said);
  } else {
    const holder = holderOf(others);
    if (holder !== undefined) await cover(tx, holder, others, said);
  }
  return { ok: true, row: changed };
}

/** The right that is in force; its `ends_at` counts in what follows without a gap. For grants and packages. */
export async function rightFor(
  db: Kysely<Tables>,
  vehicleId: string,
  partNumber: string,
  nowMs: number,
): Promise<Entitlement | undefined> {
  const row = await db
    .selectFrom('entitlements')
    .selectAll()
    .where('vehicle_id', '=', vehicleId)
    .where('part_number', '=', partNumber)
    .where('state', '=', 'active')
    .executeTakeFirst();
  return row !== undefined && isInForce(row, nowMs) ? { ...row, ends_at: row.covered_until } : undefined;
}

export type NotWorthBuying = 'has_it_for_good' | 'right_suspended';

/** Why buying this now would give the vehicle nothing soon: to be asked before anybody pays. */
export async function whyNotWorthBuying(
  db: Kysely<Tables>,
  vehicleId: string,
  rights: Rights,
): Promise<NotWorthBuying | undefined> {
  const rows = await openRows(db, vehicleId, rights.partNumber);
  const holder = holderOf(rows);
  if (placeBeside(holder, rights) !== 'waiting') return undefined;
  if (holder!.state === 'suspended') return 'right_suspended';
  // One that is replaced for a time comes back, one that waits begins: neither needs to be bought again.
  const hasIt = rows.map(rightsOf).some((present) => isForGood(present) && !isAbove(rights, present));
  return hasIt ? 'has_it_for_good' : undefined;
}

export async function findEntitlement(db: Kysely<Tables>, id: string): Promise<Entitlement | undefined> {
  return await db.selectFrom('entitlements').selectAll().where('id', '=', id).executeTakeFirst();
}

/** Writes a change that leaves the state as it is: row, history, outbox. Of a vehicle that is locked. */
export async function amend(
  tx: Transaction<Tables>,
  row: Entitlement,
  change: 'cover' | 'count_uses',
  said: ChangeNote,
  set: Updateable<EntitlementsTable>,
): Promise<Entitlement> {
  return await write(tx, row, change, said, set);
}

/** Whoever changes entitlements of a vehicle comes one after the other; an update locks on both databases. */
export async function lockVehicle(tx: Transaction<Tables>, vehicleId: string): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('vehicles')
    .set({ created_at: sql<number>`created_at` })
    .where('id', '=', vehicleId)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

async function grantedBefore(
  tx: Transaction<Tables>,
  { orderId, giftReference }: NewEntitlement,
): Promise<string | undefined> {
  if (orderId === null && giftReference === null) return undefined;
  const row = await tx
    .selectFrom('entitlements')
    .select('id')
    .where(orderId === null ? 'gift_reference' : 'order_id', '=', orderId ?? giftReference)
    .executeTakeFirst();
  return row?.id;
}

function newRow(asked: NewEntitlement, state: 'active' | 'waiting'): Entitlement {
  const { rights, nowMs } = asked;
  const isActive = state === 'active';
  return {
    id: newId('ent'),
    customer_id: asked.customerId,
    vehicle_id: asked.vehicleId,
    product_id: asked.productId,
    order_id: asked.orderId,
    gift_reference: asked.giftReference,
    part_number: rights.partNumber,
    version: rights.version,
    version_rule: rights.versionRule,
    functions: JSON.stringify(rights.functions),
    valid_seconds: rights.validSeconds,
    uses_total: rights.uses,
    uses_left: rights.uses,
    correction_app_id: rights.correction?.appId ?? null,
    state,
    replaced_by: null,
    revision: 1,
    starts_at: isActive ? nowMs : null,
    ends_at: isActive ? endOf(nowMs, rights.validSeconds) : null,
    covered_until: null,
    created_at: nowMs,
    updated_at: nowMs,
  };
}

/** Those of a part that have not ended, by age. */
async function openRows(db: Kysely<Tables>, vehicleId: string, partNumber: string): Promise<Entitlement[]> {
  return await db
    .selectFrom('entitlements')
    .selectAll()
    .where('vehicle_id', '=', vehicleId)
    .where('part_number', '=', partNumber)
    .where('state', 'in', ['waiting', 'active', 'suspended', 'replaced'])
    .orderBy('id')
    .execute();
}

async function putNextIntoForce(
  tx: Transaction<Tables>,
  others: readonly Entitlement[],
  atMs: number,
  said: ChangeNote,
): Promise<void> {
  const next = nextOf(others, atMs);
  if (next === undefined) return;
  const times = next.state === 'waiting' ? { starts_at: atMs, ends_at: endOf(atMs, next.valid_seconds) } : {};
  const begun: Entitlement = { ...next, ...times, state: 'active', replaced_by: null };
  await write(tx, next, next.state === 'waiting' ? 'begin' : 'restore', said, {
    ...times,
    state: 'active',
    replaced_by: null,
    covered_until: coveredUntil(begun, others),
  });
}

/** What follows the one that holds the part has changed; told only where that makes a difference to the vehicle. */
async function cover(
  tx: Transaction<Tables>,
  holder: Entitlement,
  rows: readonly Entitlement[],
  said: ChangeNote,
): Promise<void> {
  const until = coveredUntil(holder, rows);
  if (until !== holder.covered_until) await write(tx, holder, 'cover', said, { covered_until: until });
}

async function write(
  tx: Transaction<Tables>,
  row: Entitlement,
  change: EntitlementChangeName,
  said: ChangeNote,
  set: Updateable<EntitlementsTable>,
): Promise<Entitlement> {
  const changed = await tx
    .updateTable('entitlements')
    .set({ ...set, revision: row.revision + 1, updated_at: said.nowMs })
    .where('id', '=', row.id)
    .where('revision', '=', row.revision)
    .returningAll()
    .executeTakeFirstOrThrow();
  await note(tx, changed, { change, before: row.state, ...said });
  return changed;
}

async function note(
  tx: Transaction<Tables>,
  row: Entitlement,
  {
    change,
    before,
    actor,
    nowMs,
    reason,
  }: ChangeNote & {
    readonly change: EntitlementChangeName;
    readonly before: Entitlement['state'] | null;
  },
): Promise<void> {
  await tx
    .insertInto('entitlement_changes')
    .values({
      id: newId('ech'),
      entitlement_id: row.id,
      customer_id: row.customer_id,
      revision: row.revision,
      at: nowMs,
      change,
      state_before: before,
      state: row.state,
      actor,
      reason: reason ?? null,
      starts_at: row.starts_at,
      ends_at: row.ends_at,
      uses_left: row.uses_left,
    })
    .execute();
  const topics =
    row.correction_app_id === null ? [ENTITLEMENTS_TOPIC] : [ENTITLEMENTS_TOPIC, CORRECTIONS_TOPIC];
  await addToOutbox(tx, topics, { entitlementId: row.id, revision: row.revision }, nowMs);
}
