// What the scripts do where several nodes and a clock meet in an order that no real node can be brought to.

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  BEGIN,
  HOLD,
  LIVE_SCRIPTS,
  RENEW,
  SLOT_KEYS,
  TAKE,
} from '../../../caster/accounts/live/live-scripts.ts';
import { RedisConnection } from '../../../platform/bus/redis-connection.ts';
import type { RedisScript } from '../../../platform/bus/redis-script.ts';
import { until } from '../../faults/until.ts';
import { redisMissing, RedisServer } from '../../support/redis-server.ts';

const CHANNELS = 'lost:';
const LEASE = ['10000', '4000'];
/** Over before anybody can look. */
const SHORT_LEASE = ['1', '4000'];
const ONE_PLACE = JSON.stringify(['app', 1, 'refuse']);
const TAKEN = [[1, expect.any(Number), [], []]];
const FLUSH: RedisScript = { lua: "return redis.call('FLUSHALL')", sha: '' };
/** Nodes whose lease has ended. */
const LAPSED: RedisScript = {
  lua: "return redis.call('ZCOUNT', KEYS[1], '-inf', '(' .. redis.call('TIME')[1] * 1000 + math.floor(redis.call('TIME')[2] / 1000))",
  sha: '',
};

describe('the scripts of the slots', () => {
  let server: RedisServer | undefined;
  let redis: RedisConnection;

  beforeAll(async () => {
    if (redisMissing !== undefined) return;
    server = await RedisServer.start();
    redis = new RedisConnection(server.url, { scripts: LIVE_SCRIPTS });
    await until(
      () => redis.isUp,
      () => 'the connection to Redis',
    );
  });
  afterAll(async () => {
    if (server === undefined) return;
    redis.close();
    await server.stop();
  });
  beforeEach(async (context) => {
    context.skip(redisMissing !== undefined, redisMissing);
    await run(FLUSH);
  });

  const run = (script: RedisScript, ...args: string[]): Promise<unknown> =>
    redis.eval(script, SLOT_KEYS, args);
  const take = (node: string, generation: string, session: string): Promise<unknown> =>
    run(TAKE, node, generation, CHANNELS, session, ONE_PLACE);
  const untilLapsed = (nodes: number): Promise<void> =>
    until(
      async () => (await run(LAPSED)) === nodes,
      () => `${nodes} leases at an end`,
    );

  it('carry out nothing of an older report, which may still lie in a broken connection', async () => {
    await run(BEGIN, 'a', '1', ...LEASE);
    await run(BEGIN, 'a', '2', ...LEASE);
    expect(await take('a', '1', 'ghost')).toBeNull();
    expect(await run(HOLD, 'a', '1', CHANNELS, 'ghost', '7', ONE_PLACE)).toBeNull();
    expect(await run(RENEW, 'a', '1', ...LEASE)).toBe(0);
    expect(await take('a', '2', 'real')).toEqual(TAKEN);
    expect(await run(BEGIN, 'a', '3', ...LEASE)).toEqual(['real']);
  });

  it('give no places to a node whose lease has ended', async () => {
    await run(BEGIN, 'a', '1', ...SHORT_LEASE);
    await untilLapsed(1);
    expect(await take('a', '1', 's')).toBeNull();
    expect(await run(RENEW, 'a', '1', ...LEASE)).toBe(1);
    expect(await take('a', '1', 's')).toEqual(TAKEN);
  });

  it('free the places of a dead node for a living one', async () => {
    await run(BEGIN, 'a', '1', ...LEASE);
    await take('a', '1', 'old');
    await run(RENEW, 'a', '1', ...SHORT_LEASE);
    await run(BEGIN, 'b', '1', ...LEASE);
    await untilLapsed(1);
    expect(await take('b', '1', 'new')).toEqual(TAKEN);
    expect(await run(RENEW, 'a', '1', ...LEASE)).toBe(0);
  });

  it('hold nobody dead where all leases ended together, as after a server that hung', async () => {
    for (const node of ['a', 'b']) await run(BEGIN, node, '1', ...LEASE);
    await take('a', '1', 'old');
    for (const node of ['a', 'b']) await run(RENEW, node, '1', ...SHORT_LEASE);
    await untilLapsed(2);
    expect(await run(RENEW, 'b', '1', ...LEASE)).toBe(1);
    expect(await take('b', '1', 'new')).toEqual([[0, 'app']]);
    expect(await run(RENEW, 'a', '1', ...LEASE)).toBe(1);
  });

  it('free the places of a node that dies although its lease was made before the clock was set back', async () => {
    await run(BEGIN, 'a', '1', ...LEASE);
    await take('a', '1', 'old');
    // Made an hour before by the clock as it was then.
    await run(RENEW, 'a', '1', '3600000', '4000');
    await run(BEGIN, 'b', '1', ...SHORT_LEASE);
    await untilLapsed(2);
    await run(BEGIN, 'c', '1', ...LEASE);
    expect(await take('c', '1', 'new')).toEqual(TAKEN);
  });
});
