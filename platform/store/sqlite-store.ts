// Opens the SQLite file and makes a store of it.

import path from 'node:path';
import { Kysely, type Transaction } from 'kysely';
import { STORE_BUSY_MS_MAX } from '../../config/limits.ts';
import { migrate } from './migrate.ts';
import { MIGRATIONS } from './migrations/all.ts';
import { type Migration } from './migrations/migration.ts';
import { RovercastSqliteDialect } from './sqlite-driver.ts';
import { makePrivately, SqliteFile, whenFree } from './sqlite-file.ts';
import { migrationProblem, sqliteProblem } from './store-problem.ts';
import { type OpenedStore, type Store, type StoreOptions, type WriteOptions } from './store-types.ts';
import { type Tables } from './tables.ts';
import { writeIn } from './write-scope.ts';

/** For tests: other migrations, less patience. */
export interface SqliteOptions {
  readonly migrations?: readonly Migration[];
  readonly busyMsMax?: number;
}

export async function openSqlite(
  { url, dataDir }: StoreOptions,
  { migrations = MIGRATIONS, busyMsMax = STORE_BUSY_MS_MAX }: SqliteOptions = {},
): Promise<OpenedStore> {
  const name = path.resolve(dataDir, url);
  let file: SqliteFile | undefined;
  try {
    makePrivately(name);
    file = await whenFree(() => new SqliteFile(name, busyMsMax), busyMsMax);
    const migrated = await bringUp(file, migrations);
    if (migrated.ok) {
      await file.turnWalOn();
      return { ok: true, store: new SqliteStore(file) };
    }
    file.close();
    return { ok: false, problem: migrationProblem(name, migrated) };
  } catch (error) {
    file?.close();
    return { ok: false, problem: sqliteProblem(name, error) };
  }
}

async function bringUp(file: SqliteFile, migrations: readonly Migration[]): ReturnType<typeof migrate> {
  await file.begin(true);
  try {
    const migrated = await migrate({
      dialect: 'sqlite',
      run: (sql, parameters = []) => Promise.resolve(file.write({ sql, parameters }).rows),
      migrations,
      nowMs: Date.now(),
    });
    file.end(migrated.ok ? 'commit' : 'rollback');
    return migrated;
  } catch (error) {
    file.end('rollback');
    throw error;
  }
}

class SqliteStore implements Store {
  readonly dialect = 'sqlite';
  readonly db: Kysely<Tables>;
  readonly #file: SqliteFile;

  constructor(file: SqliteFile) {
    this.#file = file;
    this.db = new Kysely<Tables>({ dialect: new RovercastSqliteDialect(file) });
  }

  write<T>(body: (tx: Transaction<Tables>) => Promise<T>, options?: WriteOptions): Promise<T> {
    return writeIn(this.db, body, options);
  }

  /** Waits for the turns before it. */
  async close(): Promise<void> {
    await this.#file.turns.take();
    await this.db.destroy();
    this.#file.close();
  }
}
