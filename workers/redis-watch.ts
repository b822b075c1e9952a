// Says in the log when Redis goes and when it is back.

import type { RedisConnection } from '../platform/bus/redis-connection.ts';
import type { Journal } from '../platform/observe/journal.ts';

export function watchRedis(redis: RedisConnection, journal: Journal, onOutage: 'refuse' | 'allow'): void {
  const effect =
    onOutage === 'allow' ? 'new logins of the store are not counted' : 'new logins of the store are refused';
  redis.onDown((detail) =>
    journal.record('error', 'redis_down', {
      detail: `${detail}; ${effect}, running streams go on`,
      fix: 'bring Redis back, or see live.url',
    }),
  );
  redis.onUp(() => journal.record('info', 'redis_up', {}));
}
