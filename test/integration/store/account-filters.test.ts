// By which index a list of accounts goes, in the order in which it is shown: so that no filter makes the database sort a
// million rows, and few suspended accounts are found among many.

import { describe, expect, test, type TestContext } from 'vitest';
import { type AccountFilter, scanOfAccounts } from '../../../caster/accounts/records/account-filter.ts';
import { insertAll } from '../../../platform/store/insert-all.ts';
import { sql } from '../../../platform/store/sql.ts';
import type { Dialect, Store } from '../../../platform/store/store.ts';
import { accountRow, appRow, customerRow } from '../../support/store-rows.ts';
import { DIALECTS, useStores } from '../../support/use-stores.ts';

const stores = useStores();
const ACCOUNTS = 20_000;
const APPS = 10;

interface Filled {
  readonly store: Store;
  readonly appId: string;
  readonly customerId: string;
}

/** Each app of a customer of its own, one account in a hundred suspended. */
async function fill(dialect: Dialect, context: TestContext): Promise<Filled> {
  const store = await stores.open(dialect, context);
  const customers = Array.from({ length: APPS }, () => customerRow());
  const apps = customers.map(({ id }) => appRow({ customer_id: id }));
  const accounts = Array.from({ length: ACCOUNTS }, (_, n) => {
    const { id, customer_id = null } = apps[n % APPS]!;
    const status = Math.floor(n / APPS) % 100 === 0 ? 'suspended' : 'active';
    return accountRow({ app_id: id, customer_id, random_key: n, status });
  });
  await insertAll(store, store.db, 'customers', customers);
  await insertAll(store, store.db, 'apps', apps);
  await store.write((tx) => insertAll(store, tx, 'accounts', accounts));
  await sql`analyze`.execute(store.db);
  return { store, appId: apps[3]!.id, customerId: customers[3]!.id };
}

async function planOf({ db, dialect }: Store, filter: AccountFilter): Promise<string> {
  const { rows, by } = scanOfAccounts({ db, dialect }, filter, Date.now());
  const query = rows.orderBy(sql.ref(by), 'desc').limit(100).compile();
  const explain = dialect === 'sqlite' ? 'explain query plan' : 'explain';
  const plan = await db.executeQuery<object>({ ...query, sql: `${explain} ${query.sql}` });
  return plan.rows
    .flatMap((row) => Object.values(row).filter((value) => typeof value === 'string'))
    .join('\n');
}

describe.each(DIALECTS)('on %s', (dialect) => {
  test('suspended accounts are found by their own index, in all, of an app and of a customer', async (context) => {
    const { store, appId, customerId } = await fill(dialect, context);
    const cases: readonly (readonly [AccountFilter, string])[] = [
      [{}, 'accounts_suspended'],
      [{ isHeld: true }, 'accounts_suspended'],
      [{ appId }, 'accounts_suspended_app'],
      [{ appId, customerId }, 'accounts_suspended_app'],
      [{ appId, serviceSpecId: 'spec_x' }, 'accounts_suspended_app'],
      [{ customerId }, 'accounts_suspended_customer'],
      [{ customerId, billingPlanId: 'plan_x', isExpired: true }, 'accounts_suspended_customer'],
    ];
    for (const [filter, index] of cases) {
      const plan = await planOf(store, { ...filter, status: 'suspended' });
      // Where they are as few as here, PostgreSQL takes any index of theirs.
      expect(plan).toMatch(dialect === 'sqlite' ? new RegExp(`\\b${index}\\b`) : /\baccounts_suspended/);
      expect(plan).not.toMatch(/TEMP B-TREE|Sort/);
    }
  });

  test('a page of suspended accounts has all that there are, however rare they are', async (context) => {
    const { store, appId, customerId } = await fill(dialect, context);
    for (const filter of [{ appId }, { customerId }, { appId, customerId }]) {
      const { rows, conditions } = scanOfAccounts(store, { ...filter, status: 'suspended' }, Date.now());
      const found = await rows.execute();
      expect(found).toHaveLength(ACCOUNTS / APPS / 100);
      expect(new Set(found.map((row) => row.status))).toEqual(new Set(['suspended']));
      expect(conditions).toHaveLength(Object.keys(filter).length - 1);
    }
  });
});
