// Rows of a table as they are, each once, a page at a time.

import type { ClickHouse, ClickHouseProblem, Row } from '../sink/clickhouse.ts';
import type { SqlValue } from '../sink/sql-values.ts';
import { behind, type Question } from './meter-filter.ts';
import { readCursor, writeCursor } from './report-cursor.ts';
import { askSingleRows, textOf } from './single-rows.ts';

/** A column that the list is in order of. */
export interface OrderColumn {
  readonly name: string;
  readonly isNumber: boolean;
}

export interface RowsAsk {
  readonly question: Question;
  /** Columns of texts and small numbers. */
  readonly columns: readonly string[];
  /** Columns of 64 bits: they come as text. */
  readonly wide: readonly string[];
  readonly orderBy: readonly OrderColumn[];
  readonly order: 'newest' | 'oldest';
  readonly limit: number;
  readonly cursor?: string | undefined;
}

export type RowsPage =
  | { readonly ok: true; readonly rows: readonly Row[]; readonly nextCursor: string | null }
  | { readonly ok: false; readonly reason: 'invalid_cursor' }
  | ClickHouseProblem;

export async function orderedRows(clickhouse: ClickHouse, ask: RowsAsk): Promise<RowsPage> {
  const { question, orderBy, limit } = ask;
  const after = ask.cursor === undefined ? [] : readPlace(ask.cursor, orderBy);
  if (after === undefined) return { ok: false, reason: 'invalid_cursor' };
  const names = orderBy.map(({ name }) => name);
  const place =
    after.length === 0
      ? undefined
      : behind(names, after, ask.order === 'oldest' ? 'ascending' : 'descending');
  const direction = ask.order === 'oldest' ? 'ASC' : 'DESC';
  const selected = [
    ...ask.columns,
    ...ask.wide.map((column) => `toString(${column}) AS text_of_${column}`),
    ...names.map((name, index) => `toString(${name}) AS place${index}`),
  ];
  const found = await askSingleRows(
    clickhouse,
    question,
    (fromWhere) => `
      SELECT ${selected.join(', ')}
      ${fromWhere}${place === undefined ? '' : ` AND ${place.sql}`}
      ORDER BY ${names.map((name) => `${name} ${direction}`).join(', ')}
      LIMIT ${limit + 1}`,
    place?.params,
  );
  if (!found.ok) return found;
  // One more than asked for tells whether there is a next page.
  const rows = found.rows.slice(0, limit);
  const last = rows.at(-1);
  const hasMore = found.rows.length > limit && last !== undefined;
  return {
    ok: true,
    rows,
    nextCursor: hasMore ? writeCursor(names.map((_, index) => textOf(last, `place${index}`))) : null,
  };
}

function readPlace(cursor: string, orderBy: readonly OrderColumn[]): readonly SqlValue[] | undefined {
  const texts = readCursor(cursor, orderBy.length);
  const values = texts?.map((text, index) => (orderBy[index]!.isNumber ? Number(text) : text));
  return values?.every((value) => typeof value === 'string' || Number.isSafeInteger(value)) === true
    ? values
    : undefined;
}
