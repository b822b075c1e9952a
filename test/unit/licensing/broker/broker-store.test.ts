// Tests what the broker keeps: over a restart, within its limits, and each message until it is done with.

import path from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, expect, test } from 'vitest';
import {
  BROKER_DOWN_BYTES_MAX,
  BROKER_DOWN_MESSAGES_MAX,
  BROKER_UP_BYTES_MAX,
  BROKER_UP_MESSAGES_MAX,
} from '../../../../config/limits.ts';
import { BrokerStore, type NewUp } from '../../../../licensing/broker/broker-store.ts';
import { useTempFolder } from '../../../support/temp-folder.ts';

const folder = useTempFolder();
let files = 0;
const open: BrokerStore[] = [];
afterEach(() => {
  for (const store of open.splice(0)) store.close();
});

function opened(file = path.join(folder, `${++files}.db`)): [BrokerStore, string] {
  const store = new BrokerStore(file);
  open.push(store);
  return [store, file];
}

function up(n: number, messageId = 0): NewUp {
  const who = { vehicleId: 'car1', certificateId: 'cert_1', kind: 'uses' } as const;
  return { ...who, body: Buffer.from(`${n}`), atMs: 1_795_290_000_000 + n, messageId };
}

test('everything is there again when it is opened anew', async () => {
  const [first, file] = opened();
  await first.addSubscriptions('car1', [{ filter: 'v1/vehicles/car1/down/#', qos: 1 }]);
  await first.addDown('car1', 'grant', Buffer.from('g'));
  await first.addUp(up(1));
  first.close();
  open.splice(0);
  const [again] = opened(file);
  expect(again.subscriptions()).toEqual([{ vehicleId: 'car1', filter: 'v1/vehicles/car1/down/#', qos: 1 }]);
  expect(again.nextDown('car1', 0)).toMatchObject({ kind: 'grant', body: Buffer.from('g'), sent: 0 });
  expect(again.ups(0, 10)).toMatchObject([{ body: Buffer.from('1'), atMs: 1_795_290_000_001 }]);
  expect(again.nextUpOf('car1', 0)).toMatchObject({ atMs: 1_795_290_000_001 });
  expect([again.upsWaiting, again.downsWaiting]).toEqual([1, 1]);
});

test('a file of a version that did not note when messages came keeps what is in it', async () => {
  const file = path.join(folder, 'before.db');
  const old = new Database(file);
  old.exec(`create table ups (
    id integer primary key autoincrement, vehicle_id text not null, certificate_id text not null, kind text not null,
    body blob not null)`);
  old.prepare(`insert into ups values (7, 'car1', 'cert_1', 'uses', 'old')`).run();
  old.close();
  const [first] = opened(file);
  await first.addUp(up(1));
  const expected = [{ id: 7, atMs: 0 }, { atMs: 1_795_290_000_001 }];
  expect(first.ups(0, 10)).toMatchObject(expected);
  first.close();
  open.splice(0);
  expect(opened(file)[0].ups(0, 10)).toMatchObject(expected);
});

test('as many messages as may wait for one vehicle, and more for another', async () => {
  const [store] = opened();
  const kept = await Promise.all(
    Array.from({ length: BROKER_DOWN_MESSAGES_MAX + 2 }, () =>
      store.addDown('car1', 'grant', Buffer.from('x')),
    ),
  );
  expect(kept.filter(Boolean)).toHaveLength(BROKER_DOWN_MESSAGES_MAX);
  expect(await store.addDown('car2', 'grant', Buffer.from('x'))).toBe(true);
  await store.removeDown(store.nextDown('car1', 0)!.id);
  expect(await store.addDown('car1', 'grant', Buffer.from('x'))).toBe(true);
});

test('bytes for one vehicle are limited, too', async () => {
  const [store] = opened();
  const big = Buffer.alloc(BROKER_DOWN_BYTES_MAX / 2 + 1);
  expect(await store.addDown('car1', 'ota', big)).toBe(true);
  expect(await store.addDown('car1', 'ota', big)).toBe(false);
});

test('a vehicle may have so many messages waiting for the cloud', async () => {
  const [store] = opened();
  const kept = await Promise.all(
    Array.from({ length: BROKER_UP_MESSAGES_MAX + 1 }, (_, n) => store.addUp(up(n))),
  );
  expect(kept.filter(Boolean)).toHaveLength(BROKER_UP_MESSAGES_MAX);
  await store.removeUps(store.ups(0, 1).map(({ id }) => id));
  expect(await store.addUp(up(0))).toBe(true);
});

test('a QoS 2 message that comes again before its release is kept once', async () => {
  const [store] = opened();
  expect(await Promise.all([store.addUp(up(1, 7)), store.addUp(up(1, 7))])).toEqual([true, true]);
  expect(store.upsWaiting).toBe(1);
  await store.removeReceived('car1', 7);
  await store.addUp(up(2, 7));
  expect(store.upsWaiting).toBe(2);
});

test('once it is closed, nothing is promised any more', async () => {
  const [store] = opened();
  store.close();
  open.splice(0);
  await expect(store.addUp(up(1))).rejects.toThrow('closed');
});

test('as many bytes of one vehicle wait as may, and again as many once they are taken, also behind a restart', async () => {
  const [first, file] = opened();
  const large = { ...up(1), body: Buffer.alloc(BROKER_UP_BYTES_MAX / 4) };
  const add = (store: BrokerStore, count: number) =>
    Promise.all(Array.from({ length: count }, () => store.addUp(large)));
  expect(await add(first, 5)).toEqual([true, true, true, true, false]);
  expect(await first.addUp({ ...large, vehicleId: 'car2' })).toBe(true);
  first.close();
  open.splice(0);
  const [again] = opened(file);
  expect(await again.addUp(large)).toBe(false);
  await again.removeUps([again.ups(0, 1)[0]!.id]);
  expect(await add(again, 2)).toEqual([true, false]);
});
