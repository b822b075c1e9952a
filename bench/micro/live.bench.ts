// What a login costs in the live state, in memory and over a Redis of this machine: bursts of 10,000 as after a cut
// network, and one question at a time. `node bench/micro/live.bench.ts`, some seconds; without redis-server memory alone.

import { randomUUID } from 'node:crypto';
import type { LiveState } from '../../caster/accounts/live/live-state.ts';
import { LIVE_SCRIPTS } from '../../caster/accounts/live/live-scripts.ts';
import { MemoryLiveState } from '../../caster/accounts/live/memory-live-state.ts';
import { RedisLiveState } from '../../caster/accounts/live/redis-live-state.ts';
import { SIGNATURE_WINDOW_MS } from '../../config/limits.ts';
import { RedisConnection } from '../../platform/bus/redis-connection.ts';
import type { RedisScript } from '../../platform/bus/redis-script.ts';
import { redisMissing, RedisServer } from '../../test/support/redis-server.ts';

const BURST = 10_000;
const ROUNDS = 5;
const ONE_BY_ONE = 2000;

interface Row {
  readonly kind: string;
  readonly case: string;
  /** Of the whole burst, until its last answer; the median of the rounds. */
  readonly 'ms a burst': number;
  readonly 'us a question': number;
  /** Of this process alone: what the main thread has less for others. */
  readonly 'us of own CPU': number;
  readonly 'us of Redis’s CPU': number;
}

type Question = (live: LiveState, id: string) => Promise<unknown>;

const QUESTIONS: Readonly<Record<string, Question>> = {
  'account and app taken': (live, id) => take(live, id, BURST * ONE_BY_ONE),
  'account free, app full': (live, id) => take(live, id, 0),
  'old session replaced': (live, id) =>
    live.takeSlots({
      sessionId: randomUUID(),
      scopes: [{ key: `device:${id}`, max: 1, onFull: 'replace' }],
    }),
  'nonce used up': (live, id) => live.useNonce(randomUUID() + id, 'device', Date.now() + SIGNATURE_WINDOW_MS),
  'login counted': (live, id) => live.countLogin(`app:${id.length}`, 1_000_000_000),
};

function take(live: LiveState, id: string, appMax: number): Promise<unknown> {
  return live.takeSlots({
    sessionId: randomUUID(),
    scopes: [
      { key: `account:${id}:${randomUUID()}`, max: 1, onFull: 'refuse' },
      { key: `app:${appMax}`, max: appMax, onFull: 'refuse' },
    ],
  });
}

const median = (figures: readonly number[]): number =>
  figures.toSorted((a, b) => a - b)[Math.floor(figures.length / 2)] ?? NaN;
const rounded = (figure: number): number => Number(figure.toFixed(2));

/** Microseconds of CPU that Redis has used; 0 where there is none. */
type RedisCpu = () => Promise<number>;

const INFO: RedisScript = { lua: "return redis.call('INFO', 'cpu')", sha: '' };

async function redisCpuUs(redis: RedisConnection): Promise<number> {
  const info = String(await redis.eval(INFO, [], []));
  const [user = 0, system = 0] = ['user', 'sys'].map((part) =>
    Number(new RegExp(`used_cpu_${part}:([\\d.]+)`).exec(info)?.[1]),
  );
  return (user + system) * 1e6;
}

async function measure(live: LiveState, redisCpu: RedisCpu): Promise<Row[]> {
  const rows: Row[] = [];
  for (const [name, ask] of Object.entries(QUESTIONS)) {
    const tookMs: number[] = [];
    const cpuUs: number[] = [];
    let redisFrom = 0;
    for (let round = 0; round <= ROUNDS; round++) {
      if (round === 1) redisFrom = await redisCpu();
      const from = performance.now();
      const cpu = process.cpuUsage();
      const answers = await Promise.all(
        Array.from({ length: BURST }, (_, index) => ask(live, String(index))),
      );
      if (answers.some(isOutage)) throw new Error(`${live.kind}: ${name}: outage`);
      const used = process.cpuUsage(cpu);
      // The first round warms up.
      if (round === 0) continue;
      tookMs.push(performance.now() - from);
      cpuUs.push(used.user + used.system);
    }
    rows.push({
      kind: live.kind,
      case: `${name}, ${BURST} at once`,
      'ms a burst': rounded(median(tookMs)),
      'us a question': rounded((median(tookMs) * 1000) / BURST),
      'us of own CPU': rounded(median(cpuUs) / BURST),
      'us of Redis’s CPU': rounded(((await redisCpu()) - redisFrom) / (BURST * ROUNDS)),
    });
  }
  const from = performance.now();
  for (let n = 0; n < ONE_BY_ONE; n++) await take(live, `one:${n}`, BURST * ONE_BY_ONE);
  const tookMs = performance.now() - from;
  rows.push({
    kind: live.kind,
    case: 'account and app taken, one by one',
    'ms a burst': NaN,
    'us a question': rounded((tookMs * 1000) / ONE_BY_ONE),
    'us of own CPU': NaN,
    'us of Redis’s CPU': NaN,
  });
  return rows;
}

function isOutage(answer: unknown): boolean {
  if (typeof answer !== 'object' || answer === null) return answer === 'outage';
  return 'reason' in answer && answer.reason === 'outage';
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Milliseconds in which a node that holds so many sessions is known to an empty Redis again. */
async function measureReport(server: RedisServer, sessions: number): Promise<number> {
  const redis = new RedisConnection(server.url, { scripts: LIVE_SCRIPTS });
  const live = new RedisLiveState(redis, `node-${randomUUID()}`);
  await live.ready;
  await Promise.all(Array.from({ length: sessions }, (_, index) => take(live, String(index), sessions)));
  await server.kill();
  while (redis.isUp) await turn();
  await server.restart();
  while (!redis.isUp) await turn();
  const from = performance.now();
  let verdict: unknown = 'outage';
  while (isOutage(verdict)) {
    await turn();
    verdict = await live.takeSlots({ sessionId: randomUUID(), scopes: [] });
  }
  const tookMs = performance.now() - from;
  redis.close();
  return tookMs;
}

const rows = await measure(new MemoryLiveState(), () => Promise.resolve(0));
if (redisMissing === undefined) {
  const server = await RedisServer.start();
  const redis = new RedisConnection(server.url, { scripts: LIVE_SCRIPTS });
  const live = new RedisLiveState(redis, 'bench');
  await live.ready;
  rows.push(...(await measure(live, () => redisCpuUs(redis))));
  redis.close();
  console.table(rows);
  const reportMs = await measureReport(server, BURST);
  console.log(`report of ${BURST} sessions to an empty Redis: ${reportMs.toFixed(0)} ms`);
  await server.stop();
} else {
  console.table(rows);
  console.log(`Redis was not measured: ${redisMissing}`);
}
