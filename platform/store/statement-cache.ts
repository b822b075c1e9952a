// Statements of one SQLite connection, prepared once per text: preparing one costs as much as running it.

import type Database from 'better-sqlite3';
import { STORE_STATEMENTS_MAX } from '../../config/limits.ts';

export type Statement = Database.Statement;

export class StatementCache {
  readonly #database: Database.Database;
  /** Least lately used first. */
  readonly #statements = new Map<string, Statement>();

  constructor(database: Database.Database) {
    this.#database = database;
  }

  get(text: string): Statement {
    let statement = this.#statements.get(text);
    if (statement === undefined) statement = this.#database.prepare(text);
    else this.#statements.delete(text);
    this.#statements.set(text, statement);
    if (this.#statements.size > STORE_STATEMENTS_MAX) {
      const [oldest] = this.#statements.keys();
      this.#statements.delete(oldest!);
    }
    return statement;
  }
}
