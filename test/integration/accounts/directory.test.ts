// What the directory keeps of a store that others change: never what was read before a change that it has heard of, and
// nothing for longer than is stated.

import { beforeEach, describe, expect, onTestFinished, test, type TestContext, vi } from 'vitest';
import { Directory } from '../../../caster/accounts/directory.ts';
import type { DeviceRecord } from '../../../caster/accounts/directory-records.ts';
import { DIRECTORY_AGE_MS_MAX } from '../../../config/limits.ts';
import { secretsUnder } from '../../../platform/secrets/sealed-box.ts';
import { newId } from '../../../platform/store/id.ts';
import type { Dialect, Store } from '../../../platform/store/store.ts';
import { accountRow, appRow } from '../../support/store-rows.ts';
import { useStores } from '../../support/use-stores.ts';

const stores = useStores();

let store: Store;
let directory: Directory;
const app = appRow();
const account = accountRow({ app_id: app.id });
const devices = ['dev-1', 'dev-2'].map((device_id) => ({
  id: newId('dev'),
  app_id: app.id,
  customer_id: null,
  device_id,
  status: 'active' as const,
  bound: 0 as const,
  account_id: null,
  last_account_id: null,
  last_seen_at: null,
  created_at: 1,
}));
const [device] = devices as [(typeof devices)[number]];

async function openDirectory(dialect: Dialect, context: TestContext): Promise<void> {
  store = await stores.open(dialect, context);
  await store.db.insertInto('apps').values(app).execute();
  await store.db.insertInto('accounts').values(account).execute();
  await store.db.insertInto('devices').values(devices).execute();
  directory = new Directory(store, secretsUnder(Buffer.alloc(32, 7)));
}

beforeEach((context) => openDirectory('sqlite', context));

/** Another node changes the row; this one hears of it only where the test says so. */
const suspend = async (): Promise<unknown> =>
  store.db.updateTable('accounts').set({ status: 'suspended' }).where('id', '=', account.id).execute();
const block = async (): Promise<unknown> =>
  store.db.updateTable('devices').set({ status: 'blocked' }).where('id', '=', device.id).execute();

const knownDevice = async (): Promise<DeviceRecord> => (await directory.device(app.id, 'dev-1'))!;

describe('an account', () => {
  test('that a write read before a change of it was told of is not kept', async () => {
    const asOf = directory.asOf();
    const read = (await directory.accounts.get(account.id))!;
    await suspend();
    directory.forget({ kind: 'account', id: account.id });
    directory.keepAccount(read, asOf);
    expect((await directory.accounts.get(account.id))!.isActive).toBe(false);
    expect((await directory.accountByUsername(account.username))!.isActive).toBe(false);
  });

  test('that a write has read is kept where nothing was changed since', async () => {
    const read = (await directory.accounts.get(account.id))!;
    const written = { ...read, holder: 'd:dev_1' };
    directory.keepAccount(written, directory.asOf());
    expect(directory.accounts.peek(account.id)).toBe(written);
    expect(directory.accountByUsername(account.username)).toBe(written);
  });

  test('that is read by its name while a write takes it over does not come back as it was before', async (context) => {
    // SQLite answers within the turn, and nothing comes between.
    await openDirectory('postgres', context);
    const read = (await directory.accounts.get(account.id))!;
    const byName = directory.freshByUsername(account.username);
    await new Promise((resolve) => setImmediate(resolve));
    const written = { ...read, holder: 'd:dev_1' };
    directory.keepAccount(written, directory.asOf());
    expect((await byName)!.holder).toBeUndefined();
    expect(directory.accounts.peek(account.id)).toBe(written);
  });
});

describe('a device', () => {
  test('that was blocked while its login was under way is not kept as it was', async () => {
    const known = await knownDevice();
    await block();
    directory.forget({ kind: 'device', id: device.id });
    // What was told of is dropped when the next one is looked for.
    await directory.device(app.id, 'dev-2');
    directory.changeDevice(known, { ...known, lastAccountId: account.id });
    expect((await knownDevice()).isActive).toBe(false);
  });

  test('that a write made before a change of it was told of is not kept', async () => {
    const asOf = directory.asOf();
    const made = await knownDevice();
    await block();
    directory.forget({ kind: 'device', id: device.id });
    await directory.device(app.id, 'dev-2');
    directory.keepDevice(made, asOf);
    expect((await knownDevice()).isActive).toBe(false);
  });

  test('that logs in again and again is read anew as often as others, whatever was not told of', async () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    onTestFinished(() => void vi.useRealTimers());
    let known = await knownDevice();
    await block();
    for (let login = 0; login < 4; login++) {
      vi.advanceTimersByTime(DIRECTORY_AGE_MS_MAX / 3);
      known = await knownDevice();
      directory.changeDevice(known, { ...known, lastAccountId: `acc_${login}` });
    }
    expect((await knownDevice()).isActive).toBe(false);
  });
});
