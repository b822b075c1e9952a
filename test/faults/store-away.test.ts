// The database goes and comes back: accounts of the file and running streams do not notice, accounts of the store are
// told to come back, and get in again by themselves.

import { afterAll, beforeAll, expect, test } from 'vitest';
import { type CasterProcess, startCasterProcess } from '../support/caster-process.ts';
import { observationFrame } from '../support/frames.ts';
import { getRequest, sourceRequest } from '../support/ntrip-requests.ts';
import { type PostgresServer, startPostgres, whyNoPostgres } from '../support/postgres-server.ts';
import { ask, connectPeer, type WirePeer } from '../support/wire-peer.ts';
import { eventually } from '../support/use-caster.ts';
import { asOwner } from '../integration/accounts/fire.ts';

const skipped = whyNoPostgres();

let postgres: PostgresServer;
let caster: CasterProcess;
let base: WirePeer;
let account: { username: string; password: string };
let other: { username: string; password: string };

beforeAll(async () => {
  if (skipped !== undefined) return;
  postgres = await startPostgres();
  caster = await startCasterProcess({
    config: {
      mountpoints: [{ name: 'TEST1', sourcePassword: 'password1' }],
      accounts: [{ username: 'file', password: 'file-password' }],
      store: { url: await postgres.newDatabase() },
    },
  });
  base = await connectPeer(caster.ready.ntrip);
  base.send(sourceRequest('password1', 'TEST1'));
  await base.readHead();
  const app = (await asOwner(caster, '/v1/apps', { name: 'fleet' })) as { id: string };
  const made = (await asOwner(caster, `/v1/apps/${app.id}/accounts`, { count: 2 })) as {
    data: (typeof account)[];
  };
  [account, other] = made.data as [typeof account, typeof account];
}, 60_000);

afterAll(async () => {
  if (skipped !== undefined) return;
  base.hangUp();
  await caster.stop();
  await postgres.remove();
});

const FILE = { username: 'file', password: 'file-password' };

async function enter(login: { username: string; password: string }): Promise<string> {
  return (await ask(caster.ready.ntrip, getRequest(2, 'TEST1', { login }))).toString();
}

test('a store that goes and comes back is felt by logins of its own accounts only', async (context) => {
  context.skip(skipped !== undefined, skipped);
  const running = await connectPeer(caster.ready.ntrip);
  running.send(getRequest(1, 'TEST1', { login: account }));
  expect(await running.readHead()).toBe('ICY 200 OK\r\n\r\n');

  await postgres.stop('at once');
  const began = performance.now();
  const refused = await enter(other);
  expect(refused).toMatch(/^HTTP\/1\.1 503 [^]*Retry-After: \d+[^]*store_down: /);
  expect(performance.now() - began).toBeLessThan(10_000);

  const beganFile = performance.now();
  const fromFile = await connectPeer(caster.ready.ntrip);
  fromFile.send(getRequest(1, 'TEST1', { login: FILE }));
  expect(await fromFile.readHead()).toBe('ICY 200 OK\r\n\r\n');
  expect(performance.now() - beganFile).toBeLessThan(500);

  const epoch = observationFrame(1, 1000, 60);
  base.send(epoch);
  expect(await running.read(epoch.length)).toEqual(epoch);
  expect(await fromFile.read(epoch.length)).toEqual(epoch);

  await postgres.start();
  await eventually('an account of the store gets in again', async () => {
    const peer = await connectPeer(caster.ready.ntrip);
    peer.send(getRequest(1, 'TEST1', { login: other }));
    const head = await peer.readHead();
    peer.hangUp();
    return head === 'ICY 200 OK\r\n\r\n' ? true : undefined;
  });
  const later = observationFrame(1, 2000, 60);
  base.send(later);
  expect(await running.read(later.length)).toEqual(later);
  const downs = caster.log.filter(({ event }) => event === 'store_down');
  expect(downs.length).toBeGreaterThanOrEqual(1);
  expect(downs.length).toBeLessThan(5);
  await caster.waitFor('store_back');
  running.hangUp();
  fromFile.hangUp();
}, 60_000);

test('a session that ended while the store was away is written down when it is back', async (context) => {
  context.skip(skipped !== undefined, skipped);
  const peer = await connectPeer(caster.ready.ntrip);
  peer.send(getRequest(1, 'TEST1', { login: FILE }));
  await peer.readHead();
  await postgres.stop('at once');
  peer.hangUp();
  const line = await caster.waitFor(
    'session_closed',
    (one) => one['account'] === 'file' && one['reason'] === 'peer_closed',
  );
  await postgres.start();
  const row = await eventually('the closed session', async () => {
    try {
      const list = (await asOwner(caster, '/v1/closed-sessions?limit=100')) as {
        data: { id: string; account: string }[];
      };
      return list.data.find(({ account: name }) => name === 'file');
    } catch {
      return undefined;
    }
  });
  expect(row.account).toBe(line['account']);
}, 60_000);
