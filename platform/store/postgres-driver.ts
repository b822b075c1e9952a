// PostgreSQL as Kysely's driver. Kysely's own knows no named statements, which spare the server parsing and planning at
// every login, and would lend a broken connection out again.

import {
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type CompiledQuery,
  type DatabaseConnection,
  type DatabaseIntrospector,
  type Dialect,
  type DialectAdapter,
  type Driver,
  type Kysely,
  type QueryCompiler,
  type QueryResult,
} from 'kysely';
import { type Pool, type PoolClient } from 'pg';
import { checkParameters, checkRows } from './door.ts';
import { type NamedQuery } from './prepared.ts';
import { isStoreDown } from './store-error.ts';
import { refuseInside, scopeOfTransaction, type WriteScope } from './write-scope.ts';

export class RovercastPostgresDialect implements Dialect {
  readonly #pool: Pool;

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  createDriver(): Driver {
    return new PostgresDriver(this.#pool);
  }

  createAdapter(): DialectAdapter {
    return new PostgresAdapter();
  }

  createQueryCompiler(): QueryCompiler {
    return new PostgresQueryCompiler();
  }

  createIntrospector(db: Kysely<never>): DatabaseIntrospector {
    return new PostgresIntrospector(db);
  }
}

class Connection implements DatabaseConnection {
  readonly client: PoolClient;
  /** That of its transaction; undefined outside of one. */
  scope: WriteScope | undefined;
  /** True where it must not be lent out again. */
  isBroken = false;
  /** True once its transaction ends: what its body still asks must not run outside of it. */
  isOver = false;
  #running = 0;

  constructor(client: PoolClient) {
    this.client = client;
  }

  async executeQuery<Row>(query: CompiledQuery | NamedQuery): Promise<QueryResult<Row>> {
    if (this.isOver) throw new Error('a query of a transaction that is over');
    checkParameters(query.parameters, query.sql);
    this.#running++;
    this.scope?.waitPatiently();
    try {
      const { command, rowCount, rows } = await this.client.query<Record<string, unknown>>({
        text: query.sql,
        values: [...query.parameters],
        ...('preparedName' in query ? { name: query.preparedName } : {}),
      });
      checkRows(rows);
      const isChange = command !== 'SELECT' && rowCount !== null;
      return { rows: rows as Row[], ...(isChange ? { numAffectedRows: BigInt(rowCount) } : {}) };
    } catch (error) {
      if (isStoreDown(error) || isStalePlan(error)) this.isBroken = true;
      throw error;
    } finally {
      this.#running--;
      if (this.#running === 0) this.scope?.expectNext();
    }
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- the interface demands a generator
  async *streamQuery(): AsyncIterableIterator<never> {
    throw new Error('rows do not stream here: page through them');
  }
}

/** A newer version has changed a table under a prepared statement; a new connection plans it anew. */
function isStalePlan(error: unknown): boolean {
  return error instanceof Error && error.message.includes('cached plan must not change result type');
}

class PostgresDriver implements Driver {
  readonly #pool: Pool;

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  init(): Promise<void> {
    return Promise.resolve();
  }

  async acquireConnection(): Promise<Connection> {
    refuseInside('a query of store.db');
    return new Connection(await this.#pool.connect());
  }

  releaseConnection(connection: Connection): Promise<void> {
    connection.client.release(connection.isBroken);
    return Promise.resolve();
  }

  async beginTransaction(connection: Connection): Promise<void> {
    const scope = scopeOfTransaction();
    try {
      // The second statement makes a commit wait for no disk, as synchronous=NORMAL does on SQLite.
      await connection.client.query(scope.isDurable ? 'begin' : 'begin; set local synchronous_commit = off');
    } catch (error) {
      connection.isBroken = true;
      throw error;
    }
    connection.scope = scope;
    scope.expectNext();
  }

  async commitTransaction(connection: Connection): Promise<void> {
    end(connection);
    const { command } = await connection.client.query('commit');
    // So PostgreSQL answers where a query failed and the body went on as if it had not.
    if (command === 'ROLLBACK') throw new Error('a query of the transaction has failed; rolled back');
  }

  async rollbackTransaction(connection: Connection): Promise<void> {
    end(connection);
    if (connection.isBroken) return;
    try {
      await connection.client.query('rollback');
    } catch {
      // Whatever it is, the server rolls back when the connection is gone. What failed first is what is told.
      connection.isBroken = true;
    }
  }

  async destroy(): Promise<void> {
    await this.#pool.end();
  }
}

function end(connection: Connection): void {
  connection.isOver = true;
  connection.scope?.waitPatiently();
}
