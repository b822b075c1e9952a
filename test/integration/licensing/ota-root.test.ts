// The root of the metadata while servers start and end: it lasts anew in time, and who cannot renew it says so.

import { afterEach, describe, expect, onTestFinished, test, type TestContext, vi } from 'vitest';
import { OTA_ROOT_MS, OTA_ROOT_READ_MS, OTA_ROOT_RENEWAL_MS } from '../../../config/limits.ts';
import type { VehicleLine } from '../../../licensing/broker/vehicle-line.ts';
import { renewRoot, rotateKeys, takeRootKeys } from '../../../licensing/ota/ota-keys.ts';
import { type ApiUnderTest, good, openApi } from '../../support/api-app.ts';
import { DIALECTS, useStores } from '../../support/use-stores.ts';

const HOUR_MS = 3_600_000;
const NO_LINE: VehicleLine = {
  push: () => Promise.resolve(false),
  handle: () => undefined,
  onConnected: () => undefined,
  presenceOf: () => ({ connected: false, sinceMs: null }),
};
const stores = useStores();
const clock = { aheadMs: 0 };
let api: ApiUnderTest | undefined;
afterEach(async () => {
  clock.aheadMs = 0;
  await api?.close();
  api = undefined;
});

describe.each(DIALECTS)('on %s', (dialect) => {
  async function open(context: TestContext): Promise<ApiUnderTest> {
    api = await openApi(await stores.open(dialect, context), { now: () => Date.now() + clock.aheadMs });
    return api;
  }

  test('a root that soon ends is renewed at the start, not only after a day', async (context) => {
    const under = await open(context);
    expect(await versionOf(under)).toBe(1);
    clock.aheadMs = OTA_ROOT_MS - OTA_ROOT_RENEWAL_MS - HOUR_MS;
    await startAndStop(under);
    expect(await versionOf(under)).toBe(1);
    clock.aheadMs += 2 * HOUR_MS;
    await startAndStop(under);
    expect(await versionOf(under)).toBe(2);
  });

  test('where the keys of a root that soon ends are elsewhere, each start says so', async (context) => {
    const under = await open(context);
    await versionOf(under);
    await takeRootKeys(under, { forget: true });
    clock.aheadMs = OTA_ROOT_MS - OTA_ROOT_RENEWAL_MS + HOUR_MS;
    await startAndStop(under);
    await startAndStop(under);
    const told = under.memory.lines().map((line) => line['event']);
    expect(told.filter((event) => event === 'ota_root_expires')).toHaveLength(2);
  });

  test('root keys that were taken out are not there to be taken out again', async (context) => {
    const under = await open(context);
    await versionOf(under);
    expect(await takeRootKeys(under, { forget: true })).toHaveLength(3);
    expect(await takeRootKeys(under, { forget: true })).toEqual([]);
  });

  test('of nodes that look at the same moment one renews the root, and none calls that a failure', async (context) => {
    const under = await open(context);
    await versionOf(under);
    const nowMs = Date.now() + OTA_ROOT_MS;
    const looks = [renewRoot(under, nowMs), renewRoot(under, nowMs), renewRoot(under, nowMs)];
    expect(await Promise.all(looks)).toEqual([true, true, true]);
    expect(await versionOf(under)).toBe(2);
  });

  test('whoever reads the root has no private key opened for him', async (context) => {
    const under = await open(context);
    await versionOf(under);
    // One that is not there cannot be opened.
    await under.store.db.updateTable('ota_keys').set({ private_key_sealed: null }).execute();
    expect(await versionOf(under)).toBe(1);
  });

  test('of a key that another one took the place of the private half leaves the store', async (context) => {
    const under = await open(context);
    await versionOf(under);
    await rotateKeys(under, ['root', 'timestamp'], [], Date.now());
    const keys = await under.store.db
      .selectFrom('ota_keys')
      .select(['role', 'retired_at', 'private_key_sealed'])
      .execute();
    const [retired, current] = [
      keys.filter((key) => key.retired_at !== null),
      keys.filter((key) => key.retired_at === null),
    ];
    expect(retired.map(({ role }) => role).toSorted()).toEqual(['root', 'root', 'root', 'timestamp']);
    expect(retired.filter((key) => key.private_key_sealed !== null)).toEqual([]);
    expect(current.filter((key) => key.private_key_sealed === null)).toEqual([]);
  });

  test('the end of a root that another node has made is known a minute later', async (context) => {
    const under = await open(context);
    await versionOf(under);
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    onTestFinished(() => void vi.useRealTimers());
    under.ota.start(NO_LINE);
    await expect.poll(() => under.ota.rootEndsMs).toBeDefined();
    const endsMs = Date.now() + 2 * OTA_ROOT_MS;
    await under.store.db.updateTable('ota_roots').set({ expires_at: endsMs }).execute();
    vi.advanceTimersByTime(OTA_ROOT_READ_MS);
    await under.ota.stop();
    expect(under.ota.rootEndsMs).toBe(endsMs);
  });

  test('a start makes no keys before somebody needs them', async (context) => {
    const under = await open(context);
    await startAndStop(under);
    expect(await under.store.db.selectFrom('ota_keys').select('id').execute()).toEqual([]);
  });
});

async function startAndStop({ ota }: ApiUnderTest): Promise<void> {
  ota.start(NO_LINE);
  await ota.stop();
}

async function versionOf({ nobody }: ApiUnderTest): Promise<number> {
  const root = await good<{ signed: { version: number } }>(nobody('GET', '/v1/ota/root.json'));
  return root.signed.version;
}
