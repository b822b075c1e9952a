// Tests the pool of stream workers with workers and a clock of the test's own: how long it waits before it starts one
// again, who is connected to whom, and how it stops.

import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  WORKER_RESTART_BACKOFF_MAX_MS,
  WORKER_RESTART_BACKOFF_MIN_MS,
  WORKER_RESTART_BACKOFF_RESET_MS,
  WORKER_STUCK_MS,
  WORKER_END_MS,
  WORKER_LAST_WORD_MS,
  WORKER_WATCH_PERIOD_MS,
} from '../../../config/limits.ts';
import { type FromWorker } from '../../../workers/messages.ts';
import { StreamWorkerPool, type WorkerSettings } from '../../../workers/pool.ts';
import { type FakeWorker, made } from './fake-worker.ts';

vi.mock('node:worker_threads', async (original) => ({
  ...(await original<object>()),
  Worker: (await import('./fake-worker.ts')).FakeWorker,
}));

const LISTENING: FromWorker = { type: 'listening', nativeSend: 'koffi' };
// The pool hands the settings on without looking at them.
const SETTINGS = { nativeSend: true } as WorkerSettings;

beforeEach(() => {
  vi.useFakeTimers();
  made.length = 0;
});
afterEach(() => vi.useRealTimers());

interface Pooled {
  readonly pool: StreamWorkerPool;
  readonly lost: { worker: number; detail: string; restartMs: number }[];
  readonly heard: { worker: number; message: FromWorker }[];
  readonly stuck: { worker: number; stuckMs: number }[];
  readonly unstoppable: number[];
}

function newPool(count: number, settings = (): WorkerSettings => SETTINGS): Pooled {
  const told: Omit<Pooled, 'pool'> = { lost: [], heard: [], stuck: [], unstoppable: [] };
  const pool = new StreamWorkerPool(count, settings, {
    onMessage: (worker, message) => told.heard.push({ worker, message }),
    onLost: (worker, detail, restartMs) => told.lost.push({ worker, detail, restartMs }),
    onStuck: (worker, stuckMs) => told.stuck.push({ worker, stuckMs }),
    onUnstoppable: (worker) => told.unstoppable.push(worker),
  });
  return { pool, ...told };
}

async function runningPool(count: number): Promise<Pooled> {
  const pooled = newPool(count);
  const started = pooled.pool.start();
  for (const worker of made) worker.say(LISTENING);
  await started;
  return pooled;
}

/** The newest thread that was made for this place. */
const newest = (worker: number): FakeWorker => made.findLast(({ start }) => start.worker === worker)!;

describe('the start', () => {
  test('is over when every worker listens', async () => {
    const { pool } = newPool(2);
    const started = pool.start();
    let isOver = false;
    void started.then(() => (isOver = true));
    made[0]!.say(LISTENING);
    await vi.advanceTimersByTimeAsync(0);
    expect(isOver).toBe(false);
    made[1]!.say(LISTENING);
    expect(await started).toEqual({ ok: true, nativeSend: 'koffi' });
  });

  test('fails with what the first worker says that cannot listen, and ends the others', async () => {
    const { pool, lost } = newPool(2);
    const started = pool.start();
    made[0]!.say(LISTENING);
    made[1]!.say({ type: 'listenFailed', code: 'EADDRINUSE', port: 2101, detail: 'in use' });
    expect(await started).toEqual({ ok: false, code: 'EADDRINUSE', port: 2101, detail: 'in use' });
    expect([pool.running, lost]).toEqual([0, []]);
  });

  test('fails where a worker ends before it listens', async () => {
    const { pool } = newPool(1);
    const started = pool.start();
    made[0]!.die(new Error('no such module'));
    expect(await started).toMatchObject({ ok: false, code: 'worker_ended' });
  });

  test('gives each worker its number and counters of its own', async () => {
    const { pool } = await runningPool(3);
    const starts = made.map(({ start }) => start);
    expect(starts.map(({ worker, workerCount }) => [worker, workerCount])).toEqual([
      [0, 3],
      [1, 3],
      [2, 3],
    ]);
    for (const [n, { counters }] of starts.entries()) new Float64Array(counters)[0] = n + 1;
    expect(pool.counters.map(({ values }) => values[0])).toEqual([1, 2, 3]);
  });

  test('connects every worker with every other by one channel', async () => {
    await runningPool(3);
    const ends = made.flatMap(({ posted, start }) =>
      posted.flatMap((message) =>
        message.type === 'peer' ? [{ from: start.worker, to: message.worker, port: message.port }] : [],
      ),
    );
    const newestEnds = new Map(ends.map((end) => [`${end.from} ${end.to}`, end.port]));
    expect([...newestEnds.keys()].toSorted()).toEqual(['0 1', '0 2', '1 0', '1 2', '2 0', '2 1']);
    for (const port of newestEnds.values()) port.close();
  });

  test('tells that a worker listens, as its event is in the log’s list', async () => {
    const { heard } = await runningPool(1);
    expect(heard.map(({ message }) => message.type)).toEqual(['listening']);
  });

  test('starts a worker again that ends while others are still starting', async () => {
    const { pool, lost } = newPool(2);
    const started = pool.start();
    made[0]!.say(LISTENING);
    made[0]!.die();
    made[1]!.say(LISTENING);
    await started;
    await vi.advanceTimersByTimeAsync(WORKER_RESTART_BACKOFF_MAX_MS);
    newest(0).say(LISTENING);
    expect([pool.running, lost.length]).toEqual([2, 1]);
  });
});

