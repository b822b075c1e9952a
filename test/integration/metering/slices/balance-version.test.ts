// The version of a balance, by which Redis tells the later of two.

import { expect, test } from 'vitest';
import {
  type BalanceEntry,
  enter,
  lockBalances,
  textOfPurse,
} from '../../../../caster/metering/charging/balances.ts';
import type { Store } from '../../../../platform/store/store.ts';
import { DIALECTS, useStores } from '../../../support/use-stores.ts';

const stores = useStores();
const PURSE = { customerId: 'cus_a', currency: 'EUR' };
const ENTRY: BalanceEntry = {
  ...{ customer_id: 'cus_a', currency: 'EUR', kind: 'top_up', amount_micros: '5', reference: null },
  ...{ note: null, charges: 0, actor: 'system' },
};

function change(store: Store, nowMs: number): Promise<number> {
  return store.write(async (tx) => {
    const balances = await lockBalances(store, tx, [PURSE], nowMs);
    const after = await enter(store, tx, balances, [ENTRY], nowMs);
    return after.balances.get(textOfPurse(PURSE))!.version;
  });
}

test.for(DIALECTS)(
  'grows with every change, whatever the clocks of the nodes say, on %s',
  async (dialect, context) => {
    const store = await stores.open(dialect, context);
    const versions = [];
    for (const nowMs of [5000, 5000, 9000, 1000, 9000]) versions.push(await change(store, nowMs));
    expect(versions).toEqual([5001, 5002, 9000, 9001, 9002]);
    const row = await store.db.selectFrom('balances').select('updated_at').executeTakeFirstOrThrow();
    expect(row.updated_at).toBe(9002);
  },
);
