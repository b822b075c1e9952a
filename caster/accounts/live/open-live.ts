// The live state and the bus by what `live.url` says: this process alone, or all that use the same Redis.

import type { ChangeBus } from '../../../platform/bus/bus.ts';
import { LocalBus } from '../../../platform/bus/local-bus.ts';
import { RedisBus } from '../../../platform/bus/redis-bus.ts';
import type { RedisConnection } from '../../../platform/bus/redis-connection.ts';
import { parseRedisUrl } from '../../../platform/bus/redis-url.ts';
import { LIVE_SCRIPTS } from './live-scripts.ts';
import type { LiveState } from './live-state.ts';
import { MemoryLiveState } from './memory-live-state.ts';
import { RedisLiveState } from './redis-live-state.ts';

export interface OpenedLive {
  readonly live: LiveState;
  readonly bus: ChangeBus;
  /** For readiness, metrics and log; undefined in memory. */
  readonly redis: RedisConnection | undefined;
  /** Resolves when the state can answer for the first time, which with Redis away is not soon. */
  readonly ready: Promise<unknown>;
  close(): Promise<void>;
}

export interface LiveOptions {
  readonly url: string;
  /** One word that no other process has, nor has had. */
  readonly node: string;
}

/** Throws where the URL is neither `memory:` nor of Redis, whose client is loaded only then: it takes 20 MB. */
export async function openLive({ url, node }: LiveOptions): Promise<OpenedLive> {
  if (url === 'memory:') {
    const live = new MemoryLiveState();
    return {
      live,
      bus: new LocalBus(),
      redis: undefined,
      ready: Promise.resolve(),
      close: () => live.close(),
    };
  }
  const { RedisConnection } = await import('../../../platform/bus/redis-connection.ts');
  const redis = new RedisConnection(url, { scripts: LIVE_SCRIPTS });
  const live = new RedisLiveState(redis, node);
  return {
    live,
    bus: new RedisBus(redis, parseRedisUrl(url)?.database ?? 0),
    redis,
    ready: live.ready,
    close: async () => {
      await live.close();
      redis.close();
    },
  };
}
