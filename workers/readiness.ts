// What /readyz asks of the caster: each check with its answer at this moment.

import type { SecondTier } from '../caster/accounts/second-tier.ts';
import type { RedisConnection } from '../platform/bus/redis-connection.ts';
import type { ReadinessCheck } from '../platform/http/health-routes.ts';
import type { Caster } from './caster.ts';

export interface ReadinessParts {
  readonly caster: Caster;
  readonly tier: SecondTier;
  /** Undefined where live state is in memory. */
  readonly redis: RedisConnection | undefined;
  readonly isStopping: () => boolean;
}

export function readinessChecks({ caster, tier, redis, isStopping }: ReadinessParts): ReadinessCheck[] {
  const { pool } = caster;
  return [
    {
      name: 'not_stopping',
      check: () => ({ ok: !isStopping(), detail: isStopping() ? 'stopping' : 'running' }),
    },
    {
      name: 'stream_workers',
      check: () => ({ ok: pool.running === pool.size, detail: `${pool.running} of ${pool.size} run` }),
    },
    {
      name: 'store',
      check: () => {
        const { isDown } = tier.trouble;
        return { ok: !isDown, detail: isDown ? 'does not answer' : 'answers' };
      },
    },
    { name: 'live_state', check: () => liveStateCheck(redis, tier.uncountedNodes) },
  ];
}

/** Nodes that should count together and do not are told of, but are no reason to send everybody away from both. */
function liveStateCheck(
  redis: RedisConnection | undefined,
  uncounted: readonly string[],
): { ok: boolean; detail: string } {
  if (redis !== undefined) return { ok: redis.isUp, detail: redis.isUp ? 'Redis answers' : 'Redis is away' };
  const others =
    uncounted.length === 0 ? '' : ', and not shared with other nodes at the same store (live.url)';
  return { ok: true, detail: `in memory${others}` };
}
