// One SQLite file with two connections: all that writes goes through the one, a statement or transaction at a time, and
// reads go through the other, which sees what is committed and never waits for a writer (WAL). Calls block the thread;
// waiting for another process does not, beyond BUSY_BLOCK_MS at a time.

import { closeSync, constants, openSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { type CompiledQuery, type QueryResult } from 'kysely';
import { systemErrorCode } from '../start-problem.ts';
import { checkParameters, checkRows } from './door.ts';
import { StatementCache, type Statement } from './statement-cache.ts';
import { Turns } from './turns.ts';

/** Milliseconds that SQLite itself may wait for another process; afterwards the thread does other things first. */
const BUSY_BLOCK_MS = 5;
const RETRY_MS_MAX = 20;
/** KiB of pages that a connection keeps in memory. */
const CACHE_KIB = 32_768;

export class SqliteFile {
  /** Whose turn it is to write. */
  readonly turns = new Turns();
  readonly #writer: Database.Database;
  readonly #reader: Database.Database;
  readonly #writing: StatementCache;
  readonly #reading: StatementCache;
  readonly #busyMsMax: number;
  #isDurable = true;

  /** `busyMsMax` is how long another process that has the file is waited for. */
  constructor(file: string, busyMsMax: number) {
    this.#busyMsMax = busyMsMax;
    this.#writer = connect(file);
    try {
      this.#writer.pragma('synchronous = FULL');
      this.#reader = connect(file);
    } catch (error) {
      this.#writer.close();
      throw error;
    }
    this.#reader.pragma('query_only = on');
    this.#writing = new StatementCache(this.#writer);
    this.#reading = new StatementCache(this.#reader);
  }

  /** From now on readers and a writer do not wait for each other. The file remembers it. */
  async turnWalOn(): Promise<void> {
    await this.#whenFree(() => this.#writer.pragma('journal_mode = WAL'));
  }

  /** Runs a statement for which its caller has the turn. */
  write<Row>({ sql, parameters }: Pick<CompiledQuery, 'sql' | 'parameters'>): QueryResult<Row> {
    checkParameters(parameters, sql);
    return run(this.#writing.get(sql), parameters);
  }

  /** Runs a statement on its own: a read at once, a write when it is its turn. */
  async run<Row>({ sql, parameters }: CompiledQuery): Promise<QueryResult<Row>> {
    checkParameters(parameters, sql);
    const statement = this.#reading.get(sql);
    if (statement.readonly) return this.#whenFree(() => run<Row>(statement, parameters));
    await this.turns.take();
    try {
      this.#setDurable(true);
      return await this.#whenFree(() => run<Row>(this.#writing.get(sql), parameters));
    } finally {
      this.turns.give();
    }
  }

  /** Begins a transaction that writes; its caller has the turn. */
  async begin(isDurable: boolean): Promise<void> {
    this.#setDurable(isDurable);
    await this.#whenFree(() => this.#writing.get('begin immediate').run());
  }

  /** Ends the transaction. An error may have ended it already. */
  end(how: 'commit' | 'rollback'): void {
    if (how === 'commit' || this.#writer.inTransaction) this.#writing.get(how).run();
  }

  close(): void {
    this.#reader.close();
    this.#writer.close();
  }

  #whenFree<T>(attempt: () => T): Promise<T> {
    return whenFree(attempt, this.#busyMsMax);
  }

  /** With synchronous=NORMAL a commit in WAL mode waits for no disk. */
  #setDurable(isDurable: boolean): void {
    if (isDurable === this.#isDurable) return;
    this.#writer.pragma(isDurable ? 'synchronous = FULL' : 'synchronous = NORMAL');
    this.#isDurable = isDurable;
  }
}

/**
 * Makes the file for its owner only, whatever the umask; its siblings get the same mode from SQLite. What goes wrong here
 * goes wrong again when SQLite opens it, and is told then.
 */
export function makePrivately(file: string): void {
  try {
    closeSync(openSync(file, constants.O_CREAT | constants.O_EXCL | constants.O_RDWR, 0o600));
  } catch (error) {
    if (systemErrorCode(error) === undefined) throw error;
  }
}

function connect(file: string): Database.Database {
  const database = new Database(file, { timeout: BUSY_BLOCK_MS });
  database.pragma('foreign_keys = on');
  database.pragma(`cache_size = -${CACHE_KIB}`);
  return database;
}

function run<Row>(statement: Statement, values: readonly unknown[]): QueryResult<Row> {
  // A list is bound as one JSON text, see one-of.ts.
  const parameters = values.map((value) => (Array.isArray(value) ? JSON.stringify(value) : value));
  if (!statement.reader) return { numAffectedRows: BigInt(statement.run(parameters).changes), rows: [] };
  const rows = statement.all(parameters);
  checkRows(rows);
  return { rows: rows as Row[], ...(statement.readonly ? {} : { numAffectedRows: BigInt(rows.length) }) };
}

export function isBusy(error: unknown): boolean {
  return (
    error instanceof Database.SqliteError &&
    (error.code.startsWith('SQLITE_BUSY') || error.code.startsWith('SQLITE_LOCKED'))
  );
}

/** Tries again while another process has the file. */
export async function whenFree<T>(attempt: () => T, busyMsMax: number): Promise<T> {
  const startedMs = performance.now();
  for (let waitMs = 1; ; waitMs = Math.min(2 * waitMs, RETRY_MS_MAX)) {
    try {
      return attempt();
    } catch (error) {
      if (!isBusy(error) || performance.now() - startedMs > busyMsMax) throw error;
    }
    await sleep(waitMs * (0.5 + Math.random()));
  }
}