describe('a worker that ends', () => {
  test('is started again, at first soon, then later and later up to the longest wait', async () => {
    const { lost } = await runningPool(1);
    for (let n = 0; n < 10; n++) {
      newest(0).die();
      await vi.advanceTimersByTimeAsync(WORKER_RESTART_BACKOFF_MAX_MS);
    }
    const waits = lost.map(({ restartMs }) => restartMs);
    const doubled = waits.map((_wait, n) =>
      Math.min(WORKER_RESTART_BACKOFF_MIN_MS * 2 ** n, WORKER_RESTART_BACKOFF_MAX_MS),
    );
    expect(waits).toEqual(doubled);
    expect(made).toHaveLength(11);
  });

  test('is not started before the wait is over, and not twice', async () => {
    await runningPool(1);
    newest(0).die();
    await vi.advanceTimersByTimeAsync(WORKER_RESTART_BACKOFF_MIN_MS - 1);
    expect(made).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(made).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(100 * WORKER_RESTART_BACKOFF_MAX_MS);
    expect(made).toHaveLength(2);
  });

  test('is waited for as the first time again after it has lived for long', async () => {
    const { lost } = await runningPool(1);
    for (let n = 0; n < 3; n++) {
      newest(0).die();
      await vi.advanceTimersByTimeAsync(WORKER_RESTART_BACKOFF_MAX_MS);
    }
    await vi.advanceTimersByTimeAsync(WORKER_RESTART_BACKOFF_RESET_MS);
    newest(0).die();
    expect(lost.at(-1)?.restartMs).toBe(WORKER_RESTART_BACKOFF_MIN_MS);
    await vi.advanceTimersByTimeAsync(WORKER_RESTART_BACKOFF_MIN_MS);
    newest(0).die();
    expect(lost.at(-1)?.restartMs).toBe(2 * WORKER_RESTART_BACKOFF_MIN_MS);
  });

  test('makes no other worker wait', async () => {
    const { lost } = await runningPool(2);
    for (let n = 0; n < 4; n++) {
      newest(0).die();
      await vi.advanceTimersByTimeAsync(WORKER_RESTART_BACKOFF_MAX_MS);
    }
    newest(1).die();
    expect(lost.at(-1)).toMatchObject({ worker: 1, restartMs: WORKER_RESTART_BACKOFF_MIN_MS });
  });

  test('says what it died of', async () => {
    const { lost } = await runningPool(1);
    newest(0).die(new Error('out of memory'));
    expect(lost[0]!.detail).toContain('out of memory');
  });

  test('begins again with the settings then in force', async () => {
    let nativeSend = true;
    const { pool } = newPool(1, () => ({ ...SETTINGS, nativeSend }));
    const started = pool.start();
    made[0]!.say(LISTENING);
    await started;
    nativeSend = false;
    newest(0).die();
    await vi.advanceTimersByTimeAsync(WORKER_RESTART_BACKOFF_MIN_MS);
    expect(newest(0).start.nativeSend).toBe(false);
  });

  test('keeps what it has counted, but not what it had open', async () => {
    const { pool } = await runningPool(1);
    pool.counters[0]!.add('epochsDelivered', 5);
    pool.counters[0]!.set('rovers', 7);
    newest(0).die();
    expect([pool.counters[0]!.read('epochsDelivered'), pool.counters[0]!.read('rovers')]).toEqual([5, 0]);
    expect([pool.running, pool.restarts]).toEqual([0, 1]);
  });

  test('is connected anew to those that run, before it listens', async () => {
    await runningPool(2);
    newest(0).die();
    newest(1).posted.length = 0;
    await vi.advanceTimersByTimeAsync(WORKER_RESTART_BACKOFF_MIN_MS);
    expect(newest(1).posted.map(({ type }) => type)).toEqual(['peer']);
    expect(newest(0).posted.map(({ type }) => type)).toEqual(['peer']);
  });

  test('is tried again where it cannot listen any more', async () => {
    const { lost } = await runningPool(1);
    newest(0).die();
    await vi.advanceTimersByTimeAsync(WORKER_RESTART_BACKOFF_MIN_MS);
    newest(0).say({ type: 'listenFailed', code: 'EADDRINUSE', port: 2101, detail: 'in use' });
    expect(lost.at(-1)).toMatchObject({ detail: 'in use', restartMs: 2 * WORKER_RESTART_BACKOFF_MIN_MS });
  });

  test('is sent nothing while it is gone, and the others are', async () => {
    const { pool } = await runningPool(2);
    newest(0).die();
    const before = newest(1).posted.length;
    pool.post(0, { type: 'drain' });
    pool.broadcast({ type: 'drain' });
    expect(newest(1).posted).toHaveLength(before + 1);
  });
});

