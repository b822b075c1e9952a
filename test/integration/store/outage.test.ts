// PostgreSQL goes away and comes back, under a store that stays open.

import { expect, test } from 'vitest';
import { isStoreDown } from '../../../platform/store/store-error.ts';
import { customerRow } from '../../support/store-rows.ts';
import { useStores } from '../../support/use-stores.ts';

const stores = useStores();

test('A store whose server is gone says so at once, and works again with it', async (context) => {
  const server = await stores.postgres(context);
  const store = await stores.open('postgres', context);
  const read = (): Promise<unknown> => store.db.selectFrom('customers').select('id').execute();
  const write = (): Promise<unknown> =>
    store.write((tx) => tx.insertInto('customers').values(customerRow()).execute());
  // Several connections, idle when the server goes.
  await Promise.all([write(), write(), read(), read()]);
  await server.stop('at once');
  for (const attempt of [read, write, read]) {
    const error: unknown = await attempt().catch((thrown: unknown) => thrown);
    expect(isStoreDown(error), String(error)).toBe(true);
  }
  await server.start();
  await write();
  expect(await read()).toHaveLength(3);
});

test('A transaction that the server ends in the middle fails, and the next one runs', async (context) => {
  const server = await stores.postgres(context);
  const store = await stores.open('postgres', context);
  let ending: Promise<void> | undefined;
  const failing = store.write(async (tx) => {
    await tx.insertInto('customers').values(customerRow()).execute();
    const { rows } = await tx.executeQuery<{ pid: number }>({
      ...tx.selectFrom('customers').compile(),
      sql: 'select pg_backend_pid() as pid',
    });
    ending = server.admin(`select pg_terminate_backend(${rows[0]!.pid})`);
    for (;;) await tx.selectFrom('customers').select('id').execute();
  });
  const error: unknown = await failing.catch((thrown: unknown) => thrown);
  expect(isStoreDown(error), String(error)).toBe(true);
  await ending;
  await store.write((tx) => tx.insertInto('customers').values(customerRow()).execute());
  expect(await store.db.selectFrom('customers').select('id').execute()).toHaveLength(1);
});

test('A connection that breaks between two queries of a transaction ends the transaction, not the process', async (context) => {
  const server = await stores.postgres(context);
  const store = await stores.open('postgres', context);
  const failing = store.write(async (tx) => {
    const { rows } = await tx.executeQuery<{ pid: number }>({
      ...tx.selectFrom('customers').compile(),
      sql: 'select pg_backend_pid() as pid',
    });
    // Answers when that connection has ended. Nothing is asked on it meanwhile: it hears of its end itself.
    await server.admin(`select pg_terminate_backend(${rows[0]!.pid}, 5000)`);
    await tx.selectFrom('customers').select('id').execute();
  });
  await expect(failing).rejects.toThrow();
  await store.write((tx) => tx.insertInto('customers').values(customerRow()).execute());
});
