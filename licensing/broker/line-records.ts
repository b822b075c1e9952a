// Which node has which vehicle, and what waits for vehicles, as the store has it for all nodes.

import {
  BROKER_DOWN_BYTES_MAX,
  BROKER_DOWN_MESSAGES_MAX,
  LINE_LOOK_BACK_MS,
  LINE_NODE_KEPT_MS,
  LINE_NODE_MS,
  LINE_TAKEN_MAX,
} from '../../config/limits.ts';
import { oneOf } from '../../platform/store/one-of.ts';
import { sql, type Transaction } from '../../platform/store/sql.ts';
import type { Store } from '../../platform/store/store.ts';
import { storeTimeMs } from '../../platform/store/store-time.ts';
import type { Tables } from '../../platform/store/tables.ts';
import type { DownKind, Presence, VehicleLine } from './vehicle-line.ts';

/** A loss of power ends every connection, too. */
const LOOSELY = { durable: false } as const;

export interface Waiting {
  readonly seq: number;
  readonly kind: DownKind;
  readonly body: string;
}

/** False where as much waits for the vehicle as may. */
export async function keepDown(
  store: Store,
  { vehicleId, kind, body }: Parameters<VehicleLine['push']>[0],
): Promise<boolean> {
  const bytes = Buffer.byteLength(body);
  return await store.write(async (tx) => {
    const waiting = await tx
      .selectFrom('vehicle_downs')
      .select((one) => [
        one.fn.countAll<number>().as('messages'),
        sql<number>`cast(coalesce(sum(bytes), 0) as bigint)`.as('bytes'),
      ])
      .where('vehicle_id', '=', vehicleId)
      .executeTakeFirstOrThrow();
    const isFull =
      waiting.messages >= BROKER_DOWN_MESSAGES_MAX || waiting.bytes + bytes > BROKER_DOWN_BYTES_MAX;
    if (isFull) return false;
    const row = { vehicle_id: vehicleId, kind, body, bytes, created_at: Date.now() };
    await tx.insertInto('vehicle_downs').values(row).execute();
    return true;
  });
}

interface WaitingThere {
  /** That said last that the vehicle is connected to it. */
  readonly node: string;
  /** It said that the vehicle left, or lives no more. */
  readonly hasLeft: boolean;
  /** The first of what waits. */
  readonly downs: readonly Waiting[];
}

/** Who has the vehicle, and what waits for it; undefined where it has connected to none yet. */
export async function waitingFor(
  { db, dialect }: Store,
  vehicleId: string,
): Promise<WaitingThere | undefined> {
  const rows = await db
    .selectFrom('vehicle_lines as line')
    .leftJoin('line_nodes as node', 'node.node', 'line.node')
    .leftJoin('vehicle_downs as down', 'down.vehicle_id', 'line.vehicle_id')
    .select(['line.node', 'line.left_at', 'node.until', storeTimeMs(dialect).as('now')])
    .select(['down.seq', 'down.kind', 'down.body'])
    .where('line.vehicle_id', '=', vehicleId)
    .orderBy('down.seq')
    .limit(LINE_TAKEN_MAX)
    .execute();
  const [first] = rows;
  if (first === undefined) return undefined;
  const downs = rows.flatMap(({ seq, kind, body }) =>
    seq === null || kind === null || body === null ? [] : [{ seq, kind: kind as DownKind, body }],
  );
  const { node, left_at: leftAt, until, now } = first;
  return { node, hasLeft: leftAt !== null || until === null || until <= now, downs };
}

export async function removeDowns({ db, dialect }: Store, seqs: readonly number[]): Promise<void> {
  await db
    .deleteFrom('vehicle_downs')
    .where(oneOf(dialect, 'seq', seqs))
    .execute();
}

/** Vehicles for which something began to wait a moment ago. */
export async function recentlyWaiting({ db }: Store): Promise<string[]> {
  const rows = await db
    .selectFrom('vehicle_downs')
    .select('vehicle_id')
    .distinct()
    .where('created_at', '>', Date.now() - LINE_LOOK_BACK_MS)
    .execute();
  return rows.map(({ vehicle_id: vehicleId }) => vehicleId);
}

