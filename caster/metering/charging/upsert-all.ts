// Many rows that are put in the place of those with their keys, by one statement.

import { sql, type Transaction } from '../../../platform/store/sql.ts';
import type { Dialect } from '../../../platform/store/store.ts';
import type { Tables } from '../../../platform/store/tables.ts';
import { type ColumnKind, jsonRows } from '../../accounts/json-rows.ts';

export interface UpsertShape<Row> {
  /** The columns of the primary key. */
  readonly key: readonly (keyof Row & string)[];
  readonly columns: { readonly [Name in keyof Row & string]: ColumnKind };
}

/** No two of `rows` may have the same key. */
export async function upsertAll<Table extends keyof Tables>(
  dialect: Dialect,
  tx: Transaction<Tables>,
  table: Table,
  rows: readonly Tables[Table][],
  { key, columns }: UpsertShape<Tables[Table]>,
): Promise<void> {
  if (rows.length === 0) return;
  const names = Object.keys(columns);
  const isKey = new Set<string>(key);
  const list = sql.join(names.map((name) => sql.ref(name)));
  const picked = sql.join(names.map((name) => sql.ref(`j.${name}`)));
  const keys = sql.join(key.map((name) => sql.ref(name)));
  const changes = sql.join(
    names
      .filter((name) => !isKey.has(name))
      .map((name) => sql`${sql.ref(name)} = ${sql.ref(`excluded.${name}`)}`),
  );
  await sql`insert into ${sql.table(table)} (${list}) select ${picked}
    from ${jsonRows(dialect, rows, columns)} where true
    on conflict (${keys}) do update set ${changes}`.execute(tx);
}
