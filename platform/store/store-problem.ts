// Why a store cannot be opened, as a problem of the start. No text of a database goes into a message unseen: a URL may
// hold a password.

import Database from 'better-sqlite3';
import { startProblem, type StartProblem, type StartProblemCode } from '../start-problem.ts';
import { type Migrated } from './migrate.ts';

const SQLITE_CODES: readonly (readonly [start: string, code: StartProblemCode])[] = [
  ['SQLITE_NOTADB', 'store_not_a_database'],
  ['SQLITE_CORRUPT', 'store_not_a_database'],
  ['SQLITE_BUSY', 'store_locked'],
  ['SQLITE_LOCKED', 'store_locked'],
  ['SQLITE_CANTOPEN', 'store_not_writable'],
  ['SQLITE_READONLY', 'store_not_writable'],
  ['SQLITE_PERM', 'store_not_writable'],
  ['SQLITE_FULL', 'store_full'],
];

/** `place` is the file. Rethrows what is no failure of the database. */
export function sqliteProblem(place: string, error: unknown): StartProblem {
  // better-sqlite3 says this itself, without a code.
  if (error instanceof TypeError && error.message.includes('directory does not exist'))
    return startProblem('store_not_writable', `the folder of ${place} does not exist`);
  if (!(error instanceof Database.SqliteError)) throw error;
  const code = SQLITE_CODES.find(([start]) => error.code.startsWith(start))?.[1] ?? 'store_unusable';
  return startProblem(code, `the store ${place} cannot be used (${error.code}: ${error.message})`);
}

export function migrationProblem(place: string, migrated: Migrated & { ok: false }): StartProblem {
  const code = migrated.reason === 'newer' ? 'store_newer' : 'store_foreign';
  return startProblem(code, `the store ${place} cannot be used: ${migrated.detail}`);
}
