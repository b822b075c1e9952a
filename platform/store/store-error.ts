// What a failed statement means, the same for both databases. Whatever is none of these is a bug, or a database in
// trouble, and goes its way as an exception.

import Database from 'better-sqlite3';
import { DatabaseError } from 'pg';

/** The key that a row would have had twice, as `accounts.username` or `devices.app_id,device_id`. */
export function violatedKey(error: unknown): string | undefined {
  if (error instanceof Database.SqliteError) {
    if (!/^SQLITE_CONSTRAINT_(UNIQUE|PRIMARYKEY)$/.test(error.code)) return undefined;
    const columns = error.message.replace(/^UNIQUE constraint failed: /, '').split(', ');
    const [table = ''] = columns[0]!.split('.');
    return keyName(
      table,
      columns.map((column) => column.slice(table.length + 1)),
    );
  }
  if (error instanceof DatabaseError && error.code === '23505') {
    const columns = /^Key \(([^)]+)\)/.exec(error.detail ?? '')?.[1]?.split(', ') ?? [];
    return keyName(error.table ?? '', columns);
  }
  return undefined;
}

function keyName(table: string, columns: readonly string[]): string {
  return `${table}.${columns.map((column) => column.replaceAll('"', '')).join(',')}`;
}

/** True where a row names one that is not there, or is still named by others. */
export function isReferenceViolation(error: unknown): boolean {
  if (error instanceof Database.SqliteError) return error.code === 'SQLITE_CONSTRAINT_FOREIGNKEY';
  return error instanceof DatabaseError && error.code === '23503';
}

/** Of the network and of pg itself, which has no codes of its own for these. */
const GONE = /^(ECONN|EPIPE|ETIMEDOUT|EHOST|ENET|ENOTFOUND|EAI_AGAIN|ENOENT)/;
const GONE_SENTENCE =
  /timeout exceeded when trying to connect|Connection terminated|not queryable|Query read timeout/;
/** Connection exceptions, shutting down, starting up, too many connections, disk full, read-only after a fail-over. */
const GONE_STATE = /^(08|57P0[1-5]|53[123]00|25006)/;
const GONE_SQLITE = /^SQLITE_(BUSY|LOCKED|FULL|IOERR|CANTOPEN|READONLY)/;

/** True where the store cannot be asked at the moment, whatever is asked. */
export function isStoreDown(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error instanceof Database.SqliteError) return GONE_SQLITE.test(error.code);
  if (error instanceof DatabaseError) return GONE_STATE.test(error.code ?? '');
  if ('code' in error && typeof error.code === 'string' && GONE.test(error.code)) return true;
  // A name with several addresses fails with one error for each.
  if (error instanceof AggregateError) return error.errors.some(isStoreDown);
  return GONE_SENTENCE.test(error.message);
}

/** True where the same transaction, run anew, may pass. */
export function isWorthRetrying(error: unknown): boolean {
  return error instanceof DatabaseError && (error.code === '40001' || error.code === '40P01');
}
