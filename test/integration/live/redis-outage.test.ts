// Redis goes away and comes back while sessions run: nothing that runs is touched, nothing hangs, nothing is counted
// twice.

import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SlotScope, SlotVerdict } from '../../../caster/accounts/live/live-state.ts';
import { LIVE_ANSWER_MS_MAX, LIVE_LEASE_MS, SIGNATURE_WINDOW_MS } from '../../../config/limits.ts';
import { until } from '../../faults/until.ts';
import { redisMissing, RedisServer } from '../../support/redis-server.ts';
import { claim, LocalNode, refuse, RemoteNode } from './nodes.ts';

/** What a busy machine may add to a deadline. */
const SLACK_MS = 300;

describe('Redis gone', () => {
  let server: RedisServer;
  let nodes: LocalNode[];
  let hanging: RemoteNode | undefined;

  beforeEach(async (context) => {
    context.skip(redisMissing !== undefined, redisMissing);
    server = await RedisServer.start();
    nodes = [new LocalNode(server.url), new LocalNode(server.url)];
    await Promise.all(nodes.map(({ live }) => live.ready));
  });
  afterEach(async () => {
    if (redisMissing !== undefined) return;
    server.continue();
    await hanging?.kill();
    hanging = undefined;
    await Promise.all(nodes.map((node) => node.close()));
    await server.stop();
  });

  const take = (node: LocalNode, id: string, ...scopes: SlotScope[]): Promise<SlotVerdict> =>
    node.live.takeSlots(claim(id, ...scopes));

  async function takeMany(node: LocalNode, count: number, ...scopes: SlotScope[]): Promise<SlotVerdict[]> {
    return Promise.all(Array.from({ length: count }, () => take(node, randomUUID(), ...scopes)));
  }

  const taken = (verdicts: readonly SlotVerdict[]): number => verdicts.filter(({ ok }) => ok).length;

  /** Every node is connected again and has reported what it holds. */
  async function untilAllAnswer(): Promise<void> {
    for (const node of nodes) {
      await until(
        async () => (await take(node, randomUUID())).ok,
        () => 'an answer after the outage',
        20_000,
      );
    }
  }

  const losses = (): number => nodes.reduce((sum, node) => sum + node.losses.length, 0);

  it('answers outage at once while it is killed, and after an empty restart every place counts once', async () => {
    const [first, second] = nodes as [LocalNode, LocalNode];
    const [app, accounts] = [refuse('app', 500), Array.from({ length: 500 }, (_, n) => refuse(`a${n}`, 1))];
    for (const [index, account] of accounts.entries()) {
      void take(index % 3 === 0 ? first : second, `s${index}`, account, app);
    }
    const last = await take(first, 'counted', refuse('other', 1));
    await until(
      async () => !(await take(second, randomUUID(), app)).ok,
      () => 'a full app',
    );

    await server.kill();
    await until(
      () => !first.redis.isUp && !second.redis.isUp,
      () => 'the outage noticed',
    );
    const from = performance.now();
    expect(await take(first, 'during', app)).toEqual({ ok: false, reason: 'outage' });
    expect(await first.live.useNonce('n', 't', Date.now() + SIGNATURE_WINDOW_MS)).toBe('outage');
    expect(await first.live.countLogin('app', 10)).toBe('outage');
    expect(performance.now() - from).toBeLessThan(LIVE_ANSWER_MS_MAX);
    // Ends and new beginnings during the outage are told afterwards.
    first.live.releaseSlots('s0');
    second.live.releaseSlots('s1');

    await server.restart();
    await untilAllAnswer();
    expect(losses()).toBe(0);
    const verdicts = [...(await takeMany(first, 10, app)), ...(await takeMany(second, 10, app))];
    expect(taken(verdicts)).toBe(2);
    expect(await take(second, 'again', accounts[3]!)).toMatchObject({ ok: false, reason: 'full' });
    expect(await take(second, 'free', accounts[0]!)).toMatchObject({ ok: true });
    const tokens = verdicts.flatMap((verdict) => (verdict.ok ? [verdict.token] : []));
    expect(Math.min(...tokens)).toBeGreaterThan(last.ok ? last.token : Infinity);
  });

  it('answers outage in time while it hangs, and gives back what it took after nobody waited any more', async () => {
    const [first, second] = nodes as [LocalNode, LocalNode];
    const app = refuse('app', 10);
    expect(taken(await takeMany(first, 4, app))).toBe(4);
    server.pause();
    const from = performance.now();
    const [takes, nonce, wait] = await Promise.all([
      takeMany(first, 1000, app),
      first.live.useNonce('n', 't', Date.now() + SIGNATURE_WINDOW_MS),
      first.live.countLogin('app', 10),
    ]);
    expect(performance.now() - from).toBeLessThan(LIVE_ANSWER_MS_MAX + SLACK_MS);
    expect(takes).toEqual(Array(1000).fill({ ok: false, reason: 'outage' }));
    expect([nonce, wait]).toEqual(['outage', 'outage']);
    const again = performance.now();
    expect(await take(first, randomUUID(), app)).toMatchObject({ reason: 'outage' });
    expect(performance.now() - again).toBeLessThan(SLACK_MS);

    server.continue();
    await untilAllAnswer();
    expect(taken(await takeMany(second, 20, app))).toBe(6);
    expect(losses()).toBe(0);
  });

  it('hangs for longer than a lease, and nobody counts as dead for that', async () => {
    const [first, second] = nodes as [LocalNode, LocalNode];
    await takeMany(first, 30, refuse('app', 50));
    await takeMany(second, 20, refuse('app', 50));
    server.pause();
    // The time itself is what is tried here.
    await delay(LIVE_LEASE_MS + 1000);
    server.continue();
    const verdicts: SlotVerdict[] = [];
    await until(
      async () => {
        for (const node of nodes) verdicts.push(await take(node, randomUUID(), refuse('app', 50)));
        return verdicts.filter((verdict) => !verdict.ok && verdict.reason === 'full').length > 20;
      },
      () => 'both nodes answering again',
      20_000,
    );
    expect(taken(verdicts)).toBe(0);
    expect(losses()).toBe(0);
  });

  it('counts sessions that were let in meanwhile when it is back', async () => {
    const [first, second] = nodes as [LocalNode, LocalNode];
    await server.kill();
    await until(
      () => !first.redis.isUp,
      () => 'the outage noticed',
    );
    expect(await take(first, 'allowed', refuse('account', 1))).toMatchObject({ reason: 'outage' });
    first.live.holdAnyway(claim('allowed', refuse('account', 1)));
    await server.restart();
    await untilAllAnswer();
    expect(await take(second, 'late', refuse('account', 1))).toMatchObject({ ok: false, reason: 'full' });
    first.live.releaseSlots('allowed');
    await until(
      async () => (await take(second, randomUUID(), refuse('account', 1))).ok,
      () => 'the place given back',
    );
  });

  it('leaves one of two sessions that were let in meanwhile for one place', async () => {
    const [first, second] = nodes as [LocalNode, LocalNode];
    await server.kill();
    await until(
      () => !first.redis.isUp && !second.redis.isUp,
      () => 'the outage noticed',
    );
    first.live.holdAnyway(claim('one', refuse('account', 1)));
    second.live.holdAnyway(claim('two', refuse('account', 1)));
    await server.restart();
    await until(
      () => losses() > 0,
      () => 'one of the two lost',
      20_000,
    );
    await untilAllAnswer();
    const [loss, ...more] = nodes.flatMap((node) => node.losses);
    expect(more).toEqual([]);
    expect([loss?.sessionId, loss?.by].toSorted()).toEqual(['one', 'two']);
  });

  it('restarts empty: a place that was taken anew stays with the newer token', async () => {
    const [first] = nodes as [LocalNode];
    hanging = await RemoteNode.start(server.url);
    const there = hanging;
    // Many tokens are given before the server forgets how many.
    await Promise.all(Array.from({ length: 200 }, () => there.take(claim(randomUUID()))));
    await there.take(claim('old', refuse('account', 1)));
    there.pause();
    await server.kill();
    await server.restart();
    await untilAllAnswer();
    expect(await take(first, 'new', refuse('account', 1))).toMatchObject({ ok: true });
    there.continue();
    await until(
      () => there.losses.length > 0,
      () => 'the older token losing',
      20_000,
    );
    expect(there.losses).toEqual([{ sessionId: 'old', by: 'new' }]);
    expect(losses()).toBe(0);
  });

  it('restarts empty: nonces from before are stale, new ones are not', async () => {
    const [first] = nodes as [LocalNode];
    const before = Date.now() + SIGNATURE_WINDOW_MS - 5000;
    await first.live.useNonce('n', 't', before);
    await server.kill();
    await server.restart();
    await untilAllAnswer();
    expect(await first.live.useNonce('n', 'other', before)).toBe('stale');
    expect(await first.live.useNonce('m', 't', Date.now() + SIGNATURE_WINDOW_MS)).toBe('fresh');
  });

  it('is away at the start: outage until it is there', async () => {
    await server.kill();
    const late = new LocalNode(server.url);
    nodes.push(late);
    expect(await take(late, 's1', refuse('account', 1))).toEqual({ ok: false, reason: 'outage' });
    await server.restart();
    await late.live.ready;
    expect(await take(late, 's2', refuse('account', 1))).toMatchObject({ ok: true });
  });
});
