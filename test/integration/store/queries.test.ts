// What the store gives back, the same on both: values, lists, prepared queries, failures by their meaning, picks at
// random, and that the queries that matter go by their indexes.

import { describe, expect, test } from 'vitest';
import { uniform } from '../../../caster/simulator/seeded-random.ts';
import { freeAccounts, heldAccounts, RANDOM_KEY_END } from '../../../platform/store/free-accounts.ts';
import { newId } from '../../../platform/store/id.ts';
import { insertAll } from '../../../platform/store/insert-all.ts';
import { oneOf } from '../../../platform/store/one-of.ts';
import { pageBy, pageByKey, type Page } from '../../../platform/store/page.ts';
import { prepare, type Value } from '../../../platform/store/prepared.ts';
import { sql, type Compilable } from '../../../platform/store/sql.ts';
import { isReferenceViolation, violatedKey } from '../../../platform/store/store-error.ts';
import { accountRow, appRow, customerRow, deviceRow } from '../../support/store-rows.ts';
import { DIALECTS, useStores } from '../../support/use-stores.ts';

const stores = useStores();

const failureOf = (doing: Promise<unknown>): Promise<unknown> =>
  doing.then(
    () => undefined,
    (error: unknown) => error,
  );

describe.each(DIALECTS)('on %s, values', (dialect) => {
  test('that are integers come back as safe numbers, sums and counts too', async (context) => {
    const store = await stores.open(dialect, context);
    const largest = Number.MAX_SAFE_INTEGER;
    const row = customerRow({ created_at: largest, updated_at: -largest });
    await store.db.insertInto('customers').values(row).execute();
    const read = await store.db
      .selectFrom('customers')
      .select(({ fn }) => [
        'created_at',
        'updated_at',
        fn.countAll<number>().over().as('count'),
        fn.sum<number>('created_at').over().as('sum'),
        sql<number>`created_at > 5`.as('greater'),
      ])
      .executeTakeFirst();
    expect(read).toEqual({ created_at: largest, updated_at: -largest, count: 1, sum: largest, greater: 1 });
  });

  test('beyond 2^53 are refused on the way out', async (context) => {
    const store = await stores.open(dialect, context);
    const rows = [1, 2].map(() => customerRow({ created_at: Number.MAX_SAFE_INTEGER }));
    await store.db.insertInto('customers').values(rows).execute();
    const summing = store.db
      .selectFrom('customers')
      .select(({ fn }) => fn.sum<number>('created_at').as('sum'));
    await expect(summing.execute()).rejects.toThrow('beyond 2^53');
  });

  test.for([
    ['a boolean', true],
    ['a fraction', 1.5],
    ['a number beyond 2^53', 2 ** 53],
    ['undefined', undefined],
  ] as const)('are never %s, on neither of them', async ([, value], context) => {
    const store = await stores.open(dialect, context);
    const inserting = store.db.insertInto('customers').values(customerRow({ created_at: value as never }));
    // Kysely leaves undefined out, and the column may not be null.
    await expect(inserting.execute()).rejects.toThrow();
  });

  test('that are JSON come back to the letter, in any script', async (context) => {
    const store = await stores.open(dialect, context);
    const quota = '{ "b" : 1, "a":[ "基准站 ✓ \\u0041 \'\\"" ] }';
    const app = appRow({ quota, name: `Größe "x" 'y' 应用 \u{1F6F0}` });
    await insertAll(store, store.db, 'apps', [app]);
    expect(await store.db.selectFrom('apps').selectAll().execute()).toEqual([app]);
  });

  test('that no column allows are refused by name', async (context) => {
    const store = await stores.open(dialect, context);
    const app = appRow();
    const account = accountRow({ app_id: app.id });
    const device = deviceRow({ app_id: app.id });
    await store.db.insertInto('apps').values(app).execute();
    await store.db.insertInto('accounts').values(account).execute();
    await store.db.insertInto('devices').values(device).execute();
    const insertAccount = (row: object): Promise<unknown> =>
      failureOf(
        store.db
          .insertInto('accounts')
          .values(accountRow({ app_id: app.id, ...row }))
          .execute(),
      );
    expect(violatedKey(await insertAccount({ username: account.username }))).toBe('accounts.username');
    expect(violatedKey(await insertAccount({ id: account.id, username: 'other' }))).toBe('accounts.id');
    const again = store.db.insertInto('devices').values({ ...device, id: newId('dev') });
    expect(violatedKey(await failureOf(again.execute()))).toBe('devices.app_id,device_id');
    expect(isReferenceViolation(await insertAccount({ app_id: 'app_of_nobody' }))).toBe(true);
    expect(await insertAccount({ status: 'asleep' })).toBeInstanceOf(Error);
    expect(await insertAccount({ held: 2 })).toBeInstanceOf(Error);
    expect(await insertAccount({ held: 1, holder: null })).toBeInstanceOf(Error);
    expect(await insertAccount({ random_key: RANDOM_KEY_END })).toBeInstanceOf(Error);
  });

  test('of accounts and devices that name each other go with their app, or come loose', async (context) => {
    const store = await stores.open(dialect, context);
    const app = appRow();
    const device = deviceRow({ app_id: app.id });
    const account = accountRow({ app_id: app.id, bound_device_id: device.id });
    await store.db.insertInto('apps').values(app).execute();
    await store.write(async (tx) => {
      await tx.insertInto('accounts').values(account).execute();
      await tx
        .insertInto('devices')
        .values({ ...device, account_id: account.id })
        .execute();
    });
    await store.db.deleteFrom('devices').execute();
    const loose = await store.db.selectFrom('accounts').select('bound_device_id').execute();
    expect(loose).toEqual([{ bound_device_id: null }]);
    await store.db.deleteFrom('apps').execute();
    expect(await store.db.selectFrom('accounts').selectAll().execute()).toEqual([]);
  });
});

