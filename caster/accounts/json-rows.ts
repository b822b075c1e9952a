// Many rows as one parameter of a statement, in both dialects: one statement text for any number of rows, so that it
// is prepared once.

import { sql, type RawBuilder } from '../../platform/store/sql.ts';
import type { Dialect } from '../../platform/store/store.ts';

export type ColumnKind = 'text' | 'integer';

/**
 * A table expression with one row for each of `rows`; `columns` names the keys to take and what they hold. Use it as
 * `from ${jsonRows(…)}`; its name is `j`.
 */
export function jsonRows<Row extends object>(
  dialect: Dialect,
  rows: readonly Row[],
  columns: { readonly [Name in keyof Row & string]: ColumnKind },
): RawBuilder<unknown> {
  const json = JSON.stringify(rows);
  const names = Object.entries<ColumnKind>(columns);
  if (dialect === 'postgres') {
    const types = names.map(([name, kind]) => `"${name}" ${kind === 'text' ? 'text' : 'bigint'}`).join(', ');
    return sql`json_to_recordset(${json}::json) as j(${sql.raw(types)})`;
  }
  const picks = names.map(([name]) => `value ->> '${name}' as "${name}"`).join(', ');
  return sql`(select ${sql.raw(picks)} from json_each(${json})) as j`;
}
