// A store with a large network in it: a million accounts of 100 apps of 10 customers.

import { RANDOM_KEY_END } from '../platform/store/free-accounts.ts';
import { insertAll } from '../platform/store/insert-all.ts';
import { sql } from '../platform/store/sql.ts';
import { type Store } from '../platform/store/store.ts';
import { accountRow, appRow, customerRow } from '../test/support/store-rows.ts';
import type { Figure } from './figure.ts';
import type { ScenarioContext } from './scenario.ts';

const APPS = 100;
const CUSTOMERS = 10;
const BATCH = 10_000;
const BULK_MS_MAX = 10_000;

export interface Filled {
  readonly store: Store;
  readonly customers: readonly string[];
  readonly apps: readonly string[];
  readonly middleAccount: string;
  readonly accounts: number;
}

export async function fill(
  to: Store,
  { quick }: ScenarioContext,
): Promise<{ filled: Filled; figures: Figure[] }> {
  const customers = Array.from({ length: CUSTOMERS }, () => customerRow());
  const apps = Array.from({ length: APPS }, (_, index) =>
    appRow({ customer_id: customers[index % CUSTOMERS]!.id }),
  );
  await insertAll(to, to.db, 'customers', customers);
  await insertAll(to, to.db, 'apps', apps);
  const accounts = quick ? 3 * BATCH : 1_000_000;
  const batches: number[] = [];
  let middleAccount = '';
  for (let made = 0; made < accounts; made += BATCH) {
    const rows = Array.from({ length: BATCH }, (_, index) => newAccount(apps[index % APPS]!, made + index));
    if (made <= accounts / 2) middleAccount = rows[0]!.id;
    const startedMs = performance.now();
    await to.write((tx) => insertAll(to, tx, 'accounts', rows));
    batches.push(performance.now() - startedMs);
  }
  await sql`analyze`.execute(to.db);
  const ids = { customers: customers.map(({ id }) => id), apps: apps.map(({ id }) => id) };
  return {
    filled: { store: to, ...ids, middleAccount, accounts },
    figures: [
      { what: '10,000 accounts created, the first', value: batches[0]!, unit: 'ms', target: BULK_MS_MAX },
      { what: '10,000 accounts created, the last', value: batches.at(-1)!, unit: 'ms', target: BULK_MS_MAX },
    ],
  };
}

/** One in a thousand is suspended, one in ten held. */
function newAccount({ id, customer_id = null }: ReturnType<typeof appRow>, number: number) {
  return accountRow({
    app_id: id,
    customer_id,
    random_key: Math.floor(Math.random() * RANDOM_KEY_END),
    status: number % 1000 === 7 ? 'suspended' : 'active',
    ...(number % 10 === 0
      ? { held: 1, holder: `d:dev_${number}`, held_until: number, held_node: 'nod_x' }
      : {}),
  });
}