describe.each(DIALECTS)('on %s, a prepared query', (dialect) => {
  test('is bound anew at each call, alone and within a transaction', async (context) => {
    const store = await stores.open(dialect, context);
    const rows = Array.from({ length: 50 }, () => customerRow());
    const find = prepare(store, (db, value: Value<{ id: string; ids: readonly string[]; most: number }>) =>
      db
        .selectFrom('customers')
        .select(['id', 'name'])
        .where((eb) => eb.or([eb('id', '=', value('id')), oneOf(dialect, 'id', value('ids'))]))
        .orderBy('id')
        .limit(value('most')),
    );
    const rename = prepare(store, (db, value: Value<{ from: string; to: string }>) =>
      db
        .updateTable('customers')
        .set({ name: value('to') })
        .where('id', '>=', value('from')),
    );
    await store.write(async (tx) => {
      await insertAll(store, tx, 'customers', rows);
      expect(await rename.run({ from: rows[48]!.id, to: 'renamed' }, tx)).toBe(2);
      expect(await find.first({ id: rows[49]!.id, ids: [], most: 1 }, tx)).toMatchObject({ name: 'renamed' });
    });
    for (let index = 0; index < 48; index++) {
      const [one, another] = [rows[index]!, rows[index + 1]!];
      const found = await find.all({ id: one.id, ids: [another.id], most: 9 });
      expect(found.map(({ id }) => id)).toEqual([one.id, another.id]);
    }
    expect(await find.first({ id: 'nobody', ids: [], most: 9 })).toBeUndefined();
  });
});

