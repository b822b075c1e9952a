// One transaction and everybody else: in this process, and in two.

import { describe, expect, test } from 'vitest';
import { insertAll } from '../../../platform/store/insert-all.ts';
import { type Store } from '../../../platform/store/store.ts';
import { accountRow, appRow, customerRow } from '../../support/store-rows.ts';
import { DIALECTS, useStores } from '../../support/use-stores.ts';
import { startStoreProcess } from './store-process.ts';

const stores = useStores();

async function customerIds(store: Store): Promise<string[]> {
  return (await store.db.selectFrom('customers').select('id').orderBy('id').execute()).map(({ id }) => id);
}

const ignore = (): void => undefined;

describe.each(DIALECTS)('on %s, a transaction', (dialect) => {
  test('is seen by nobody before its end, and whole afterwards', async (context) => {
    const store = await stores.open(dialect, context);
    const [first, second] = [customerRow(), customerRow()];
    // Asked from outside of the body, while the body is between its two inserts.
    let seen: string[] | undefined;
    const inserted = Promise.withResolvers<undefined>();
    const looking = inserted.promise.then(async () => (seen = await customerIds(store)));
    await store.write(async (tx) => {
      await tx.insertInto('customers').values(first).execute();
      inserted.resolve(undefined);
      while (seen === undefined) await tx.selectFrom('customers').selectAll().execute();
      await tx.insertInto('customers').values(second).execute();
    });
    expect(await looking).toEqual([]);
    expect(await customerIds(store)).toEqual([first.id, second.id]);
  });

  test('that throws has done nothing', async (context) => {
    const store = await stores.open(dialect, context);
    const failing = store.write(async (tx) => {
      await tx.insertInto('customers').values(customerRow()).execute();
      throw new Error('thought better of it');
    });
    await expect(failing).rejects.toThrow('thought better of it');
    expect(await customerIds(store)).toEqual([]);
  });

  test('in which a query failed has done nothing, even where its body went on', async (context) => {
    const store = await stores.open(dialect, context);
    const customer = customerRow();
    const failing = store.write(async (tx) => {
      await tx.insertInto('customers').values(customer).execute();
      await tx.insertInto('customers').values(customer).execute().catch(ignore);
    });
    await expect(failing).rejects.toThrow('has failed; rolled back');
    expect(await customerIds(store)).toEqual([]);
  });

  test.for([
    ['a timer', (): Promise<unknown> => new Promise((resolve) => setTimeout(resolve, 1))],
    ['what never comes', (): Promise<unknown> => new Promise(ignore)],
  ] as const)('that awaits %s is rolled back, and the next one goes on', async ([, foreign], context) => {
    const store = await stores.open(dialect, context);
    const failing = store.write(async (tx) => {
      await tx.insertInto('customers').values(customerRow()).execute();
      await foreign();
      await tx.insertInto('customers').values(customerRow()).execute();
    });
    await expect(failing).rejects.toThrow('awaited something else');
    const customer = customerRow();
    await store.write((tx) => tx.insertInto('customers').values(customer).execute());
    expect(await customerIds(store)).toEqual([customer.id]);
  });

  test('lets in neither another nor a query of the store itself', async (context) => {
    const store = await stores.open(dialect, context);
    await expect(store.write(() => store.write(() => Promise.resolve()))).rejects.toThrow(
      'write() within the body of a write()',
    );
    await expect(store.write(() => customerIds(store))).rejects.toThrow(
      'a query of store.db within the body of a write()',
    );
    await expect(store.db.transaction().execute(() => Promise.resolve())).rejects.toThrow('store.write()');
  });

  test('that is over takes no more queries', async (context) => {
    const store = await stores.open(dialect, context);
    const tx = await store.write((inside) => Promise.resolve(inside));
    await expect(tx.selectFrom('customers').selectAll().execute()).rejects.toThrow();
  });

  test('runs among 200 others and as many single writes without losing one', async (context) => {
    const store = await stores.open(dialect, context);
    const counter = customerRow({ updated_at: 0 });
    await store.db.insertInto('customers').values(counter).execute();
    const countUp = (durable: boolean): Promise<unknown> =>
      store.write(
        (tx) =>
          tx
            .updateTable('customers')
            .set(({ eb }) => ({ updated_at: eb('updated_at', '+', 1) }))
            .execute(),
        { durable },
      );
    const single = (): Promise<unknown> =>
      store.db
        .updateTable('customers')
        .set(({ eb }) => ({ updated_at: eb('updated_at', '+', 1) }))
        .execute();
    await Promise.all(
      Array.from({ length: 200 }, (_, index) => Promise.all([countUp(index % 2 === 0), single()])),
    );
    const row = await store.db.selectFrom('customers').select('updated_at').executeTakeFirstOrThrow();
    expect(row.updated_at).toBe(400);
  });
});

describe.each(DIALECTS)('on %s, two processes', (dialect) => {
  test('that read and write the same row lose no write', async (context) => {
    const at = await stores.place(dialect, context);
    const store = await stores.open(dialect, context, at);
    const counter = customerRow({ updated_at: 0 });
    await store.db.insertInto('customers').values(counter).execute();
    const task = { kind: 'count', customerId: counter.id, times: 150 } as const;
    await Promise.all([startStoreProcess(at, task).rest(), startStoreProcess(at, task).rest()]);
    const row = await store.db.selectFrom('customers').select('updated_at').executeTakeFirstOrThrow();
    expect(row.updated_at).toBe(300);
  });

  test('that draw accounts get every one, and none twice', async (context) => {
    const at = await stores.place(dialect, context);
    const store = await stores.open(dialect, context, at);
    const app = appRow();
    await store.db.insertInto('apps').values(app).execute();
    const pool = Array.from({ length: 1000 }, (_, key) => accountRow({ app_id: app.id, random_key: key }));
    await insertAll(store, store.db, 'accounts', pool);
    const task = { kind: 'draw', appId: app.id, batch: 7 } as const;
    const drawn = await Promise.all([startStoreProcess(at, task).rest(), startStoreProcess(at, task).rest()]);
    expect(drawn.flat().toSorted()).toEqual(pool.map(({ id }) => id));
  });

  test('of which one is killed within a transaction leave nothing of it, and no lock', async (context) => {
    const at = await stores.place(dialect, context);
    const store = await stores.open(dialect, context, at);
    const customer = customerRow();
    const hanging = startStoreProcess(at, { kind: 'hang', customerId: customer.id });
    expect(await hanging.line()).toBe('inserted');
    hanging.child.kill('SIGKILL');
    await hanging.rest();
    await store.db.insertInto('customers').values(customer).execute();
    expect(await customerIds(store)).toEqual([customer.id]);
  });
});
