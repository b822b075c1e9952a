// SQLite as Kysely's driver. Kysely's own uses one connection for everything, so that whatever happens to run between
// two queries of a transaction becomes a part of it; here a transaction has the writing connection for itself, and what
// is asked beside it reads what is committed, or waits for its turn.

import {
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
  type CompiledQuery,
  type DatabaseConnection,
  type DatabaseIntrospector,
  type Dialect,
  type Driver,
  type Kysely,
  type QueryCompiler,
  type QueryResult,
} from 'kysely';
import { type SqliteFile } from './sqlite-file.ts';
import { refuseInside, scopeOfTransaction } from './write-scope.ts';

class Adapter extends SqliteAdapter {
  /** Kysely would let one query at a time in otherwise, and none during a transaction. */
  override get supportsMultipleConnections(): boolean {
    return true;
  }
}

export class RovercastSqliteDialect implements Dialect {
  readonly #file: SqliteFile;

  constructor(file: SqliteFile) {
    this.#file = file;
  }

  createDriver(): Driver {
    return new SqliteDriver(this.#file);
  }

  createAdapter(): SqliteAdapter {
    return new Adapter();
  }

  createQueryCompiler(): QueryCompiler {
    return new SqliteQueryCompiler();
  }

  createIntrospector(db: Kysely<never>): DatabaseIntrospector {
    return new SqliteIntrospector(db);
  }
}

/**
 * `single`: every statement on its own. `failed`: a statement of its transaction failed, which nothing but a rollback may
 * follow, as on PostgreSQL. `over`: its transaction has ended, and it is good for nothing more.
 */
type ConnectionState = 'single' | 'transaction' | 'failed' | 'over';

class Connection implements DatabaseConnection {
  readonly #file: SqliteFile;
  state: ConnectionState = 'single';

  constructor(file: SqliteFile) {
    this.#file = file;
  }

  executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
    return settled(() => {
      switch (this.state) {
        case 'single':
          refuseInside('a query of store.db');
          return this.#file.run<Row>(query);
        case 'transaction':
          return this.#runInTransaction<Row>(query);
        case 'failed':
          throw new Error('a query of a transaction in which another has failed');
        case 'over':
          throw new Error('a query of a transaction that is over');
      }
    });
  }

  #runInTransaction<Row>(query: CompiledQuery): QueryResult<Row> {
    try {
      return this.#file.write<Row>(query);
    } catch (error) {
      this.state = 'failed';
      throw error;
    }
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- the interface demands a generator
  async *streamQuery(): AsyncIterableIterator<never> {
    throw new Error('rows do not stream here: page through them');
  }
}

/** What throws becomes a rejected promise. */
async function settled<T>(act: () => T | Promise<T>): Promise<T> {
  return act();
}

class SqliteDriver implements Driver {
  readonly #file: SqliteFile;

  constructor(file: SqliteFile) {
    this.#file = file;
  }

  init(): Promise<void> {
    return Promise.resolve();
  }

  acquireConnection(): Promise<Connection> {
    return Promise.resolve(new Connection(this.#file));
  }

  releaseConnection(): Promise<void> {
    return Promise.resolve();
  }

  async beginTransaction(connection: Connection): Promise<void> {
    const scope = scopeOfTransaction();
    await this.#file.turns.take();
    try {
      await this.#file.begin(scope.isDurable);
    } catch (error) {
      this.#file.turns.give();
      throw error;
    }
    connection.state = 'transaction';
    // Queries are answered at once: the whole body is done before the thread turns to anything else.
    scope.expectNext();
  }

  commitTransaction(connection: Connection): Promise<void> {
    return settled(() => {
      // A commit that fails is followed by a rollback, which gives the turn back.
      if (connection.state === 'failed')
        throw new Error('a query of the transaction has failed; rolled back');
      this.#file.end('commit');
      this.#over(connection);
    });
  }

  rollbackTransaction(connection: Connection): Promise<void> {
    return settled(() => {
      if (connection.state === 'over') return;
      try {
        this.#file.end('rollback');
      } finally {
        this.#over(connection);
      }
    });
  }

  destroy(): Promise<void> {
    return settled(() => this.#file.close());
  }

  #over(connection: Connection): void {
    connection.state = 'over';
    this.#file.turns.give();
  }
}
