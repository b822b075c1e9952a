// A store is opened: its tables are made or brought up, once, whoever comes; and every reason not to has its name.

import { describe, expect, test } from 'vitest';
import { MIGRATIONS } from '../../../platform/store/migrations/all.ts';
import { type Migration } from '../../../platform/store/migrations/migration.ts';
import { openPostgres } from '../../../platform/store/postgres-store.ts';
import { openSqlite } from '../../../platform/store/sqlite-store.ts';
import { openStore, type OpenedStore, type StoreOptions } from '../../../platform/store/store.ts';
import { customerRow } from '../../support/store-rows.ts';
import { DIALECTS, useStores } from '../../support/use-stores.ts';
import { openInProcesses } from './store-process.ts';

const stores = useStores();

const NEXT: Migration = {
  number: MIGRATIONS.length + 1,
  name: 'next',
  statements: ({ int, text, strict }) => [`create table seconds (a ${int} primary key, b ${text})${strict}`],
};
const NEWER = new RegExp(`version ${NEXT.number}, .* knows ${MIGRATIONS.length}$`);
const BROKEN: Migration = { ...NEXT, statements: (words) => [...NEXT.statements(words), 'nonsense'] };

function openWith(at: StoreOptions, migrations: readonly Migration[]): Promise<OpenedStore> {
  return at.url.startsWith('postgres:') ? openPostgres(at, { migrations }) : openSqlite(at, { migrations });
}

async function openedAndClosed(at: StoreOptions, migrations = MIGRATIONS): Promise<string> {
  const opened = await openWith(at, migrations);
  if (!opened.ok) return opened.problem.code;
  await opened.store.close();
  return 'open';
}

describe.each(DIALECTS)('on %s', (dialect) => {
  test('migrations run once, and what was written stays', async (context) => {
    const at = await stores.place(dialect, context);
    const first = await stores.open(dialect, context, at);
    const customer = customerRow();
    await first.db.insertInto('customers').values(customer).execute();
    const second = await stores.open(dialect, context, at);
    expect(await second.db.selectFrom('customers').selectAll().execute()).toEqual([customer]);
  });

  test('a store of every version before is brought up', async (context) => {
    for (const version of MIGRATIONS.keys()) {
      const older = await stores.place(dialect, context);
      expect(await openedAndClosed(older, MIGRATIONS.slice(0, version + 1))).toBe('open');
      expect(await openedAndClosed(older)).toBe('open');
    }
    const at = await stores.place(dialect, context);
    expect(await openedAndClosed(at)).toBe('open');
    expect(await openedAndClosed(at, [...MIGRATIONS, NEXT])).toBe('open');
    expect(await openedAndClosed(at, [...MIGRATIONS, NEXT])).toBe('open');
  });

  test('a store of a newer version is refused, and stays as it is', async (context) => {
    const at = await stores.place(dialect, context);
    expect(await openedAndClosed(at, [...MIGRATIONS, NEXT])).toBe('open');
    expect(await openStore(at)).toMatchObject({
      ok: false,
      problem: { code: 'store_newer', message: expect.stringMatching(NEWER) as string },
    });
    expect(await openedAndClosed(at, [...MIGRATIONS, NEXT])).toBe('open');
  });

  test('a migration that fails leaves nothing behind', async (context) => {
    const at = await stores.place(dialect, context);
    expect(await openedAndClosed(at, [...MIGRATIONS, BROKEN])).toBe('store_unusable');
    expect(await openedAndClosed(at, [...MIGRATIONS, NEXT])).toBe('open');
  });

  test('six processes that open a new store at once all find it whole', async (context) => {
    const at = await stores.place(dialect, context);
    expect(await openInProcesses(at, 6)).toEqual(Array.from({ length: 6 }, () => 'open, 0 customers'));
  });
});

describe('a PostgreSQL store', () => {
  async function problemOf(url: string): Promise<{ code: string; message: string }> {
    const opened = await openStore({ url, dataDir: '.' });
    if (opened.ok) throw new Error('it was opened');
    return opened.problem;
  }

  test('of a wrong password says so, without either password', async (context) => {
    const server = await stores.postgres(context);
    const wrong = server.url('postgres').replace(/:[^:@]*@/, ':hidden-secret@');
    const problem = await problemOf(wrong);
    expect(problem.code).toBe('store_password_wrong');
    expect(problem.message).toContain(`127.0.0.1:${server.port}/postgres`);
    expect(problem.message).not.toContain('hidden-secret');
  });

  test('of no password at all says that it is the password', async (context) => {
    const server = await stores.postgres(context);
    const none = server.url('postgres').replace(/:[^:@]*@/, '@');
    expect((await problemOf(none)).code).toBe('store_password_wrong');
  });

  test('that is not there is a missing database', async (context) => {
    const server = await stores.postgres(context);
    expect((await problemOf(server.url('nowhere'))).code).toBe('store_database_missing');
  });

  test('where nobody listens is unreachable, and the message has no password', async (context) => {
    const server = await stores.postgres(context);
    const url = server.url('postgres').replace(`:${server.port}/`, ':1/');
    const problem = await problemOf(url);
    expect(problem.code).toBe('store_unreachable');
    expect(problem.message).not.toMatch(/p@ss|p%40ss/);
  });

  test('of a host name that does not exist is unreachable', async () => {
    expect((await problemOf('postgres://u:p@nowhere.invalid/d')).code).toBe('store_unreachable');
  });

  test('of another encoding than UTF-8 is refused', async (context) => {
    const server = await stores.postgres(context);
    const url = await server.newDatabase(`encoding 'SQL_ASCII' locale 'C' template template0`);
    const problem = await problemOf(url);
    expect(problem).toMatchObject({ code: 'store_unusable' });
    expect(problem.message).toContain('SQL_ASCII');
  });

  test('with a table of ours that no migration made is refused', async (context) => {
    const server = await stores.postgres(context);
    const url = await server.newDatabase();
    const own = await openStore({ url, dataDir: '.' });
    if (own.ok) await own.store.close();
    await server.admin(`create database copied template ${new URL(url).pathname.slice(1)}`);
    const opened = await openStore({ url: server.url('copied'), dataDir: '.' });
    if (!opened.ok) throw new Error(opened.problem.message);
    await opened.store.db.schema.dropTable('rovercast_migrations').execute();
    await opened.store.close();
    expect((await problemOf(server.url('copied'))).code).toBe('store_foreign');
  });

  test('whose user may make no tables is refused', async (context) => {
    const server = await stores.postgres(context);
    const url = new URL(await server.newDatabase());
    await server.admin(`create role guest login password 'guest'`);
    url.username = 'guest';
    url.password = 'guest';
    expect((await problemOf(url.href)).code).toBe('store_not_permitted');
  });
});
