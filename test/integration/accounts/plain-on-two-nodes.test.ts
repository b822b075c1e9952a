// One account typed into two receivers, each at another of two casters with one store and one Redis: the end of the one
// session gives nobody the account that the other one still streams by.

import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { type CasterProcess, startCasterProcess } from '../../support/caster-process.ts';
import { getRequest } from '../../support/ntrip-requests.ts';
import { redisMissing, RedisServer } from '../../support/redis-server.ts';
import { connectPeer, type WirePeer } from '../../support/wire-peer.ts';
import { asOwner, type Fleet, logInAll } from './fire.ts';

async function startCasters(): Promise<[CasterProcess, CasterProcess]> {
  const file = path.join(tmpdir(), `rovercast-plain-${process.pid}-${Date.now()}.db`);
  const redis = await RedisServer.start();
  const env = {
    ROVERCAST_DATABASE_URL: file,
    ROVERCAST_REDIS_URL: redis.url,
    ROVERCAST_MASTER_KEY: randomBytes(32).toString('base64'),
  };
  const config = { mountpoints: [{ name: 'TEST1', sourcePassword: 'password1' }], streamWorkers: 1 };
  const casters: [CasterProcess, CasterProcess] = [
    await startCasterProcess({ config, env }),
    await startCasterProcess({ config, env }),
  ];
  onTestFinished(async () => {
    await Promise.all(casters.map((caster) => caster.stop()));
    await redis.stop();
    for (const end of ['', '-wal', '-shm']) rmSync(file + end, { force: true });
  });
  return casters;
}

test('an account that streams on two nodes is drawn for nobody until both streams are over', async (context) => {
  context.skip(redisMissing !== undefined, redisMissing);
  const casters = await startCasters();
  const [first, second] = casters;
  const { id: serviceSpecId } = (await asOwner(first, '/v1/service-specs', {
    name: 'two receivers',
    sessionsPerAccount: 2,
  })) as { id: string };
  const app = { name: 'fleet', serviceSpecId };
  const fleet = (await asOwner(first, '/v1/apps', app)) as Fleet;
  const made = await asOwner(first, `/v1/apps/${fleet.id}/accounts`, { count: 1 });
  const [login] = (made as { data: [{ username: string; password: string }] }).data;

  const stream = async ({ ready }: CasterProcess): Promise<WirePeer> => {
    const peer = await connectPeer(ready.ntrip);
    peer.send(getRequest(1, 'TEST1', { login }));
    expect(await peer.readHead()).toBe('ICY 200 OK\r\n\r\n');
    return peer;
  };
  let devices = 0;
  const draw = async (caster: CasterProcess): Promise<number | undefined> => {
    const [outcome] = await logInAll([caster], fleet, [`dev-${++devices}`], 1);
    return outcome!.status;
  };
  const end = async (peer: WirePeer, caster: CasterProcess): Promise<void> => {
    peer.hangUp();
    await caster.waitFor('session_closed', ({ account }) => account === login.username);
  };
  const peers = [await stream(first), await stream(second)] as const;
  await end(peers[1], second);
  // A node writes what it lets go of before it draws: this one would give the account to anybody now.
  expect(await draw(second)).toBe(409);
  expect(await draw(first)).toBe(409);
  await end(peers[0], first);
  await expect.poll(() => draw(first), { timeout: 10_000 }).toBe(200);
}, 60_000);
