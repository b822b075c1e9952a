// The relational store: what the process must know after a restart. One file of SQLite in the data folder, or a
// PostgreSQL by URL that several nodes share; callers see no difference but `dialect`, for the few things that are
// spelled differently.
//
// Time of the main thread: a query on SQLite runs on it (some 10 to 50 us), a durable write waits for the disk.

import { openPostgres } from './postgres-store.ts';
import { openSqlite } from './sqlite-store.ts';
import { type OpenedStore, type StoreOptions } from './store-types.ts';
import { isPostgresUrl } from './store-url.ts';

export type { Dialect, OpenedStore, Store, StoreOptions, WriteOptions } from './store-types.ts';

/** Opens the store and brings its tables up to this version. */
export function openStore(options: StoreOptions): Promise<OpenedStore> {
  return isPostgresUrl(options.url) ? openPostgres(options) : openSqlite(options);
}
