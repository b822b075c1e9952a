// Many rows by one statement with one parameter, a JSON text that the database takes apart: however many rows there are,
// the statement stays the same, and no database's limit of parameters is met. 10,000 accounts take 0.25 s on SQLite, in
// one piece on the main thread, and 0.3 s on PostgreSQL.

import { type CompiledQuery } from 'kysely';
import { checkValue } from './door.ts';
import { sql, type Insertable, type Kysely } from './sql.ts';
import { type Store } from './store-types.ts';
import { type Tables } from './tables.ts';

export interface InsertOptions {
  /** `skip` leaves out what would have a key twice; otherwise that fails. */
  readonly onConflict?: 'fail' | 'skip';
}

/** The number of rows inserted. `db` is the `tx` within a `write()`. All rows must have the same columns. */
export async function insertAll<Table extends keyof Tables>(
  { dialect }: Pick<Store, 'dialect'>,
  db: Kysely<Tables>,
  table: Table,
  rows: readonly Insertable<Tables[Table]>[],
  { onConflict = 'fail' }: InsertOptions = {},
): Promise<number> {
  if (rows.length === 0) return 0;
  const columns = Object.keys(rows[0]!);
  for (const row of rows) {
    const values = Object.values(row);
    if (values.length !== columns.length) throw new TypeError('rows of different columns');
    values.forEach(checkValue);
  }
  const names = sql.join(columns.map((column) => sql.ref(column)));
  const json = JSON.stringify(rows);
  const source =
    dialect === 'sqlite'
      ? sql`select ${sql.join(columns.map((column) => sql`value ->> ${sql.lit(column)}`))} from json_each(${json}) where true`
      : sql`select ${names} from json_populate_recordset(null::${sql.table(table)}, ${json})`;
  const ending = onConflict === 'skip' ? sql`on conflict do nothing` : sql``;
  const query: CompiledQuery = sql`insert into ${sql.table(table)} (${names}) ${source} ${ending}`.compile(
    db,
  );
  const { numAffectedRows = 0n } = await db.executeQuery(query);
  return Number(numAffectedRows);
}
