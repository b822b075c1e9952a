// What a store is to those that use it, whichever database is behind it.

import { type StartProblem } from '../start-problem.ts';
import { type Kysely, type Transaction } from './sql.ts';
import { type Tables } from './tables.ts';

export type Dialect = 'sqlite' | 'postgres';

export interface WriteOptions {
  /**
   * True where nothing else is said: what is committed is on the disk. False for what need not survive a loss of
   * power (who holds which account): on SQLite and PostgreSQL the commit then waits for no disk. It survives the end
   * of the process all the same, and nothing becomes inconsistent.
   */
  readonly durable?: boolean;
}

export interface Store {
  readonly dialect: Dialect;
  /** Single reads and writes, each a transaction of its own. */
  readonly db: Kysely<Tables>;
  /**
   * A transaction. Its body may await nothing but queries of `tx`; anything else is an error that rolls it back. A query
   * that fails ends it: prefer `on conflict do nothing` where a row may be there. On SQLite bodies run one at a time.
   * On PostgreSQL a body is run anew after a deadlock or a failed serialization, so it must have no effect but through
   * `tx`.
   */
  write<T>(body: (tx: Transaction<Tables>) => Promise<T>, options?: WriteOptions): Promise<T>;
  close(): Promise<void>;
}

export type OpenedStore =
  { readonly ok: true; readonly store: Store } | { readonly ok: false; readonly problem: StartProblem };

export interface StoreOptions {
  /** A file, relative to the data folder, or `postgres://…`. */
  readonly url: string;
  readonly dataDir: string;
}
