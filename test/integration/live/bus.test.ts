// Changes reach the listeners of the own process at once and those of others over Redis; who may have missed some is
// told so.

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Change } from '../../../platform/bus/bus.ts';
import { RedisBus } from '../../../platform/bus/redis-bus.ts';
import { RedisConnection } from '../../../platform/bus/redis-connection.ts';
import { until } from '../../faults/until.ts';
import { redisMissing, RedisServer } from '../../support/redis-server.ts';

class Listener {
  readonly redis: RedisConnection;
  readonly bus: RedisBus;
  readonly heard: Change[] = [];
  missed = 0;

  constructor(url: string, database = 0) {
    this.redis = new RedisConnection(url);
    this.bus = new RedisBus(this.redis, database);
    this.bus.subscribe((change) => this.heard.push(change));
    this.bus.onMissed(() => this.missed++);
  }

  up(): Promise<void> {
    return until(
      () => this.redis.isUp,
      () => 'the connection to Redis',
    );
  }
}

describe('the bus over Redis', () => {
  let server: RedisServer;
  let here: Listener;
  let there: Listener;
  let elsewhere: Listener;

  beforeEach(async (context) => {
    context.skip(redisMissing !== undefined, redisMissing);
    server = await RedisServer.start();
    [here, there, elsewhere] = [
      new Listener(server.url),
      new Listener(server.url),
      new Listener(server.url, 1),
    ];
    await Promise.all([here.up(), there.up(), elsewhere.up()]);
  });
  afterEach(async () => {
    if (redisMissing !== undefined) return;
    for (const { redis } of [here, there, elsewhere]) redis.close();
    await server.stop();
  });

  it('tells the own process at once, others in order and once, and none of another database', async () => {
    const changes = Array.from({ length: 2000 }, (_, n): Change => ({ kind: 'account', id: `acc_${n}` }));
    for (const change of changes) here.bus.publish(change);
    expect(here.heard).toEqual(changes);
    there.bus.publish({ kind: 'spec', id: 'spec_1' });
    await until(
      () => there.heard.length > changes.length && here.heard.length > changes.length,
      () => `all changes: ${there.heard.length} and ${here.heard.length}`,
    );
    expect(there.heard.filter(({ kind }) => kind === 'account')).toEqual(changes);
    expect(here.heard.slice(changes.length)).toEqual([{ kind: 'spec', id: 'spec_1' }]);
    expect(elsewhere.heard).toEqual([]);
    expect(here.missed + there.missed).toBe(0);
  });

  it('says after an outage that changes may have been missed', async () => {
    await server.kill();
    await until(
      () => !here.redis.isUp && !there.redis.isUp,
      () => 'the outage noticed',
    );
    here.bus.publish({ kind: 'app', id: 'app_1' });
    expect(here.heard).toEqual([{ kind: 'app', id: 'app_1' }]);
    await server.restart();
    await until(
      () => there.missed > 0 && here.missed > 0,
      () => 'word of what was missed',
      20_000,
    );
    expect(there.heard).toEqual([]);
  });

  it('takes no notice of what others write into its channel', async () => {
    const texts = ['', 'x', 'null', '{"origin":1}', '{"origin":"x","changes":[{"kind":"new","id":"1"},7]}'];
    for (const text of texts) await here.redis.publish('rovercast:changes:0', text);
    here.bus.publish({ kind: 'plan', id: 'plan_1' });
    await until(
      () => there.heard.length > 0,
      () => 'the change behind them',
    );
    expect(there.heard).toEqual([{ kind: 'plan', id: 'plan_1' }]);
  });
});
