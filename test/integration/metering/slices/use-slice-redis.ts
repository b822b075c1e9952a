// A redis-server for all tests of a file, and the scripts of the slices on it.

import { afterAll, beforeAll, beforeEach } from 'vitest';
import { SLICE_KEYS, SLICE_SCRIPTS } from '../../../../caster/metering/charging/slices/slice-scripts.ts';
import { RedisConnection } from '../../../../platform/bus/redis-connection.ts';
import type { RedisScript } from '../../../../platform/bus/redis-script.ts';
import { until } from '../../../faults/until.ts';
import { redisMissing, RedisServer } from '../../../support/redis-server.ts';

const FLUSH: RedisScript = { lua: "return redis.call('FLUSHALL')", sha: '' };

export interface SliceRedis {
  readonly run: (script: RedisScript, ...args: string[]) => Promise<unknown>;
  /** Everything is forgotten. */
  readonly flush: () => Promise<unknown>;
}

/** Empty before each test. */
export function useSliceRedis(): () => SliceRedis {
  let server: RedisServer | undefined;
  let redis: RedisConnection | undefined;
  const run = (script: RedisScript, ...args: string[]): Promise<unknown> =>
    redis!.eval(script, SLICE_KEYS, args);
  const flush = (): Promise<unknown> => redis!.eval(FLUSH, [], []);
  beforeAll(async () => {
    if (redisMissing !== undefined) return;
    server = await RedisServer.start();
    redis = new RedisConnection(server.url, { scripts: SLICE_SCRIPTS });
    await until(
      () => redis!.isUp,
      () => 'the connection to Redis',
    );
  });
  afterAll(async () => {
    redis?.close();
    await server?.stop();
  });
  beforeEach(async (context) => {
    context.skip(redisMissing !== undefined, redisMissing);
    await flush();
  });
  return () => ({ run, flush });
}
