// Each row once, whatever was sent again: by FINAL, which old servers read slowly where a table is large. So the
// question is asked twice. The first time of the rows as they lie there, some of them doubled or outdated, only for
// where they are; whatever the question is about lies among those, since a row that counts is one of the rows that
// are there. The second time by FINAL, within these keys and partitions alone.

import type { ClickHouse, ClickHouseProblem, Row } from '../sink/clickhouse.ts';
import { all, type Condition, type Question } from './meter-filter.ts';

export type Rows = { readonly ok: true; readonly rows: readonly Row[] } | ClickHouseProblem;

const NO_ROWS: Rows = { ok: true, rows: [] };

/**
 * `sqlOf` makes the statement of `FROM … FINAL WHERE …`, whose values, with `further` ones, are bound to it. Where no row
 * fits, it is not asked at all.
 */
export async function askSingleRows(
  clickhouse: ClickHouse,
  question: Question,
  sqlOf: (fromWhere: string) => string,
  further: Condition['params'] = {},
): Promise<Rows> {
  if (question.isEmpty) return NO_ROWS;
  const { table, within, fits } = question;
  const span = await clickhouse.query(
    `SELECT toString(count()) AS found, toString(min(${table.day})) AS day_first, toString(max(${table.day})) AS day_last,
       min(${table.key}) AS key_first, max(${table.key}) AS key_last
     FROM ${table.name} PREWHERE ${within.sql} WHERE ${fits.sql}`,
    all(within, fits).params,
  );
  if (!span.ok) return span;
  const [found] = span.rows;
  if (found === undefined || found['found'] === '0') return NO_ROWS;
  const rows = all(spanOf(question, found), within, fits);
  return await clickhouse.query(sqlOf(`FROM ${table.name} FINAL WHERE ${rows.sql}`), {
    ...rows.params,
    ...further,
  });
}

function spanOf({ table: { day, key } }: Question, found: Row): Condition {
  return {
    sql:
      `${day} >= toDate({dayFirst}) AND ${day} <= toDate({dayLast})` +
      ` AND ${key} >= {keyFirst} AND ${key} <= {keyLast}`,
    params: {
      dayFirst: textOf(found, 'day_first'),
      dayLast: textOf(found, 'day_last'),
      keyFirst: textOf(found, 'key_first'),
      keyLast: textOf(found, 'key_last'),
    },
  };
}

/** A column that the statement asked for as text. */
export function textOf(row: Row, column: string): string {
  const value = row[column];
  if (typeof value !== 'string') throw new TypeError(`column ${column} is no text`);
  return value;
}

/** One that it asked for as the text of a whole number. Throws beyond 2^53, of which no honest row is a part. */
export function countOf(row: Row, column: string): number {
  const value = Number(row[column]);
  if (!Number.isSafeInteger(value))
    throw new RangeError(`column ${column} is no whole number, or beyond 2^53`);
  return value;
}
