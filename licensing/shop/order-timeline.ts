// Everything that happened to an order, from the order to the vehicle's receipt, oldest first: read from where each part
// keeps it.

import type { Actor } from '../../platform/http/actor.ts';
import type { Kysely } from '../../platform/store/sql.ts';
import type { Tables } from '../../platform/store/tables.ts';
import type { GrantsTable } from '../../platform/store/tables/grant-tables.ts';
import type { OrdersTable } from '../../platform/store/tables/shop-tables.ts';

export const TIMELINE_KINDS = [
  'order',
  'payment',
  'payment_event',
  'entitlement',
  'grant',
  'receipt',
  'ota',
] as const;

export interface TimelineEntry {
  readonly atMs: number;
  readonly kind: (typeof TIMELINE_KINDS)[number];
  /** Of the payment, the entitlement, the grant or the request. */
  readonly id: string;
  readonly what: string;
  /** What it was then; null where that is all there is to say. */
  readonly state: string | null;
  readonly actor: string | null;
  readonly detail: string | null;
}

/** For whom: a driver sees of the vehicle what was so while it was his, and no words of the operator. */
export async function timelineFor(
  db: Kysely<Tables>,
  actor: Actor,
  order: OrdersTable,
): Promise<TimelineEntry[]> {
  const entries = await timelineOf(db, order);
  if (actor.kind !== 'driver') return entries;
  const untilMs = await heldUntil(db, actor.id, order);
  return entries
    .filter(({ kind, atMs }) => !isOfVehicle(kind) || atMs <= untilMs)
    .map((entry) => (entry.kind === 'entitlement' ? { ...entry, detail: null } : entry));
}

function isOfVehicle(kind: TimelineEntry['kind']): boolean {
  return kind === 'entitlement' || kind === 'grant' || kind === 'receipt' || kind === 'ota';
}

/** Until when a driver has, or had, the vehicle that he ordered for. */
async function heldUntil(
  db: Kysely<Tables>,
  driverId: string,
  { vehicle_id, created_at: orderedAt }: OrdersTable,
): Promise<number> {
  const claims = await db
    .selectFrom('vehicle_claims')
    .select(['state', 'created_at', 'updated_at'])
    .where('vehicle_id', '=', vehicle_id)
    .where('driver_id', '=', driverId)
    .orderBy('id')
    .execute();
  if (claims.some(({ state }) => state === 'active')) return Infinity;
  // Claims of one driver do not overlap: the one by which he ordered, and none that only waited after it.
  const claim = claims.find((one) => one.created_at <= orderedAt && one.updated_at >= orderedAt);
  return claim?.updated_at ?? orderedAt;
}

async function timelineOf(db: Kysely<Tables>, order: OrdersTable): Promise<TimelineEntry[]> {
  const parts = [await changesOf(db, order), await paymentsOf(db, order)];
  if (order.entitlement_id !== null) {
    parts.push(await entitlementOf(db, order.entitlement_id), await grantsOf(db, order.entitlement_id));
    parts.push(await requestsOf(db, order.entitlement_id));
  }
  // Equal times stay as they are: the order before what came of it.
  return parts.flat().toSorted((a, b) => a.atMs - b.atMs);
}

async function changesOf(db: Kysely<Tables>, { id }: OrdersTable): Promise<TimelineEntry[]> {
  const rows = await db
    .selectFrom('order_changes')
    .selectAll()
    .where('order_id', '=', id)
    .orderBy('id')
    .execute();
  return rows.map(({ at, event, to_state: state, actor }) => ({
    ...{ atMs: at, kind: 'order', id, what: event, state, actor, detail: null },
  }));
}

async function paymentsOf(db: Kysely<Tables>, { id }: OrdersTable): Promise<TimelineEntry[]> {
  const payments = await db
    .selectFrom('payments')
    .selectAll()
    .where('order_id', '=', id)
    .orderBy('id')
    .execute();
  if (payments.length === 0) return [];
  const ids = payments.map((row) => row.id);
  const events = await db
    .selectFrom('payment_events')
    .selectAll()
    .where('payment_id', 'in', ids)
    .orderBy('received_at')
    .execute();
  return [
    ...payments.map<TimelineEntry>(
      ({ id: payment, created_at: atMs, provider, state, refund_reason: detail }) => ({
        ...{ atMs, kind: 'payment', id: payment, what: 'started', state, actor: provider, detail },
      }),
    ),
    ...events.map<TimelineEntry>(
      ({ received_at: atMs, payment_id: payment, kind, outcome, provider, event_id }) => ({
        ...{ atMs, kind: 'payment_event', id: payment ?? '', what: kind, state: outcome },
        ...{ actor: provider, detail: event_id },
      }),
    ),
  ];
}

