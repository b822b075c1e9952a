// Forgets records of long ago, and the oldest beyond a number, a few at a time with everybody else's turn in between.

import { sql } from '../../platform/store/sql.ts';
import type { Store } from '../../platform/store/store.ts';
import { breather } from './bulk/pace.ts';

export type RecordsTable = { readonly table: 'refusals'; readonly column: 'last_at' } | ClosedRecords;
type ClosedRecords = { readonly table: 'closed_sessions'; readonly column: 'ended_at' };

export const RECORDS_SWEEP_PERIOD_MS = 600_000;
const DAY_MS = 86_400_000;
const ROWS_AT_ONCE = 500;

export async function deleteOlder(
  store: Store,
  { table, column }: RecordsTable,
  days: number,
): Promise<void> {
  const before = Date.now() - days * DAY_MS;
  await inPieces(async () => {
    const { numAffectedRows } = await sql`delete from ${sql.table(table)} where id in
      (select id from ${sql.table(table)} where ${sql.ref(column)} < ${before} limit ${sql.lit(ROWS_AT_ONCE)})`.execute(
      store.db,
    );
    return Number(numAffectedRows);
  });
}

/** Ids grow with time. */
export async function deleteBeyond(store: Store, table: 'refusals', rowsMax: number): Promise<void> {
  const newestTooMany = await store.db
    .selectFrom(table)
    .select('id')
    .orderBy('id', 'desc')
    .limit(1)
    .offset(rowsMax)
    .executeTakeFirst();
  if (newestTooMany === undefined) return;
  await inPieces(async () => {
    const oldest = store.db
      .selectFrom(table)
      .select('id')
      .where('id', '<=', newestTooMany.id)
      .limit(ROWS_AT_ONCE);
    const { numDeletedRows } = await store.db.deleteFrom(table).where('id', 'in', oldest).executeTakeFirst();
    return Number(numDeletedRows);
  });
}

async function inPieces(piece: () => Promise<number>): Promise<void> {
  while ((await piece()) >= ROWS_AT_ONCE) await breather();
}
