// Why a store cannot be opened, as a problem of the start. No text of a database goes into a message unseen: a URL may
// hold a password.

import Database from 'better-sqlite3';
import { DatabaseError } from 'pg';
import { startProblem, systemErrorCode, type StartProblem, type StartProblemCode } from '../start-problem.ts';
import { type Migrated } from './migrate.ts';
import { isStoreDown } from './store-error.ts';
import { describeStoreUrl } from './store-url.ts';

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

/** SQLSTATE -> what it is, by its beginning. */
const POSTGRES_CODES: readonly (readonly [start: string, code: StartProblemCode])[] = [
  ['28', 'store_password_wrong'],
  ['3D000', 'store_database_missing'],
  ['42501', 'store_not_permitted'],
  ['3F000', 'store_not_permitted'],
  ['55P03', 'store_locked'],
  ['53100', 'store_full'],
];

/** Rethrows what is no failure of the database or of the way there. */
export function postgresProblem(url: string, error: unknown): StartProblem {
  if (!(error instanceof Error)) throw error;
  const detail = withoutPassword(url, describe(error));
  return startProblem(postgresCode(error), `the store ${describeStoreUrl(url)} cannot be used (${detail})`);
}

function postgresCode(error: Error): StartProblemCode {
  if (error instanceof DatabaseError) {
    const known = POSTGRES_CODES.find(([start]) => error.code?.startsWith(start) === true);
    if (known !== undefined) return known[1];
  }
  // What pg says where the server wants a password and none is given, or it proves not to know ours.
  if (/^SASL|password must be a string/.test(error.message)) return 'store_password_wrong';
  return isStoreDown(error) ? 'store_unreachable' : 'store_unusable';
}

function describe(error: Error): string {
  // Of a host with several addresses, the first stands for all.
  if (error instanceof AggregateError && error.errors[0] instanceof Error) return describe(error.errors[0]);
  const code = systemErrorCode(error);
  return code === undefined ? error.message : `${code}: ${error.message}`;
}

function withoutPassword(url: string, text: string): string {
  const parsed = URL.parse(url);
  const written = [parsed?.password ?? '', parsed?.searchParams.get('password') ?? ''];
  const secrets = [...written, ...written.map(decoded)].filter((secret) => secret !== '');
  return secrets.reduce((rest, secret) => rest.replaceAll(secret, '***'), text);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

export function encodingProblem(place: string, encoding: string): StartProblem {
  return startProblem(
    'store_unusable',
    `the store ${place} cannot be used: its encoding is ${encoding}, and must be UTF8`,
  );
}

export function migrationProblem(place: string, migrated: Migrated & { ok: false }): StartProblem {
  const code = migrated.reason === 'newer' ? 'store_newer' : 'store_foreign';
  return startProblem(code, `the store ${place} cannot be used: ${migrated.detail}`);
}
