// `where … is one of these`, as one parameter however long the list is, so that the statement stays the same and can be
// prepared: an array on PostgreSQL, a JSON text on SQLite (its driver writes it).

import { sql, type RawBuilder } from './sql.ts';
import { type Dialect } from './store-types.ts';

/** `reference` is a column, such as `accounts.id`, whose index is used on both, or an expression. */
export function oneOf(
  dialect: Dialect,
  reference: string | RawBuilder<string>,
  values: readonly string[] | readonly number[],
): RawBuilder<boolean> {
  const column = typeof reference === 'string' ? sql.ref(reference) : reference;
  return dialect === 'sqlite'
    ? sql<boolean>`${column} in (select value from json_each(${values}))`
    : sql<boolean>`${column} = any(${values})`;
}
