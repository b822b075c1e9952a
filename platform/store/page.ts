// Lists a page at a time, by a column that is unique and grows, which is the id almost everywhere. A page begins behind
// the place that the cursor names, so rows may come and go between two pages: none that stays is left out or shown
// twice. Cursors are opaque to whoever gets them.

import { LIST_PAGE_MAX } from '../../config/limits.ts';
import { sql, type SelectQueryBuilder } from './sql.ts';

export type PageOrder = 'newest' | 'oldest';

export interface PageRequest {
  /** At most LIST_PAGE_MAX, which is also the default. */
  readonly limit?: number | undefined;
  readonly cursor?: string | undefined;
  /** Newest first where nothing is said. */
  readonly order?: PageOrder | undefined;
}

export type Page<Row> =
  | {
      readonly ok: true;
      readonly rows: Row[];
      /** For the next page; null where this is the last one. */
      readonly nextCursor: string | null;
    }
  | { readonly ok: false; readonly reason: 'invalid_cursor' };

/** The column that a list goes by, and where it stands in the query. */
export interface PageKey<Column extends string> {
  /** As it is called in the rows. */
  readonly column: Column;
  /** As it is called in the query, where that differs: `accounts.id`. */
  readonly reference?: string;
}

/** The page of `query`, which must select `id` and have no order of its own. */
export function pageBy<DB, Table extends keyof DB, Row extends { id: string }>(
  query: SelectQueryBuilder<DB, Table, Row>,
  request: PageRequest,
  reference = 'id',
): Promise<Page<Row>> {
  return pageByKey(query, request, { column: 'id', reference });
}

/** The same by another unique column, such as the row's number within its job. */
export async function pageByKey<
  DB,
  Table extends keyof DB,
  Column extends string,
  Row extends Readonly<Record<Column, string | number>>,
>(query: SelectQueryBuilder<DB, Table, Row>, request: PageRequest, key: PageKey<Column>): Promise<Page<Row>> {
  const { limit = LIST_PAGE_MAX, cursor, order = 'newest' } = request;
  if (!Number.isInteger(limit) || limit < 1 || limit > LIST_PAGE_MAX)
    throw new RangeError(`a page has 1 to ${LIST_PAGE_MAX} rows, not ${limit}`);
  const column = sql.ref<string | number>(key.reference ?? key.column);
  let page = query.orderBy(column, order === 'newest' ? 'desc' : 'asc').limit(limit + 1);
  if (cursor !== undefined) {
    const after = readCursor(cursor, order);
    if (after === undefined) return { ok: false, reason: 'invalid_cursor' };
    page = page.where(column, order === 'newest' ? '<' : '>', after);
  }
  const found = await page.execute();
  // One more than asked for tells whether there is a next page.
  const rows = found.slice(0, limit);
  const last = rows.at(-1);
  const hasMore = found.length > limit && last !== undefined;
  return { ok: true, rows, nextCursor: hasMore ? cursorOf(last[key.column], order) : null };
}

const CURSOR = /^(newest|oldest)\.(?:s\.([\w-]{1,100})|n\.(\d{1,15}))$/;

function cursorOf(value: string | number, order: PageOrder): string {
  const kind = typeof value === 'string' ? 's' : 'n';
  return Buffer.from(`${order}.${kind}.${value}`, 'latin1').toString('base64url');
}

/** Undefined where it is none, or one of the list in its other order. */
function readCursor(cursor: string, order: PageOrder): string | number | undefined {
  const parts = CURSOR.exec(Buffer.from(cursor, 'base64url').toString('latin1'));
  if (parts === null || parts[1] !== order) return undefined;
  return parts[2] ?? Number(parts[3]);
}
