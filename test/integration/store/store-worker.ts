// A process that shares a store with others: opens it, does one task, says what came of it a line at a time.

import { freeAccounts } from '../../../platform/store/free-accounts.ts';
import { sql } from '../../../platform/store/sql.ts';
import { openStore, type Store, type StoreOptions } from '../../../platform/store/store.ts';
import { customerRow } from '../../support/store-rows.ts';
import { type StoreTask } from './store-process.ts';

const [at = '', task = ''] = process.argv.slice(2);
const opened = await openStore(JSON.parse(at) as StoreOptions);
if (!opened.ok) {
  console.log(opened.problem.code);
} else {
  await perform(opened.store, JSON.parse(task) as StoreTask);
  await opened.store.close();
}

async function perform(store: Store, given: StoreTask): Promise<void> {
  switch (given.kind) {
    case 'open': {
      const customers = await store.db.selectFrom('customers').selectAll().execute();
      console.log(`open, ${customers.length} customers`);
      return;
    }
    case 'count':
      for (let times = 0; times < given.times; times++) await countUp(store, given.customerId);
      return;
    case 'draw':
      for (let drawn = await draw(store, given); drawn.length > 0; drawn = await draw(store, given)) {
        for (const id of drawn) console.log(id);
      }
      return;
    case 'hang':
      await store.write(async (tx) => {
        await tx
          .insertInto('customers')
          .values(customerRow({ id: given.customerId }))
          .execute();
        process.stdout.write('inserted\n');
        // Stays in the transaction, and in this tick, until it is killed.
        for (;;) Math.sqrt(2);
      });
  }
}

function countUp(store: Store, id: string): Promise<void> {
  return store.write(async (tx) => {
    const { updated_at: count } = await tx
      .selectFrom('customers')
      .select('updated_at')
      .where('id', '=', id)
      .$if(store.dialect === 'postgres', (query) => query.forUpdate())
      .executeTakeFirstOrThrow();
    await tx
      .updateTable('customers')
      .set({ updated_at: count + 1 })
      .where('id', '=', id)
      .execute();
  });
}

function draw(store: Store, { appId, batch }: StoreTask & { kind: 'draw' }): Promise<string[]> {
  return store.write(async (tx) => {
    const free = await freeAccounts(tx)
      .select('id')
      .where('app_id', '=', appId)
      .limit(batch)
      .$if(store.dialect === 'postgres', (query) => query.forUpdate().skipLocked())
      .execute();
    const ids = free.map(({ id }) => id);
    if (ids.length === 0) return ids;
    await tx
      .updateTable('accounts')
      .set({ held: 1, holder: sql<string>`'d:' || id`, held_until: 1, held_node: 'nod_x' })
      .where('id', 'in', ids)
      .execute();
    return ids;
  });
}