describe('a worker that hangs', () => {
  test('is told of, ended and started again', async () => {
    const { stuck, lost } = await runningPool(2);
    await vi.advanceTimersByTimeAsync(10 * WORKER_STUCK_MS);
    expect(stuck).toEqual([]);
    newest(0).hang();
    await vi.advanceTimersByTimeAsync(WORKER_STUCK_MS + 2 * WORKER_WATCH_PERIOD_MS);
    expect(stuck).toMatchObject([{ worker: 0 }]);
    expect(stuck[0]!.stuckMs).toBeGreaterThanOrEqual(WORKER_STUCK_MS);
    expect(lost).toMatchObject([{ worker: 0 }]);
    expect(made).toHaveLength(3);
  });

  test('that cannot be ended is told of as well', async () => {
    const { unstoppable } = await runningPool(1);
    newest(0).obeys = false;
    newest(0).hang();
    await vi.advanceTimersByTimeAsync(WORKER_STUCK_MS + 2 * WORKER_WATCH_PERIOD_MS);
    expect(unstoppable).toEqual([]);
    await vi.advanceTimersByTimeAsync(WORKER_END_MS);
    expect(unstoppable).toEqual([0]);
  });

  test('does not keep the stop waiting for ever', async () => {
    const { pool } = await runningPool(1);
    newest(0).obeys = false;
    newest(0).hang();
    let isOver = false;
    void pool.drain(5000).then(() => (isOver = true));
    await vi.advanceTimersByTimeAsync(5000 + WORKER_LAST_WORD_MS + WORKER_END_MS);
    expect(isOver).toBe(true);
  });
});

describe('the stop', () => {
  test('tells every worker to drain and is over when all have ended', async () => {
    const { pool, lost } = await runningPool(2);
    let isOver = false;
    const drained = pool.drain(5000).then(() => (isOver = true));
    expect(made.map(({ posted }) => posted.at(-1)?.type)).toEqual(['drain', 'drain']);
    newest(0).emit('exit', 0);
    await vi.advanceTimersByTimeAsync(0);
    expect(isOver).toBe(false);
    newest(1).emit('exit', 0);
    await drained;
    expect(lost).toEqual([]);
  });

  test('ends what has not ended in time', async () => {
    const { pool } = await runningPool(1);
    const drained = pool.drain(5000);
    await vi.advanceTimersByTimeAsync(4999 + WORKER_LAST_WORD_MS);
    expect(pool.running).toBe(1);
    await vi.advanceTimersByTimeAsync(1);
    await drained;
    expect(pool.running).toBe(0);
  });

  test('starts nothing again that was about to be', async () => {
    const { pool } = await runningPool(1);
    newest(0).die();
    await pool.drain(5000);
    await vi.advanceTimersByTimeAsync(WORKER_RESTART_BACKOFF_MAX_MS);
    expect(made).toHaveLength(1);
  });
});
