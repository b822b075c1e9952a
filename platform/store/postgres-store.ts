// Opens a PostgreSQL database and makes a store of it.

import { setTimeout as sleep } from 'node:timers/promises';
import { Kysely, type Transaction } from 'kysely';
import { Client, Pool, TypeOverrides, type ClientConfig } from 'pg';
import {
  STORE_CONNECT_MS_MAX,
  STORE_CONNECTIONS_MAX,
  STORE_MIGRATION_LOCK_MS_MAX,
  STORE_QUERY_MS_MAX,
  STORE_WRITE_TRIES_MAX,
} from '../../config/limits.ts';
import { safeNumber } from './door.ts';
import { migrate } from './migrate.ts';
import { MIGRATIONS } from './migrations/all.ts';
import { type Migration } from './migrations/migration.ts';
import { RovercastPostgresDialect } from './postgres-driver.ts';
import { isWorthRetrying } from './store-error.ts';
import { encodingProblem, migrationProblem, postgresProblem } from './store-problem.ts';
import { type OpenedStore, type Store, type StoreOptions, type WriteOptions } from './store-types.ts';
import { describeStoreUrl } from './store-url.ts';
import { type Tables } from './tables.ts';
import { writeIn } from './write-scope.ts';

/** Any number that no other program is likely to take: `rovercst` in ASCII. */
const MIGRATION_LOCK = '8245939620821562228';

/** Object ids of pg_type(5). */
const TYPE = { bool: 16, int8: 20, json: 114, numeric: 1700, jsonb: 3802 };

/** Values as SQLite gives them: numbers for integers and sums, 0 and 1 for conditions, text for JSON. */
function typeOverrides(): TypeOverrides {
  const types = new TypeOverrides();
  types.setTypeParser(TYPE.int8, safeNumber);
  types.setTypeParser(TYPE.numeric, safeNumber);
  types.setTypeParser(TYPE.bool, (text) => (text === 't' ? 1 : 0));
  types.setTypeParser(TYPE.json, (text) => text);
  types.setTypeParser(TYPE.jsonb, (text) => text);
  return types;
}

/** For tests: other migrations. */
export interface PostgresOptions {
  readonly migrations?: readonly Migration[];
}

export async function openPostgres(
  { url }: Pick<StoreOptions, 'url'>,
  { migrations = MIGRATIONS }: PostgresOptions = {},
): Promise<OpenedStore> {
  const settings: ClientConfig = {
    connectionString: url,
    application_name: 'rovercast',
    connectionTimeoutMillis: STORE_CONNECT_MS_MAX,
    keepAlive: true,
    types: typeOverrides(),
  };
  const place = describeStoreUrl(url);
  try {
    const client = new Client(settings);
    // A connection that breaks says so in the query under way, too.
    client.on('error', () => undefined);
    try {
      await client.connect();
      const { rows } = await client.query<{ encoding: string }>(
        `select current_setting('server_encoding') as encoding`,
      );
      const encoding = rows[0]?.encoding ?? '';
      if (encoding !== 'UTF8') return { ok: false, problem: encodingProblem(place, encoding) };
      const migrated = await bringUp(client, migrations);
      if (!migrated.ok) return { ok: false, problem: migrationProblem(place, migrated) };
    } finally {
      await client.end();
    }
    return { ok: true, store: new PostgresStore(settings) };
  } catch (error) {
    return { ok: false, problem: postgresProblem(url, error) };
  }
}

async function bringUp(client: Client, migrations: readonly Migration[]): ReturnType<typeof migrate> {
  await client.query(`begin; set local lock_timeout = ${STORE_MIGRATION_LOCK_MS_MAX}`);
  await client.query(`select pg_advisory_xact_lock(${MIGRATION_LOCK})`);
  const migrated = await migrate({
    dialect: 'postgres',
    run: async (text, values = []) =>
      (await client.query<Record<string, unknown>>({ text, values: [...values] })).rows,
    migrations,
    nowMs: Date.now(),
  });
  await client.query(migrated.ok ? 'commit' : 'rollback');
  return migrated;
}

/**
 * A connection that breaks between two queries of a transaction, or while the pool takes it up, says so itself: unheard,
 * that would end the process. The next query fails, and the connection is not used again.
 */
class HeardClient extends Client {
  constructor(settings?: string | ClientConfig) {
    super(settings);
    this.on('error', () => undefined);
  }
}

class PostgresStore implements Store {
  readonly dialect = 'postgres';
  readonly db: Kysely<Tables>;

  constructor(settings: ClientConfig) {
    const limits = { max: STORE_CONNECTIONS_MAX, query_timeout: STORE_QUERY_MS_MAX };
    const pool = new Pool({ ...settings, ...limits, Client: HeardClient });
    // An idle connection that breaks is replaced when one is needed.
    pool.on('error', () => undefined);
    this.db = new Kysely<Tables>({ dialect: new RovercastPostgresDialect(pool) });
  }

  async write<T>(body: (tx: Transaction<Tables>) => Promise<T>, options?: WriteOptions): Promise<T> {
    for (let tries = 1; ; tries++) {
      try {
        return await writeIn(this.db, body, options);
      } catch (error) {
        if (!isWorthRetrying(error) || tries === STORE_WRITE_TRIES_MAX) throw error;
      }
      await sleep(2 ** tries * Math.random());
    }
  }

  async close(): Promise<void> {
    await this.db.destroy();
  }
}
