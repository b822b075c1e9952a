// Redis goes away under two casters at one store and comes back empty: streams go on, new logins follow live.onOutage,
// and afterwards everybody counts once.

import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, onTestFinished, test, type TestContext } from 'vitest';
import { type CasterProcess, type LogLine, startCasterProcess } from '../../support/caster-process.ts';
import { observationFrame } from '../../support/frames.ts';
import { getRequest, sourceRequest } from '../../support/ntrip-requests.ts';
import { redisMissing, RedisServer } from '../../support/redis-server.ts';
import { ask, connectPeer, type WirePeer } from '../../support/wire-peer.ts';
import { asOwner } from './fire.ts';

const TIMEOUT = { timeout: 90_000 };

interface Account {
  readonly username: string;
  readonly password: string;
}

interface Network {
  readonly redis: RedisServer;
  readonly casters: readonly [CasterProcess, CasterProcess];
}

async function startNetwork(context: TestContext, onOutage: 'allow' | 'refuse'): Promise<Network> {
  context.skip(redisMissing !== undefined, redisMissing);
  const file = path.join(tmpdir(), `rovercast-outage-${process.pid}-${Date.now()}.db`);
  const redis = await RedisServer.start();
  const env = {
    ROVERCAST_DATABASE_URL: file,
    ROVERCAST_REDIS_URL: redis.url,
    ROVERCAST_MASTER_KEY: randomBytes(32).toString('base64'),
  };
  const config = {
    mountpoints: [{ name: 'TEST1', sourcePassword: 'password1' }],
    live: { onOutage },
    streamWorkers: 1,
  };
  const casters = [
    await startCasterProcess({ config, env }),
    await startCasterProcess({ config, env }),
  ] as const;
  onTestFinished(async () => {
    await Promise.all(casters.map((caster) => caster.stop()));
    await redis.stop();
    for (const end of ['', '-wal', '-shm']) rmSync(file + end, { force: true });
  });
  return { redis, casters };
}

async function accountsOf(caster: CasterProcess, count: number, app: object = {}): Promise<Account[]> {
  const { id } = (await asOwner(caster, '/v1/apps', { name: 'fleet', ...app })) as { id: string };
  return ((await asOwner(caster, `/v1/apps/${id}/accounts`, { count })) as { data: Account[] }).data;
}

async function stream({ ready }: CasterProcess, login: Account): Promise<WirePeer> {
  const peer = await connectPeer(ready.ntrip);
  peer.send(getRequest(1, 'TEST1', { login }));
  expect(await peer.readHead()).toBe('ICY 200 OK\r\n\r\n');
  return peer;
}

/** The whole answer to a login that is refused. */
async function refused({ ready }: CasterProcess, login: Account): Promise<string> {
  return (await ask(ready.ntrip, getRequest(2, 'TEST1', { login }))).toString();
}

const heard = (caster: CasterProcess, name: string): number =>
  caster.log.filter(({ event }) => event === name).length;

async function takeRedisAway({ redis, casters }: Network): Promise<void> {
  await redis.kill();
  for (const caster of casters) await caster.waitFor('redis_down');
}

/** Until both have told Redis again what they hold: a claim waits for that. */
async function bringRedisBack({ redis, casters }: Network, probes: readonly Account[]): Promise<void> {
  const ups = casters.map((caster) => heard(caster, 'redis_up'));
  await redis.restart();
  for (const [index, caster] of casters.entries()) {
    await expect.poll(() => heard(caster, 'redis_up'), { timeout: 20_000 }).toBeGreaterThan(ups[index]!);
    (await stream(caster, probes[index]!)).hangUp();
  }
}

/** Every rover gets what the base of its caster sends. */
async function expectStreams(
  caster: CasterProcess,
  base: WirePeer,
  rovers: readonly WirePeer[],
  second: number,
) {
  const epoch = observationFrame(1, second * 1000, 60);
  base.send(epoch);
  for (const rover of rovers) expect(await rover.read(epoch.length)).toEqual(epoch);
  expect(heard(caster, 'redis_down')).toBe(1);
}

async function startBase({ ready }: CasterProcess): Promise<WirePeer> {
  const base = await connectPeer(ready.ntrip);
  base.send(sourceRequest('password1', 'TEST1'));
  expect(await base.readHead()).toBe('ICY 200 OK\r\n\r\n');
  return base;
}

