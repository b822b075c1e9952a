// Nodes that share a Redis count together; one that dies or is cut off loses its places, by name.

import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { nonceKey } from '../../../caster/accounts/live/live-scripts.ts';
import type { SlotScope, SlotVerdict } from '../../../caster/accounts/live/live-state.ts';
import { LIVE_LEASE_MS, SIGNATURE_WINDOW_MS } from '../../../config/limits.ts';
import { until } from '../../faults/until.ts';
import { redisMissing, RedisServer } from '../../support/redis-server.ts';
import { claim, LocalNode, refuse, RemoteNode, replace } from './nodes.ts';

describe('several nodes', () => {
  let server: RedisServer;
  let here: LocalNode;
  let there: RemoteNode;
  let app: string;

  beforeAll(async () => {
    if (redisMissing === undefined) server = await RedisServer.start();
  });
  afterAll(async () => {
    if (redisMissing === undefined) await server.stop();
  });
  beforeEach(async (context) => {
    context.skip(redisMissing !== undefined, redisMissing);
    app = `app-${randomUUID()}`;
    here = new LocalNode(server.url);
    [there] = await Promise.all([RemoteNode.start(server.url), here.live.ready]);
  });
  afterEach(async () => {
    await there.kill();
    await here.close();
  });

  const takeHere = (sessionId: string, scope: SlotScope): Promise<SlotVerdict> =>
    here.live.takeSlots(claim(sessionId, scope));

  /** Tries until it has the place; gives the milliseconds that took. */
  async function insist(scope: SlotScope, withinMs: number): Promise<number> {
    const from = performance.now();
    await until(
      async () => (await takeHere(randomUUID(), scope)).ok,
      () => `a place in ${scope.key}`,
      withinMs,
    );
    return performance.now() - from;
  }

  it('give exactly 5,000 places of 5,000 to 20,000 claims, whichever is asked', async () => {
    const scope = refuse(app, 5000);
    const verdicts = await Promise.all(
      Array.from({ length: 20_000 }, (_, index) =>
        index % 2 === 0 ? takeHere(`s${index}`, scope) : there.take(claim(`s${index}`, scope)),
      ),
    );
    const tokens = verdicts.flatMap((verdict) => (verdict.ok ? [verdict.token] : []));
    expect(tokens).toHaveLength(5000);
    expect(new Set(tokens).size).toBe(5000);
    expect(verdicts.filter((verdict) => !verdict.ok && verdict.reason === 'outage')).toHaveLength(0);
    const ofOthers = verdicts.filter(({ ok }, index) => ok && index % 2 === 1);
    expect(ofOthers.length).toBeGreaterThan(0);
    expect(ofOthers.length).toBeLessThan(5000);
  });

  it('hear that a session of theirs was replaced from another node, and by which', async () => {
    await there.take(claim('old', replace(app, 1)));
    expect(await takeHere('new', replace(app, 1))).toMatchObject({ ok: true, replaced: ['old'] });
    await until(
      () => there.losses.length > 0,
      () => 'the loss of the old session',
    );
    expect(there.losses).toEqual([{ sessionId: 'old', by: 'new' }]);
    expect(here.losses).toEqual([]);
  });

  it('free what a killed one held within the lease and a second, and nothing of the living', async () => {
    await Promise.all(
      Array.from({ length: 60 }, (_, index) => there.take(claim(`there-${index}`, refuse(app, 100)))),
    );
    for (let index = 0; index < 40; index++) await takeHere(`here-${index}`, refuse(app, 100));
    expect(await takeHere('early', refuse(app, 100))).toMatchObject({ ok: false, reason: 'full' });
    await there.kill();
    const tookMs = await insist(refuse(app, 100), LIVE_LEASE_MS + 1000);
    const free = await Promise.all(
      Array.from({ length: 100 }, (_, index) => takeHere(`late-${index}`, refuse(app, 100))),
    );
    expect(free.filter(({ ok }) => ok)).toHaveLength(59);
    console.log(`places of a killed node were free after ${(tookMs / 1000).toFixed(1)} s`);
  });

  it('give back at once what they held when they stop', async () => {
    const other = new LocalNode(server.url);
    await other.live.ready;
    await other.live.takeSlots(claim('s1', refuse(app, 1)));
    expect(await takeHere('s2', refuse(app, 1))).toMatchObject({ ok: false });
    await other.close();
    expect(await takeHere('s3', refuse(app, 1))).toMatchObject({ ok: true });
  });

  it('take the place of one that hangs for longer than its lease, and the older token loses when it is back', async () => {
    await there.take(claim('old', refuse(app, 1)));
    await there.take(claim('undisputed', refuse(`${app}-other`, 1)));
    there.pause();
    await insist(refuse(app, 1), LIVE_LEASE_MS + 1000);
    there.continue();
    await until(
      () => there.losses.length > 0,
      () => 'the loss of the old session',
    );
    expect(there.losses.map(({ sessionId }) => sessionId)).toEqual(['old']);
    expect(here.losses).toEqual([]);
    expect(await takeHere('late', refuse(`${app}-other`, 1))).toMatchObject({ ok: false, reason: 'full' });
  });

  it('keep a nonce until it expires by the clock of Redis, however fast that of the node is that took it', async () => {
    const expiresAtMs = Date.now() + SIGNATURE_WINDOW_MS;
    const clock = vi.spyOn(Date, 'now').mockReturnValue(expiresAtMs - 1);
    expect(await here.live.useNonce(app, 'tag', expiresAtMs)).toBe('fresh');
    clock.mockRestore();
    const leftMs = await here.redis.eval(
      { lua: "return redis.call('PTTL', KEYS[1])", sha: '' },
      [nonceKey(app)],
      [],
    );
    expect(leftMs).toBeGreaterThan(SIGNATURE_WINDOW_MS - 60_000);
  });
});