describe.each(DIALECTS)('on %s, pages', (dialect) => {
  test.for(['newest', 'oldest'] as const)('of 25 rows, %s first, show each once', async (order, context) => {
    const store = await stores.open(dialect, context);
    const rows = Array.from({ length: 25 }, () => customerRow());
    await insertAll(store, store.db, 'customers', rows);
    const seen: string[] = [];
    const sizes: number[] = [];
    let cursor: string | undefined;
    do {
      const query = store.db.selectFrom('customers').select(['id', 'name']);
      const page: Page<{ id: string }> = await pageBy(query, { limit: 10, cursor, order });
      if (!page.ok) throw new Error(page.reason);
      seen.push(...page.rows.map(({ id }) => id));
      sizes.push(page.rows.length);
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    const ids = rows.map(({ id }) => id);
    expect(seen).toEqual(order === 'oldest' ? ids : ids.toReversed());
    expect(sizes).toEqual([10, 10, 5]);
  });

  test('go on where a row of the cursor has gone, and end without an empty page', async (context) => {
    const store = await stores.open(dialect, context);
    const rows = Array.from({ length: 4 }, () => customerRow());
    await insertAll(store, store.db, 'customers', rows);
    const query = store.db.selectFrom('customers').select('id');
    const first = await pageBy(query, { limit: 2 });
    if (!first.ok || first.nextCursor === null) throw new Error('no second page');
    await store.db.deleteFrom('customers').where('id', '=', rows[2]!.id).execute();
    const ids = rows.slice(0, 2).map(({ id }) => ({ id }));
    expect(await pageBy(query, { limit: 2, cursor: first.nextCursor })).toEqual({
      ok: true,
      rows: ids.toReversed(),
      nextCursor: null,
    });
  });

  test('of a job go by its rows, and take no cursor of another order or of nobody', async (context) => {
    const store = await stores.open(dialect, context);
    const job = newId('job');
    const times = { created_at: 1, finished_at: null };
    const counts = { total: 3, done: 3, failed: 0 };
    const texts = { customer_id: null, actor: 'owner', kind: 'x', request: '{}', node: 'nod_x' };
    await store.db
      .insertInto('jobs')
      .values({ id: job, state: 'running', ...times, ...counts, ...texts })
      .execute();
    const rows = [0, 9, 10].map((row) => ({
      job_id: job,
      row,
      ok: 1 as const,
      target: null,
      code: null,
      detail: null,
    }));
    await insertAll(store, store.db, 'job_rows', rows);
    const query = store.db.selectFrom('job_rows').select('row').where('job_id', '=', job);
    const first = await pageByKey(query, { limit: 2, order: 'oldest' }, { column: 'row' });
    if (!first.ok || first.nextCursor === null) throw new Error('no second page');
    expect(first.rows).toEqual([{ row: 0 }, { row: 9 }]);
    const cursor = first.nextCursor;
    expect(await pageByKey(query, { order: 'oldest', cursor }, { column: 'row' })).toMatchObject({
      rows: [{ row: 10 }],
    });
    const refused = { ok: false, reason: 'invalid_cursor' };
    expect(await pageByKey(query, { order: 'newest', cursor }, { column: 'row' })).toEqual(refused);
    for (const other of ['', 'x', '%', Buffer.from("newest.s.' or 1=1 --").toString('base64url')])
      expect(await pageByKey(query, { cursor: other }, { column: 'row' })).toEqual(refused);
  });
});

describe.each(DIALECTS)('on %s, a pick at random', (dialect) => {
  const POOLS = 2000;
  const ACCOUNTS = 10;
  /** Chi-square with 9 degrees of freedom: exceeded once in a thousand by what is uniform. */
  const CHI_SQUARE_MAX = 27.88;

  test('takes each of the accounts of a pool as often as the others (seed 20261121)', async (context) => {
    const store = await stores.open(dialect, context);
    let draws = 0;
    const draw = (): number => Math.floor(uniform(20261121, draws++) * RANDOM_KEY_END);
    const apps = Array.from({ length: POOLS }, () => appRow());
    const accounts = apps.flatMap(({ id }) =>
      Array.from({ length: ACCOUNTS }, () => accountRow({ app_id: id, random_key: draw() })),
    );
    await store.write(async (tx) => {
      await insertAll(store, tx, 'apps', apps);
      await insertAll(store, tx, 'accounts', accounts);
    });
    const pick = prepare(store, (db, value: Value<{ appId: string; from: number }>) =>
      freeAccounts(db)
        .select('id')
        .where('app_id', '=', value('appId'))
        .where('random_key', '>=', value('from'))
        .limit(1),
    );
    const placeOf = new Map(accounts.map(({ id }, index) => [id, index % ACCOUNTS]));
    const taken = Array.from({ length: ACCOUNTS }, () => 0);
    for (const { id: appId } of apps) {
      const picked = (await pick.first({ appId, from: draw() })) ?? (await pick.first({ appId, from: 0 }));
      taken[placeOf.get(picked!.id)!]!++;
    }
    const expected = POOLS / ACCOUNTS;
    const chiSquare = taken.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
    expect(chiSquare, `taken ${taken.join(' ')}`).toBeLessThan(CHI_SQUARE_MAX);
  });
});

describe.each(DIALECTS)('on %s, the index', (dialect) => {
  test('of every query that logins, sweeps and lists begin with is used, without sorting', async (context) => {
    const store = await stores.open(dialect, context);
    // Most of them without accounts.
    const apps = Array.from({ length: 2000 }, () => appRow());
    const accounts = Array.from({ length: 20_000 }, (_, index) =>
      accountRow({
        app_id: apps[index % 200]!.id,
        random_key: index,
        status: index % 10 === 7 ? 'suspended' : 'active',
        ...(index % 10 === 0 ? { held: 1, holder: `d:${index}`, held_until: index, held_node: 'nod_x' } : {}),
      }),
    );
    await store.write(async (tx) => {
      await insertAll(store, tx, 'apps', apps);
      await insertAll(store, tx, 'accounts', accounts);
    });
    // Nobody tells SQLite how many rows there are, and it must do well all the same; PostgreSQL finds out by itself.
    if (dialect === 'postgres') await sql`analyze`.execute(store.db);
    const { db } = store;
    const app = apps[7]!.id;
    const all = db.selectFrom('accounts').selectAll();
    // A key of a table has a name on PostgreSQL and a number on SQLite, in the order of the table.
    const queries: readonly (readonly [string, number, Compilable])[] = [
      [
        'accounts_free',
        0,
        freeAccounts(db).select('id').where('app_id', '=', app).where('random_key', '>=', 9).limit(3),
      ],
      ['accounts_held_until', 0, heldAccounts(db).select('id').where('held_until', '<', 100)],
      ['accounts_holder', 0, heldAccounts(db).select('id').where('holder', '=', 'd:10')],
      [
        'accounts_app',
        0,
        all.where('app_id', '=', app).where('id', '<', accounts[9000]!.id).orderBy('id', 'desc').limit(11),
      ],
      ['accounts_suspended_app', 0, all.where('app_id', '=', app).where('status', '=', sql.lit('suspended'))],
      ['accounts_pkey', 1, all.where(oneOf(dialect, 'id', [accounts[3]!.id, accounts[9]!.id]))],
      ['accounts_username_key', 2, all.where('username', '=', 'user')],
      ['apps_app_key_key', 2, db.selectFrom('apps').selectAll().where('app_key', '=', 'key')],
    ];
    for (const [index, number, query] of queries) {
      const compiled = query.compile();
      const explain = dialect === 'sqlite' ? 'explain query plan' : 'explain';
      const { rows } = await db.executeQuery<object>({ ...compiled, sql: `${explain} ${compiled.sql}` });
      const plan = rows
        .map((row) => Object.values<unknown>(row as Record<string, unknown>).join(' '))
        .join('\n');
      const ofSqlite = number === 0 ? index : `sqlite_autoindex_${index.split('_', 1)[0]!}_${number}`;
      expect(plan).toContain(dialect === 'sqlite' ? ofSqlite : index);
      expect(plan, index).not.toMatch(/TEMP B-TREE FOR ORDER|Sort|Seq Scan|SCAN accounts/);
    }
  });
});
