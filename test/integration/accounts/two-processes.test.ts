// Two casters share one store and one Redis, and a fleet logs in at both at once. No account is given twice; when one
// of the two dies without a word, what it had given is free again in the time that is promised.

import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { NODE_DEAD_MS, NODE_SEEN_PERIOD_MS } from '../../../config/limits.ts';
import { type CasterProcess, startCasterProcess } from '../../support/caster-process.ts';
import { type PostgresServer, startPostgres, whyNoPostgres } from '../../support/postgres-server.ts';
import { redisMissing, RedisServer } from '../../support/redis-server.ts';
import { type Fleet, logInAll, makeFleet, type Outcome, tally } from './fire.ts';

const POOL = 5000;
const FLEET = 20_000;
const CONNECTIONS = 2000;

const numbered = (prefix: string, count: number): string[] =>
  Array.from({ length: count }, (_, n) => `${prefix}-${n}`);

/** Both take a URL that a second process can open too, and give it back at the end. */
const STORES: Record<
  string,
  { readonly missing: string | undefined; readonly open: () => Promise<SharedStore> }
> = {
  'one SQLite file': {
    missing: undefined,
    open: () => {
      const file = path.join(tmpdir(), `rovercast-shared-${process.pid}-${Date.now()}.db`);
      const close = (): Promise<void> => {
        for (const end of ['', '-wal', '-shm']) rmSync(file + end, { force: true });
        return Promise.resolve();
      };
      return Promise.resolve({ url: file, close });
    },
  },
  PostgreSQL: {
    missing: whyNoPostgres(),
    open: async () => {
      const server: PostgresServer = await startPostgres();
      return { url: await server.newDatabase(), close: () => server.remove() };
    },
  },
};

interface SharedStore {
  readonly url: string;
  close(): Promise<void>;
}

describe.each(Object.entries(STORES))('two casters on %s and one Redis', (_name, { missing, open }) => {
  const reason = redisMissing ?? missing;
  let store: SharedStore;
  let redis: RedisServer;
  let casters: CasterProcess[] = [];
  let fleet: Fleet;
  let outcomes: Outcome[];

  beforeAll(async () => {
    if (reason !== undefined) return;
    [store, redis] = await Promise.all([open(), RedisServer.start()]);
    const env = {
      ROVERCAST_DATABASE_URL: store.url,
      ROVERCAST_REDIS_URL: redis.url,
      ROVERCAST_MASTER_KEY: randomBytes(32).toString('base64'),
    };
    const config = {
      mountpoints: [{ name: 'TEST1', sourcePassword: 'choose-one-for-the-base' }],
      log: { level: 'warn' },
    };
    casters = [await startCasterProcess({ config, env }), await startCasterProcess({ config, env })];
    fleet = await makeFleet(casters[0]!, { accounts: POOL });
    outcomes = await logInAll(casters, fleet, numbered('dev', FLEET), CONNECTIONS);
  }, 180_000);

  afterAll(async () => {
    if (reason !== undefined) return;
    await casters[1]?.stop();
    await redis.stop();
    await store.close();
  });

  test('give 20,000 devices exactly the 5,000 accounts of the pool, and none twice', (context) => {
    context.skip(reason !== undefined, reason);
    expect(tally(outcomes)).toEqual({ 200: POOL, '409 pool_exhausted': FLEET - POOL });
    const given = outcomes.flatMap(({ username }) => (username === undefined ? [] : [username]));
    expect(new Set(given).size).toBe(POOL);
  });

  test('free what one of them gave, and nothing else, once it has been dead for as long as is stated', async (context) => {
    context.skip(reason !== undefined, reason);
    const ofDead = outcomes.filter(({ status }, n) => status === 200 && (n % CONNECTIONS) % 2 === 0).length;
    expect(ofDead).toBeGreaterThan(0);
    await casters[0]!.kill();
    const killedMs = performance.now();
    const living = casters[1]!;
    // The first newcomer that gets an account tells that they are free: asked again and again, as devices do.
    let tookMs = 0;
    for (let n = 0; ; n++) {
      const [first] = await logInAll([living], fleet, [`early-${n}`], 1);
      tookMs = performance.now() - killedMs;
      if (first!.status === 200) break;
      expect(first!.code).toBe('pool_exhausted');
      if (tookMs > 2 * NODE_DEAD_MS) break;
    }
    expect(tookMs).toBeLessThan(NODE_DEAD_MS + 2 * NODE_SEEN_PERIOD_MS);
    const late = await logInAll([living], fleet, numbered('late', POOL), CONNECTIONS);
    expect(tally(late)[200]).toBe(ofDead - 1);
  }, 120_000);
});
