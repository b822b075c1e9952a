// Slices of balances by what `live.url` says: none where there is one node, else over a connection of their own.

import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { placeOf } from './place.ts';
import { RedisSlices, type RedisSlicesOptions } from './redis-slices.ts';
import { SLICE_SCRIPTS } from './slice-scripts.ts';

export interface SlicesOptions extends Pick<RedisSlicesOptions, 'books' | 'state' | 'onOutage' | 'failed'> {
  readonly url: string;
  readonly dataDir: string;
}

export interface OpenedSlices {
  readonly slices: RedisSlices;
  close(): void;
}

/** Throws where the URL is neither `memory:` nor of Redis, or the folder cannot be written to. */
export async function openSlices(options: SlicesOptions): Promise<OpenedSlices | undefined> {
  const { url, dataDir, ...parts } = options;
  if (url === 'memory:') return undefined;
  const { RedisConnection } = await import('../../../../platform/bus/redis-connection.ts');
  const place = placeOf(path.join(dataDir, 'metering'));
  const redis = new RedisConnection(url, { scripts: SLICE_SCRIPTS });
  return {
    slices: new RedisSlices({ ...parts, redis, place, run: randomUUID() }),
    close: () => redis.close(),
  };
}
