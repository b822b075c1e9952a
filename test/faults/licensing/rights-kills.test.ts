// Whoever grants rights and whoever hears of them is killed again and again, with Redis now and then: every order ends
// in exactly one entitlement, and every change is handled.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { addVehicle } from '../../support/entitlements.ts';
import { redisMissing, RedisServer } from '../../support/redis-server.ts';
import { useTempFolder } from '../../support/temp-folder.ts';
import { useStores } from '../../support/use-stores.ts';
import type { RightsWork } from './rights-process.ts';

const ORDERS = 1000;
const KILLS = 12;
const SEED = 20_261_130;

const stores = useStores();
const folder = useTempFolder();
let redis: Promise<RedisServer> | undefined;
afterAll(async () => (await redis)?.stop());

/** Mulberry32. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** True where it said that it is done; it is killed `afterMs` after its start at the latest, where that is given. */
async function work(order: RightsWork, afterMs: number | undefined): Promise<boolean> {
  const file = path.join(import.meta.dirname, 'rights-process.ts');
  const child = spawn(process.execPath, [file, JSON.stringify(order)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const timer = afterMs === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), afterMs);
  await once(child, 'close');
  clearTimeout(timer);
  return said.includes('done');
}

describe.each(['the store', 'redis'] as const)('with the queue in %s', (kind) => {
  test.for(['sqlite', 'postgres'] as const)(
    'on %s every order ends in one entitlement, and every change is handled, over a dozen kills',
    { timeout: 170_000 },
    async (dialect, context) => {
      context.skip(kind === 'redis' && redisMissing !== undefined, redisMissing);
      const place = await stores.place(dialect, context);
      const server = kind === 'redis' ? await (redis ??= RedisServer.start()) : undefined;
      const store = await stores.open(dialect, context, place);
      await addVehicle(store);
      const handledFile = path.join(folder, `handled-${kind}-${dialect}`);
      const order = { place, redis: server?.url, orders: ORDERS, handledFile };
      const random = seeded(SEED);
      for (let kill = 0; kill < KILLS; kill++) {
        const done = await work(order, 250 + random() * 700);
        if (server !== undefined && kill % 3 === 2) {
          await server.kill();
          await server.restart();
        }
        if (done) break;
      }
      expect(await work(order, undefined)).toBe(true);
      const rows = await store.db.selectFrom('entitlements').select('order_id').execute();
      expect(rows).toHaveLength(ORDERS);
      expect(new Set(rows.map((row) => row.order_id)).size).toBe(ORDERS);
      const changes = await store.db
        .selectFrom('entitlement_changes')
        .select(['entitlement_id as entitlementId', 'revision'])
        .execute();
      const lines = existsSync(handledFile) ? readFileSync(handledFile, 'utf8').trim().split('\n') : [];
      const handled = new Set(lines);
      expect(changes.filter((change) => !handled.has(JSON.stringify(change)))).toEqual([]);
      const letters = await store.db.selectFrom('dead_letters').select('id').execute();
      expect(letters).toEqual([]);
      process.stdout.write(`${lines.length} handled for ${changes.length} changes (${kind}, ${dialect})\n`);
    },
  );
});