/** Those of them for which something waits. */
export async function waitingAmong({ db, dialect }: Store, vehicleIds: readonly string[]): Promise<string[]> {
  const rows = await db
    .selectFrom('vehicle_downs')
    .select('vehicle_id')
    .distinct()
    .where(oneOf(dialect, 'vehicle_id', vehicleIds))
    .execute();
  return rows.map(({ vehicle_id: vehicleId }) => vehicleId);
}

/** They are connected to this node, which lives, and to no other one any more. */
export async function sayConnected(
  store: Store,
  node: string,
  vehicles: readonly { readonly vehicleId: string; readonly sinceMs: number }[],
): Promise<void> {
  const rows = vehicles
    .map(({ vehicleId, sinceMs }) => ({ vehicle_id: vehicleId, node, connected_at: sinceMs, left_at: null }))
    // In one order, or two nodes would wait for each other.
    .toSorted((a, b) => (a.vehicle_id < b.vehicle_id ? -1 : 1));
  await store.write(async (tx) => {
    // With them, or another node would take them for vehicles of one that lives no more.
    await keepAlive(store, tx, node);
    await tx
      .insertInto('vehicle_lines')
      .values(rows)
      .onConflict((conflict) =>
        conflict.column('vehicle_id').doUpdateSet((one) => ({
          node: one.ref('excluded.node'),
          connected_at: one.ref('excluded.connected_at'),
          left_at: null,
        })),
      )
      .execute();
  }, LOOSELY);
}

/** They have left this node, as far as no other one has them by now. All that it had, where none are named. */
export async function sayLeft(store: Store, node: string, vehicleIds?: readonly string[]): Promise<void> {
  await store.write(async (tx) => {
    const query = tx
      .updateTable('vehicle_lines')
      .set({ left_at: Date.now() })
      .where('node', '=', node)
      .where('left_at', 'is', null);
    // In the order of those who say that they have them.
    const named = vehicleIds && oneOf(store.dialect, 'vehicle_id', vehicleIds.toSorted());
    await (named === undefined ? query : query.where(named)).execute();
  }, LOOSELY);
}

/** This node lives; others are forgotten long after they said so last. */
export async function sayAlive(store: Store, node: string): Promise<void> {
  await store.write(async (tx) => {
    await keepAlive(store, tx, node);
    await tx
      .deleteFrom('line_nodes')
      .where('until', '<', sql<number>`${storeTimeMs(store.dialect)} - ${LINE_NODE_KEPT_MS}`)
      .execute();
  }, LOOSELY);
}

async function keepAlive({ dialect }: Store, tx: Transaction<Tables>, node: string): Promise<void> {
  const until = sql<number>`${storeTimeMs(dialect)} + ${LINE_NODE_MS}`;
  await tx
    .insertInto('line_nodes')
    .values({ node, until })
    .onConflict((conflict) => conflict.column('node').doUpdateSet({ until }))
    .execute();
}

/** Whether the vehicle is connected to any node that lives. */
export async function presenceInStore({ db, dialect }: Store, vehicleId: string): Promise<Presence> {
  const row = await db
    .selectFrom('vehicle_lines as line')
    .leftJoin('line_nodes as node', 'node.node', 'line.node')
    .select(['line.connected_at', 'line.left_at', 'node.until', storeTimeMs(dialect).as('now')])
    .where('line.vehicle_id', '=', vehicleId)
    .executeTakeFirst();
  if (row === undefined) return { connected: false, sinceMs: null };
  const { connected_at: connectedAt, left_at: leftAt, until, now } = row;
  if (leftAt !== null) return { connected: false, sinceMs: leftAt };
  const isAlive = until !== null && until > now;
  return isAlive
    ? { connected: true, sinceMs: connectedAt }
    : { connected: false, sinceMs: until ?? connectedAt };
}
