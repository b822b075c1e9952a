// The time by the clock of the database, in ms since 1970: the one clock that all nodes on a store have in common. For
// times that one node writes and another judges.

import { sql, type RawBuilder } from './sql.ts';
import { type Dialect } from './store-types.ts';

/** An expression that an index can be searched with. On PostgreSQL it is when the transaction began. */
export function storeTimeMs(dialect: Dialect): RawBuilder<number> {
  return dialect === 'sqlite'
    ? sql<number>`cast(unixepoch('subsec') * 1000 as integer)`
    : sql<number>`cast(extract(epoch from now()) * 1000 as bigint)`;
}
