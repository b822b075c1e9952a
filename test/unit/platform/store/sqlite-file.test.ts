// What only SQLite can go wrong with: its file.

import { chmodSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { openSqlite } from '../../../../platform/store/sqlite-store.ts';
import { type OpenedStore } from '../../../../platform/store/store.ts';
import { customerRow } from '../../../support/store-rows.ts';
import { useTempFolder } from '../../../support/temp-folder.ts';

const folder = useTempFolder();
let folders = 0;

function emptyFolder(): string {
  const made = path.join(folder, `data-${++folders}`);
  mkdirSync(made);
  return made;
}

function codeOf(opened: OpenedStore): string | undefined {
  return opened.ok ? undefined : opened.problem.code;
}

describe('a file', () => {
  test('is made for its owner only, in WAL mode, and every commit of it waits for the disk', async () => {
    const dataDir = emptyFolder();
    const opened = await openSqlite({ url: 'rovercast.db', dataDir });
    if (!opened.ok) throw new Error(opened.problem.message);
    const file = path.join(dataDir, 'rovercast.db');
    expect(statSync(file).mode & 0o077).toBe(0);
    expect(new Database(file, { readonly: true }).pragma('journal_mode', { simple: true })).toBe('wal');
    await opened.store.close();
  });

  test('that is no database is left alone', async () => {
    const dataDir = emptyFolder();
    const text =
      'no database at all, but long enough to have the head of one, which is 100 bytes and more'.repeat(9);
    writeFileSync(path.join(dataDir, 'x.db'), text);
    expect(codeOf(await openSqlite({ url: 'x.db', dataDir }))).toBe('store_not_a_database');
    expect(statSync(path.join(dataDir, 'x.db')).size).toBe(text.length);
  });

  test('of another program is left alone', async () => {
    const dataDir = emptyFolder();
    const other = new Database(path.join(dataDir, 'x.db'));
    other.exec('create table recipes (id integer primary key)');
    const opened = await openSqlite({ url: 'x.db', dataDir });
    expect(opened).toMatchObject({ ok: false, problem: { code: 'store_foreign' } });
    expect(other.prepare('select name from sqlite_schema').pluck().all()).toEqual(['recipes']);
    expect(other.pragma('journal_mode', { simple: true })).toBe('delete');
    other.close();
  });

  test('in a folder that is not there is a problem', async () => {
    const url = 'missing/x.db';
    expect(codeOf(await openSqlite({ url, dataDir: emptyFolder() }))).toBe('store_not_writable');
  });

  test('that is a folder is a problem', async () => {
    const dataDir = emptyFolder();
    mkdirSync(path.join(dataDir, 'x.db'));
    expect(codeOf(await openSqlite({ url: 'x.db', dataDir }))).toBe('store_not_writable');
  });

  test('that must not be written is a problem', async (context) => {
    context.skip(process.getuid?.() === 0, 'root may write everything');
    const dataDir = emptyFolder();
    chmodSync(dataDir, 0o500);
    expect(codeOf(await openSqlite({ url: 'x.db', dataDir }))).toBe('store_not_writable');
  });

  test('that another process keeps locked for longer than it is waited for is a problem', async () => {
    const dataDir = emptyFolder();
    const other = new Database(path.join(dataDir, 'x.db'));
    other.pragma('locking_mode = exclusive');
    other.exec('begin exclusive; create table t (a)');
    expect(codeOf(await openSqlite({ url: 'x.db', dataDir }, { busyMsMax: 100 }))).toBe('store_locked');
    other.close();
  });
});

test('A statement of a lock that is soon gone waits without stopping the thread', async () => {
  const dataDir = emptyFolder();
  const opened = await openSqlite({ url: 'x.db', dataDir });
  if (!opened.ok) throw new Error(opened.problem.message);
  const other = new Database(path.join(dataDir, 'x.db'));
  other.exec('begin immediate');
  let ticks = 0;
  const ticking = setInterval(() => {
    if (++ticks === 20) other.exec('commit');
  }, 5);
  await opened.store.db.insertInto('customers').values(customerRow()).execute();
  clearInterval(ticking);
  expect(ticks).toBeGreaterThanOrEqual(20);
  other.close();
  await opened.store.close();
});

test('A copy that SQLite makes while the store is written to opens as a store', async () => {
  const [dataDir, elsewhere] = [emptyFolder(), emptyFolder()];
  const opened = await openSqlite({ url: 'rovercast.db', dataDir });
  if (!opened.ok) throw new Error(opened.problem.message);
  const { db } = opened.store;
  const [before, after] = [customerRow(), customerRow()];
  await db.insertInto('customers').values(before).execute();
  const other = new Database(path.join(dataDir, 'rovercast.db'));
  const writing = db.insertInto('customers').values(after).execute();
  other.exec(`vacuum into '${path.join(elsewhere, 'rovercast.db')}'`);
  other.close();
  await writing;
  const copy = await openSqlite({ url: 'rovercast.db', dataDir: elsewhere });
  if (!copy.ok) throw new Error(copy.problem.message);
  const rows = await copy.store.db.selectFrom('customers').select('id').execute();
  expect(rows).toContainEqual({ id: before.id });
  await copy.store.close();
  await opened.store.close();
});
