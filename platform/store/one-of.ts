// `where … is one of these`, as one parameter however long the list is, so that the statement stays the same and can be
// prepared: an array on PostgreSQL, a JSON text on SQLite (its driver writes it).

import { sql, type RawBuilder } from './sql.ts';
import { type Dialect } from './store-types.ts';

/** `reference` is a column, such as `accounts.id`. Uses its index on both. */
export function oneOf(
  dialect: Dialect,
  reference: string,
  values: readonly string[] | readonly number[],
): RawBuilder<boolean> {
  const column = sql.ref(reference);
  return dialect === 'sqlite'
    ? sql<boolean>`${column} in (select value from json_each(${values}))`
    : sql<boolean>`${column} = any(${values})`;
}