describe('while Redis is away', () => {
  test(
    'onOutage: allow lets new logins in, and they count once when it is back',
    TIMEOUT,
    async (context) => {
      const network = await startNetwork(context, 'allow');
      const [first, second] = network.casters;
      const fleet = await accountsOf(first, 8, { quota: { sessionsMax: 5 } });
      const probes = await accountsOf(first, 2);
      const base = await startBase(first);
      const before = [await stream(first, fleet[0]!), await stream(second, fleet[1]!)];
      await takeRedisAway(network);
      const during = [await stream(first, fleet[2]!), await stream(second, fleet[3]!)];
      await expectStreams(first, base, [before[0]!, during[0]!], 1);
      await bringRedisBack(network, probes);
      await expectStreams(first, base, [before[0]!, during[0]!], 2);
      const fifth = await stream(second, fleet[4]!);
      for (const caster of network.casters) {
        expect(await refused(caster, fleet[5]!)).toContain('app_sessions_full');
      }
      // What is given back is there for exactly one more, wherever.
      during[1]!.hangUp();
      await second.waitFor('session_closed', ({ account }) => account === fleet[3]!.username);
      const sixth = await stream(first, fleet[6]!);
      expect(await refused(second, fleet[7]!)).toContain('app_sessions_full');
      const ends = network.casters.flatMap(({ log }) =>
        log.filter(({ event }) => event === 'session_closed'),
      );
      expect(ends.filter(({ reason }) => reason !== 'peer_closed')).toEqual([]);
      for (const peer of [base, ...before, during[0]!, fifth, sixth]) peer.hangUp();
    },
  );

  test(
    'onOutage: refuse turns new logins away by name, and running streams go on',
    TIMEOUT,
    async (context) => {
      const network = await startNetwork(context, 'refuse');
      const [first, second] = network.casters;
      const fleet = await accountsOf(first, 3, { quota: { sessionsMax: 2 } });
      const probes = await accountsOf(first, 2);
      const base = await startBase(first);
      const before = await stream(first, fleet[0]!);
      await takeRedisAway(network);
      for (const caster of network.casters) {
        expect(await refused(caster, fleet[1]!)).toMatch(/^HTTP\/1\.1 503 [^]*live_state_down/);
      }
      await expectStreams(first, base, [before], 1);
      await bringRedisBack(network, probes);
      const after = await stream(second, fleet[1]!);
      expect(await refused(first, fleet[2]!)).toContain('app_sessions_full');
      await expectStreams(first, base, [before], 2);
      for (const peer of [base, before, after]) peer.hangUp();
    },
  );

  test(
    'of two sessions let in for one place the one that has to go ends as lease_lost, not as replaced',
    TIMEOUT,
    async (context) => {
      const network = await startNetwork(context, 'allow');
      const [first, second] = network.casters;
      const [account] = await accountsOf(first, 1);
      const probes = await accountsOf(first, 2);
      await takeRedisAway(network);
      const peers = [await stream(first, account!), await stream(second, account!)];
      await bringRedisBack(network, probes);
      const ofAccount = (line: LogLine): boolean => line['account'] === account!.username;
      const end = await Promise.any(
        network.casters.map((caster) => caster.waitFor('session_closed', ofAccount, 20_000)),
      );
      expect(end).toMatchObject({ reason: 'lease_lost' });
      const ends = network.casters.flatMap(({ log }) =>
        log.filter((line) => line.event === 'session_closed' && ofAccount(line)),
      );
      expect(ends).toHaveLength(1);
      for (const peer of peers) peer.hangUp();
    },
  );

  test(
    'a session whose place a newer login takes on another node ends as session_replaced',
    TIMEOUT,
    async (context) => {
      const network = await startNetwork(context, 'allow');
      const [first, second] = network.casters;
      const { id: spec } = (await asOwner(first, '/v1/service-specs', {
        name: 'one at a time',
        sessionsPerAccount: 1,
        onExtraSession: 'replace',
      })) as { id: string };
      const [account] = await accountsOf(first, 1, { serviceSpecId: spec });
      const peers = [await stream(first, account!), await stream(second, account!)];
      const end = await first.waitFor('session_closed', ({ account: name }) => name === account!.username);
      expect(end).toMatchObject({ reason: 'session_replaced' });
      for (const peer of peers) peer.hangUp();
    },
  );
});
