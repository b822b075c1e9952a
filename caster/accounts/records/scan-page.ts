// Lists with filters that no index helps with, at a million rows: a page looks through a bounded number of rows in the
// order of an index, and is short where few of them fit; its cursor says where the next page goes on. So no filter, however
// rare what it looks for, keeps the thread for longer than LIST_SCAN_ROWS_MAX rows take.

import { LIST_PAGE_MAX, LIST_SCAN_ROWS_MAX } from '../../../config/limits.ts';
import type { Page, PageOrder, PageRequest } from '../../../platform/store/page.ts';
import { type Kysely, type RawBuilder, sql, type SelectQueryBuilder } from '../../../platform/store/sql.ts';
import type { Tables } from '../../../platform/store/tables.ts';

export interface Scan<Table extends keyof Tables, Row> {
  /** Rows by conditions that an index has together with the order, without order and limit. */
  readonly rows: SelectQueryBuilder<Tables, Table, Row>;
  /** The column that the list goes by; unique. */
  readonly by: 'id' | 'username';
  /** What a row must fulfill besides. */
  readonly conditions: readonly RawBuilder<boolean>[];
}

export async function scanPage<Table extends keyof Tables, Row extends { id: string }>(
  db: Kysely<Tables>,
  scan: Scan<Table, Row>,
  { limit = LIST_PAGE_MAX, cursor, order = 'newest' }: PageRequest,
): Promise<Page<Row>> {
  const after = cursor === undefined ? undefined : readCursor(cursor, order, scan.by);
  if (after === null) return { ok: false, reason: 'invalid_cursor' };
  const found = await rowsAfter(db, scan, after, order, limit + 1);
  const rows = found.slice(0, limit);
  if (found.length > limit)
    return { ok: true, rows, nextCursor: cursorOf(keyOf(scan, rows.at(-1)!), order, scan.by) };
  const last = scan.conditions.length === 0 ? undefined : await endOfWindow(scan, after, order);
  return { ok: true, rows, nextCursor: last === undefined ? null : cursorOf(last, order, scan.by) };
}

/** Rows that fit, at most `limit`, among the next LIST_SCAN_ROWS_MAX. */
export async function rowsAfter<Table extends keyof Tables, Row>(
  db: Kysely<Tables>,
  scan: Scan<Table, Row>,
  after: string | undefined,
  order: PageOrder,
  limit: number,
): Promise<Row[]> {
  const window = ordered(scan, after, order);
  if (scan.conditions.length === 0) return await window.limit(limit).execute();
  const { rows } = await sql<Row>`select * from ${window.limit(LIST_SCAN_ROWS_MAX).as('looked')}
    where ${sql.join(scan.conditions, sql` and `)}
    order by ${sql.ref(scan.by)} ${order === 'newest' ? sql`desc` : sql`asc`} limit ${limit}`.execute(db);
  return rows;
}

/** Where the window after `after` ends; undefined where there are no further rows. */
export async function endOfWindow<Table extends keyof Tables, Row>(
  scan: Scan<Table, Row>,
  after: string | undefined,
  order: PageOrder,
): Promise<string | undefined> {
  const [row] = await ordered(scan, after, order)
    .clearSelect()
    .select(sql<string>`${sql.ref(scan.by)}`.as('key'))
    .limit(1)
    .offset(LIST_SCAN_ROWS_MAX - 1)
    .execute();
  return row?.key;
}

/** How many rows fit among the next LIST_SCAN_ROWS_MAX. */
export async function countInWindow<Table extends keyof Tables, Row>(
  db: Kysely<Tables>,
  scan: Scan<Table, Row>,
  after: string | undefined,
): Promise<number> {
  const where = scan.conditions.length === 0 ? sql`` : sql`where ${sql.join(scan.conditions, sql` and `)}`;
  const window = ordered(scan, after, 'oldest').limit(LIST_SCAN_ROWS_MAX);
  const { rows } = await sql<{
    count: number;
  }>`select count(*) as count from ${window.as('looked')} ${where}`.execute(db);
  return rows[0]!.count;
}

function ordered<Table extends keyof Tables, Row>(
  { rows, by }: Scan<Table, Row>,
  after: string | undefined,
  order: PageOrder,
): SelectQueryBuilder<Tables, Table, Row> {
  const column = sql.ref<string>(by);
  const all = rows.orderBy(column, order === 'newest' ? 'desc' : 'asc');
  return after === undefined ? all : all.where(column, order === 'newest' ? '<' : '>', after);
}

function keyOf<Table extends keyof Tables, Row extends { id: string }>(
  { by }: Scan<Table, Row>,
  row: Row,
): string {
  return by === 'id' ? row.id : (row as unknown as { username: string }).username;
}

function cursorOf(key: string, order: PageOrder, by: string): string {
  return Buffer.from(`${order}.${by}.${key}`, 'latin1').toString('base64url');
}

/** Null where it is none of this list in this order. */
function readCursor(cursor: string, order: PageOrder, by: string): string | null {
  const parts = /^(\w+)\.(\w+)\.([!-~]{1,100})$/.exec(Buffer.from(cursor, 'base64url').toString('latin1'));
  return parts?.[1] === order && parts[2] === by ? parts[3]! : null;
}

/** Every row that fits, oldest first, so many at a time; for what is written out while it is read. */
export async function* allRows<Table extends keyof Tables, Row extends { id: string }>(
  db: Kysely<Tables>,
  scan: Scan<Table, Row>,
  rowsAtOnce: number,
): AsyncGenerator<Row[]> {
  for (let after: string | undefined; ;) {
    const rows = await rowsAfter(db, scan, after, 'oldest', rowsAtOnce);
    if (rows.length > 0) yield rows;
    const isFull = rows.length === rowsAtOnce;
    if (!isFull && scan.conditions.length === 0) return;
    after = isFull ? keyOf(scan, rows.at(-1)!) : await endOfWindow(scan, after, 'oldest');
    if (after === undefined) return;
  }
}
