// A row that is read to be changed is taken first, so that of two who change it at once neither undoes the other.

import { type Kysely } from './sql.ts';
import { type Dialect } from './store.ts';
import { type Tables } from './tables.ts';

/** `query` locks what it finds where `db` is a transaction; SQLite has one that writes at a time, and needs no lock. */
export function locked<Query extends { forUpdate(): Query }>(
  dialect: Dialect,
  db: Pick<Kysely<Tables>, 'isTransaction'>,
  query: Query,
): Query {
  return dialect === 'postgres' && db.isTransaction ? query.forUpdate() : query;
}
