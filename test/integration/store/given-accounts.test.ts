// Accounts that were made for vehicles before migration 10 kept which they are are known as such behind migration 12, and
// those that anybody else gave to a vehicle's device are not.

import { describe, expect, test } from 'vitest';
import { MIGRATIONS } from '../../../platform/store/migrations/all.ts';
import { openPostgres } from '../../../platform/store/postgres-store.ts';
import { openSqlite } from '../../../platform/store/sqlite-store.ts';
import { openStore } from '../../../platform/store/store.ts';
import { addVehicle, grant, VEHICLE } from '../../support/entitlements.ts';
import { accountRow, appRow, deviceRow } from '../../support/store-rows.ts';
import { DIALECTS, useStores } from '../../support/use-stores.ts';

const stores = useStores();
const BEFORE = MIGRATIONS.filter(({ number }) => number < 12);

describe.each(DIALECTS)('on %s', (dialect) => {
  test('only what was made for a vehicle’s right is taken over', async (context) => {
    const place = await stores.place(dialect, context);
    const open = dialect === 'postgres' ? openPostgres : openSqlite;
    const old = await open(place, { migrations: BEFORE });
    if (!old.ok) throw new Error(old.problem.message);
    const { db } = old.store;
    await db
      .insertInto('apps')
      .values([appRow({ id: 'app_lends' }), appRow({ id: 'app_other' })])
      .execute();
    await addVehicle(old.store);
    await grant(old.store, { rights: { correction: { appId: 'app_lends' } } });
    const given = [
      ['acc_made', { app_id: 'app_lends', username: 'vmade', note: VEHICLE, device_id: VEHICLE }],
      ['acc_of_other_app', { app_id: 'app_other', username: 'vother', note: VEHICLE, device_id: VEHICLE }],
      ['acc_of_no_vehicle', { app_id: 'app_lends', username: 'vrover', note: 'rover', device_id: 'rover' }],
      ['acc_sold', { app_id: 'app_lends', username: 'u-1', note: 'tractor', device_id: 'tractor' }],
    ] as const;
    for (const [id, { app_id, device_id, ...about }] of given) {
      const device = `dev_of_${id}`;
      await db
        .insertInto('devices')
        .values(deviceRow({ id: device, app_id, device_id }))
        .execute();
      const row = accountRow({ id, app_id, ...about, activated_at: 1, bound_device_id: device });
      await db.insertInto('accounts').values(row).execute();
    }
    await old.store.close();
    const opened = await openStore(place);
    if (!opened.ok) throw new Error(opened.problem.message);
    expect(await opened.store.db.selectFrom('given_accounts').select('account_id').execute()).toEqual([
      { account_id: 'acc_made' },
    ]);
    await opened.store.close();
  });
});
