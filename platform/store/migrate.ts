// Brings the tables of a store up to this version, or says why it must be left alone. Runs inside one transaction that
// its caller has opened and locked, so that of two processes that start at once the second finds everything done, and
// a migration that fails leaves nothing behind.

import { DIALECT_WORDS, type Migration } from './migrations/migration.ts';

/** Runs one statement and gives its rows. */
export type Run = (
  statement: string,
  parameters?: readonly (string | number)[],
) => Promise<readonly unknown[]>;

export interface Migrating {
  readonly dialect: 'sqlite' | 'postgres';
  readonly run: Run;
  readonly migrations: readonly Migration[];
  readonly nowMs: number;
}

export type Migrated =
  | { readonly ok: true; readonly applied: number }
  /** `foreign`: tables of ours or, in a file, any, that no migration of ours made. */
  | { readonly ok: false; readonly reason: 'newer' | 'foreign'; readonly detail: string };

const LEDGER = 'rovercast_migrations';

export async function migrate(migrating: Migrating): Promise<Migrated> {
  const { dialect, run, migrations, nowMs } = migrating;
  const tables = await tableNames(migrating);
  if (!tables.includes(LEDGER)) {
    const foreign = tables.find((table) => dialect === 'sqlite' || OUR_FIRST_TABLES.includes(table));
    if (foreign !== undefined)
      return {
        ok: false,
        reason: 'foreign',
        detail: `it has a table ${foreign} that is not of this program`,
      };
    await run(ledgerTable(dialect));
  }
  const [row] = await run(`select coalesce(max(number), 0) as number from ${LEDGER}`);
  const version = Number((row as { number: number | string }).number);
  const known = migrations.at(-1)?.number ?? 0;
  if (version > known)
    return { ok: false, reason: 'newer', detail: `it has version ${version}, this program knows ${known}` };
  let applied = 0;
  for (const { number, name, statements } of migrations) {
    if (number <= version) continue;
    for (const statement of statements(DIALECT_WORDS[dialect])) await run(statement);
    const [first, second, third] = dialect === 'sqlite' ? ['?', '?', '?'] : ['$1', '$2', '$3'];
    await run(`insert into ${LEDGER} (number, name, applied_at) values (${first}, ${second}, ${third})`, [
      number,
      name,
      nowMs,
    ]);
    applied++;
  }
  return { ok: true, applied };
}

/** A database that others use too may have tables of theirs, but not these. */
const OUR_FIRST_TABLES = ['customers', 'apps', 'accounts', 'devices'];

async function tableNames({ dialect, run }: Migrating): Promise<string[]> {
  const rows = await run(
    dialect === 'sqlite'
      ? `select name from sqlite_schema where type = 'table'`
      : `select tablename as name from pg_tables where schemaname = current_schema()`,
  );
  return rows.map((row) => (row as { name: string }).name);
}

function ledgerTable(dialect: 'sqlite' | 'postgres'): string {
  const { int, text, strict } = DIALECT_WORDS[dialect];
  return `create table ${LEDGER} (number ${int} primary key, name ${text} not null, applied_at ${int} not null)${strict}`;
}