async function entitlementOf(db: Kysely<Tables>, id: string): Promise<TimelineEntry[]> {
  const rows = await db
    .selectFrom('entitlement_changes')
    .selectAll()
    .where('entitlement_id', '=', id)
    .orderBy('id')
    .execute();
  return rows.map(({ at, change, state, actor, reason }) => ({
    ...{ atMs: at, kind: 'entitlement', id, what: change, state, actor, detail: reason },
  }));
}

async function grantsOf(db: Kysely<Tables>, entitlementId: string): Promise<TimelineEntry[]> {
  const rows = await db
    .selectFrom('grants')
    .selectAll()
    .where('entitlement_id', '=', entitlementId)
    .orderBy('seq')
    .execute();
  let latestMs = 0;
  return rows.flatMap((row, index) => {
    const entries = entriesOf(row, isRenewal(row, rows.slice(0, index)), latestMs);
    latestMs = Math.max(latestMs, ...entries.map(({ atMs }) => atMs));
    return entries;
  });
}

/**
 * Each of them behind the one before, whichever node's clock told its time; a receipt behind all of the grants before,
 * up to `beforeMs`, as vehicles take one after the other.
 */
function entriesOf(row: GrantsTable, isAgain: boolean, beforeMs: number): TimelineEntry[] {
  const { id, seq, state, right_state: right, created_at: madeMs } = row;
  const of = { kind: 'grant', id, actor: null, detail: `seq ${seq}, ${right}` } as const;
  const entries: TimelineEntry[] = [{ ...of, atMs: madeMs, what: isAgain ? 'renewed' : 'made', state }];
  const sentMs = Math.max(row.sent_at ?? 0, madeMs);
  if (row.sent_at !== null) entries.push({ ...of, atMs: sentMs, what: isAgain ? 'resent' : 'sent', state });
  if (row.receipted_at !== null) {
    // A quick vehicle answers before it is written that the grant was sent. Still `sent`: refused for now, and sent again.
    const atMs = Math.max(row.receipted_at, beforeMs, state === 'sent' ? madeMs : sentMs);
    const detail = row.receipt_reason ?? row.installed_version;
    entries.push({
      ...{ atMs, kind: 'receipt', id, what: row.receipt_result ?? '', state },
      ...{ actor: row.vehicle_id, detail },
    });
  }
  return entries;
}

/** The vehicle has taken what it says by one of those before: it only lasts longer. */
function isRenewal(row: GrantsTable, before: readonly GrantsTable[]): boolean {
  const saysTheSame = (one: GrantsTable): boolean =>
    one.revision === row.revision &&
    one.right_state === row.right_state &&
    one.certificate_id === row.certificate_id;
  const last = before.findLast((one) => one.receipt_result !== null || !saysTheSame(one));
  return last !== undefined && saysTheSame(last) && last.receipt_result !== 'refused';
}

async function requestsOf(db: Kysely<Tables>, entitlementId: string): Promise<TimelineEntry[]> {
  const rows = await db
    .selectFrom('ota_requests')
    .selectAll()
    .where('entitlement_id', '=', entitlementId)
    .orderBy('id')
    .execute();
  return rows.flatMap((row): TimelineEntry[] => {
    const of = { kind: 'ota', id: row.id, actor: row.vehicle_id, detail: row.wanted_version } as const;
    const entries: TimelineEntry[] = [
      { ...of, atMs: row.created_at, what: 'package_wanted', state: row.reason ?? row.state },
    ];
    if (row.downloaded_at !== null)
      entries.push({ ...of, atMs: row.downloaded_at, what: 'downloaded', state: null });
    if (row.installed_at !== null)
      entries.push({ ...of, atMs: row.installed_at, what: 'installed', state: null });
    if (row.vehicle_refused_at !== null)
      entries.push({ ...of, atMs: row.vehicle_refused_at, what: 'not_taken', state: row.vehicle_reason });
    if (row.vehicle_refused_at !== null)
      entries.push({ ...of, atMs: row.vehicle_refused_at, what: 'not_taken', state: row.vehicle_reason });
    return entries;
  });
}
