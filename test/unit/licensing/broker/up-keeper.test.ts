// Tests which of the messages that wait are handed on: oldest first, of no vehicle more than its share, none forgotten.

import path from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { BROKER_UPS_HANDED_MAX, BROKER_UPS_HANDED_PER_VEHICLE_MAX } from '../../../../config/limits.ts';
import { BrokerStore, type KeptUp } from '../../../../licensing/broker/broker-store.ts';
import { UpKeeper } from '../../../../licensing/broker/up-keeper.ts';
import { UplinkDesk } from '../../../../licensing/broker/uplink-desk.ts';
import type { UpKind } from '../../../../licensing/broker/vehicle-line.ts';
import { useTempFolder } from '../../../support/temp-folder.ts';

const SHARE = BROKER_UPS_HANDED_PER_VEHICLE_MAX;
const folder = useTempFolder();
let files = 0;
const open: BrokerStore[] = [];
afterEach(() => {
  for (const store of open.splice(0)) store.close();
});

function opened(kinds: readonly UpKind[] = ['ota']) {
  const store = new BrokerStore(path.join(folder, `${++files}.db`));
  open.push(store);
  const handed: KeptUp[] = [];
  const keeper = new UpKeeper(store, (ups) => void handed.push(...ups));
  keeper.handles(kinds);
  const keep = (vehicleId: string, body: string, kind: UpKind = 'ota') =>
    keeper.keep({ vehicleId, certificateId: 'cert_1', kind, body: Buffer.from(body), atMs: 1, messageId: 0 });
  const of = (vehicleId: string) =>
    handed.filter((up) => up.vehicleId === vehicleId).map(({ body }) => body.toString());
  return { keeper, handed, keep, of };
}

const numbers = (count: number) => Array.from({ length: count }, (_, n) => `${n}`);

test('a vehicle of which nothing is taken keeps no other vehicle waiting', async () => {
  const { keep, of } = opened();
  await Promise.all(numbers(BROKER_UPS_HANDED_MAX + 50).map((n) => keep('evil', n)));
  await keep('good', 'hello');
  expect([of('evil'), of('good')]).toEqual([numbers(SHARE), ['hello']]);
});

test('all of a vehicle with many are handed on as those before are taken, each once and in their order', async () => {
  const { keeper, handed, keep, of } = opened();
  const all = numbers(3 * SHARE + 1);
  await Promise.all(all.slice(0, -1).map((n) => keep('car1', n)));
  for (let at = 0; at < handed.length; at += 1) {
    if (at === SHARE) await keep('car1', all.at(-1)!);
    await keeper.taken([handed[at]!.id]);
  }
  expect(of('car1')).toEqual(all);
});

test('kinds that get their handler later are handed on then, also of a vehicle with many', async () => {
  const { keeper, handed, keep, of } = opened(['ota']);
  await keep('car1', 'early', 'claim');
  await Promise.all(numbers(SHARE + 2).map((n) => keep('car1', n)));
  await keeper.taken([handed[0]!.id]);
  keeper.handles(['ota', 'claim']);
  for (let at = 1; at < handed.length; at += 1) await keeper.taken([handed[at]!.id]);
  expect(of('car1').toSorted()).toEqual([...numbers(SHARE + 2), 'early'].toSorted());
});

test('a line that is put back comes again from its oldest on, and keeps no other kind waiting', async () => {
  const { keeper, handed, keep, of } = opened(['ota', 'claim']);
  await Promise.all(['o1', 'o2'].map((body) => keep('car1', body)));
  keeper.putBack({ vehicleId: 'car1', kind: 'ota' });
  await keep('car1', 'o3');
  await keep('car1', 'c1', 'claim');
  expect(of('car1')).toEqual(['o1', 'o2', 'c1']);
  keeper.again({ vehicleId: 'car1', kind: 'ota' });
  expect(of('car1')).toEqual(['o1', 'o2', 'c1', 'o1', 'o2', 'o3']);
  await keeper.taken(handed.map(({ id }) => id));
  keeper.again({ vehicleId: 'car1', kind: 'ota' });
  expect(of('car1')).toHaveLength(6);
});

test('as many vehicles as fill all places with what always fails keep no other one waiting', async () => {
  const store = new BrokerStore(path.join(folder, `${++files}.db`));
  open.push(store);
  const seen: string[] = [];
  const desk = new UplinkDesk({
    journal: { recordSampled: () => undefined },
    taken: (ids) => void keeper.taken(ids),
    handles: (kinds) => keeper.handles(kinds),
    putBack: (line) => keeper.putBack(line),
    again: (line) => keeper.again(line),
  });
  const keeper = new UpKeeper(store, (ups) => setImmediate(() => desk.take(ups)));
  desk.handle('ota', ({ vehicleId }) => {
    seen.push(vehicleId);
    return vehicleId === 'good' ? Promise.resolve() : Promise.reject(new Error('no such thing'));
  });
  const evil = numbers(BROKER_UPS_HANDED_MAX / SHARE).map((n) => `evil${n}`);
  const up = (vehicleId: string) => ({
    ...{ vehicleId, certificateId: 'cert_1', body: Buffer.from('x'), messageId: 0 },
    kind: 'ota' as const,
    atMs: 1,
  });
  await Promise.all(evil.flatMap((vehicleId) => numbers(SHARE).map(() => keeper.keep(up(vehicleId)))));
  await keeper.keep(up('good'));
  await vi.waitFor(() => expect(seen).toContain('good'));
  desk.stop();
});
