// An app has no more accounts than it may have, whoever makes them at the same time, on both databases.

import { describe, expect, test } from 'vitest';
import { creatingWork } from '../../../caster/accounts/bulk/creating-work.ts';
import { AccountRoom } from '../../../caster/accounts/records/account-room.ts';
import { firstIdAt } from '../../../platform/store/id.ts';
import { DIALECTS, useStores } from '../../support/use-stores.ts';
import { apiUnderTest, fleet } from './api-under-test.ts';

const stores = useStores();
const DAY_MS = 86_400_000;

describe.each(DIALECTS)('on %s', (dialect) => {
  test('of fifty calls at once as many make accounts as the app may have still', async (context) => {
    const { owner, store } = await apiUnderTest(stores, dialect, context, { accountsPerAppMax: 100 });
    const { id } = await fleet(owner, 2);
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => owner('POST', `/v1/apps/${id}/accounts`, { count: 10 })),
    );
    const refused = answers.filter(({ status }) => status !== 201).map(({ body }) => body as object);
    expect(refused).toMatchObject(Array.from({ length: 41 }, () => ({ code: 'accounts_full' })));
    expect(await store.db.selectFrom('accounts').select('id').execute()).toHaveLength(92);
  });

  test('of long lists of accounts at once each is made or none of it, and no more than the app may have', async (context) => {
    const { owner, store } = await apiUnderTest(stores, dialect, context, { accountsPerAppMax: 500 });
    const { id } = await fleet(owner, 0);
    // Longer than the first piece of the work: some are refused when a part of them is made.
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => owner('POST', `/v1/apps/${id}/accounts`, { count: 70 })),
    );
    const made = answers.filter(({ status }) => status === 201).length;
    expect(made * 70).toBeLessThanOrEqual(500);
    expect(await store.db.selectFrom('accounts').select('id').execute()).toHaveLength(made * 70);
  });

  test('of jobs that make accounts at once the rows that there is no room for are told, each by its code', async (context) => {
    const { owner, store } = await apiUnderTest(stores, dialect, context);
    const { id: appId } = await fleet(owner, 0);
    const given = { appId, customerId: null, validUntilMs: null, activate: false, validityDays: undefined };
    const choice = { prefix: 'r', serviceSpecId: null, billingPlanId: null, note: null };
    // Each was begun when there was room for all of it.
    const room = () => AccountRoom.of(store, appId, 100);
    const jobs = (await Promise.all([room(), room()])).map((one) =>
      creatingWork(store, one, { ...given, ...choice }, 60),
    );
    const results = await Promise.all(
      jobs.map(async (job) => {
        const rows = await job.take(60);
        return await store.write((tx) => job.act(tx, rows));
      }),
    );
    const refused = results.flat().filter(({ ok }) => !ok);
    expect(refused).toEqual(
      Array.from({ length: 20 }, () => ({ ok: false, target: null, code: 'accounts_full' })),
    );
    expect(await store.db.selectFrom('accounts').select('id').execute()).toHaveLength(100);
  });

  test('room is counted right behind accounts that were made before, and by those that are deleted', async (context) => {
    const { store, owner } = await apiUnderTest(stores, dialect, context, { accountsPerAppMax: 7 });
    const { id, accounts } = await fleet(owner, 4);
    // Made a day ago, all of them: what has settled is counted before, and no more of it afterwards.
    for (const [index, account] of accounts.entries()) {
      const old = `${firstIdAt('acc', Date.now() - DAY_MS)}${'2'.repeat(6)}${index + 2}`;
      await store.db.updateTable('accounts').set({ id: old }).where('id', '=', account.id).execute();
    }
    const room = await AccountRoom.of(store, id, 7);
    expect([await room.leftNow(store.db), await store.write((tx) => room.take(tx, 5))]).toEqual([3, 3]);
    await store.db.deleteFrom('accounts').where('app_id', '=', id).execute();
    expect(await store.write((tx) => room.take(tx, 8))).toBe(7);
  });
});
