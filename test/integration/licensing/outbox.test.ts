// From a commit to a handler: at once, in order, by one process at a time, and over a Redis that loses everything.

import { afterAll, afterEach, describe, expect, test, type TestContext, vi } from 'vitest';
import { deadLetterPorts, retryDeadLetter } from '../../../licensing/entitlements/dead-letters.ts';
import { addToOutbox } from '../../../licensing/entitlements/outbox-rows.ts';
import { Outbox, type OutboxParts } from '../../../licensing/entitlements/outbox.ts';
import { QueueCounts } from '../../../licensing/entitlements/queue-counts.ts';
import type { QueueConsumer, QueueEntry, WorkQueue } from '../../../platform/bus/queue.ts';
import { RedisConnection } from '../../../platform/bus/redis-connection.ts';
import { QUEUE_SCRIPTS, RedisQueue } from '../../../platform/bus/redis-queue.ts';
import { StoreQueue } from '../../../platform/bus/store-queue.ts';
import { Journal } from '../../../platform/observe/journal.ts';
import type { Store } from '../../../platform/store/store.ts';
import { redisMissing, RedisServer } from '../../support/redis-server.ts';
import { DIALECTS, useStores } from '../../support/use-stores.ts';
import { memoryLog } from '../../unit/platform/observe/memory-log.ts';

const TIMES = { leaseMs: 600, backoffMs: 5, triesMax: 3 };

const stores = useStores();
let redis: Promise<RedisServer> | undefined;
const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});
afterAll(async () => (await redis)?.stop());

function outboxOn(store: Store, queue: WorkQueue, parts: Partial<OutboxParts> = {}): Outbox {
  const journal = new Journal(memoryLog().log);
  const outbox = new Outbox({ store, queue, journal, node: `node-${closing.length}`, ...parts });
  outbox.start();
  closing.push(() => outbox.stop());
  return outbox;
}

function storeQueue(store: Store, journal = new Journal(memoryLog().log)): StoreQueue {
  return new StoreQueue(store, deadLetterPorts(store, journal), TIMES);
}

function listen(outbox: Outbox, topic: string, count: number, fail?: (entry: QueueEntry) => boolean) {
  const bodies: unknown[] = [];
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const consumer: QueueConsumer = outbox.consume(topic, (entry) => {
    if (fail?.(entry) === true) return Promise.reject(new Error('not now'));
    bodies.push(JSON.parse(entry.body));
    if (bodies.length >= count) resolve(undefined);
    return Promise.resolve();
  });
  closing.push(() => consumer.stop());
  return { bodies, all: promise, consumer };
}

async function add(store: Store, ...numbers: readonly number[]): Promise<void> {
  await store.write(async (tx) => {
    for (const number of numbers) await addToOutbox(tx, ['t'], { number }, 1);
  });
}

async function left(store: Store): Promise<number> {
  return (await store.db.selectFrom('outbox').select('seq').execute()).length;
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 5));
}

describe.each(DIALECTS)('the outbox on %s', (dialect) => {
  test('brings what was committed to who listens, and is empty behind it', async (context) => {
    const store = await stores.open(dialect, context);
    const outbox = outboxOn(store, storeQueue(store));
    const heard = listen(outbox, 't', 3);
    await add(store, 1, 2);
    await add(store, 3);
    outbox.wake();
    await heard.all;
    expect(heard.bodies.toSorted()).toEqual([{ number: 1 }, { number: 2 }, { number: 3 }]);
    await until(async () => (await left(store)) === 0);
  });

  test('finds by itself what nobody told it of', async (context) => {
    const store = await stores.open(dialect, context);
    const outbox = outboxOn(store, storeQueue(store));
    const heard = listen(outbox, 't', 1);
    await add(store, 1);
    await heard.all;
    expect(heard.bodies).toEqual([{ number: 1 }]);
  });

  test('appends in its order, each once, also where three processes publish', async (context) => {
    const store = await stores.open(dialect, context);
    const order: number[] = [];
    const recording: WorkQueue = {
      append: async (_topic, entries) => {
        // Others have the time to step in.
        await new Promise((resolve) => setImmediate(resolve));
        for (const { body } of entries) order.push((JSON.parse(body) as { number: number }).number);
      },
      consume: () => ({ stop: () => Promise.resolve() }),
    };
    const outboxes = [0, 1, 2].map(() => outboxOn(store, recording));
    for (let from = 0; from < 60; from += 2) {
      await add(store, from, from + 1);
      for (const outbox of outboxes) outbox.wake();
    }
    await until(() => Promise.resolve(order.length >= 60));
    expect(order).toEqual(Array.from({ length: 60 }, (_, number) => number));
  });

  test('is taken over where who published is gone', async (context) => {
    const store = await stores.open(dialect, context);
    const hanging: WorkQueue = {
      append: () => new Promise(() => undefined),
      consume: () => ({ stop: () => Promise.resolve() }),
    };
    // It never gets done, as a process that was stopped: it holds the right to publish.
    const gone = new Outbox({
      ...{ store, queue: hanging, journal: new Journal(memoryLog().log), node: 'gone' },
      leaseMs: 300,
    });
    await add(store, 1);
    gone.wake();
    await until(async () => (await store.db.selectFrom('work_leases').selectAll().execute()).length > 0);
    const outbox = outboxOn(store, storeQueue(store), { leaseMs: 300 });
    const heard = listen(outbox, 't', 1);
    await heard.all;
    expect(heard.bodies).toEqual([{ number: 1 }]);
    const lease = await store.db.selectFrom('work_leases').selectAll().executeTakeFirstOrThrow();
    expect(lease).toMatchObject({ token: 2 });
  });

  test('counts for the metrics what waits and what was given up', async (context) => {
    const store = await stores.open(dialect, context);
    const counts = new QueueCounts();
    await add(store, 1, 2, 3);
    const { onDead } = deadLetterPorts(store, new Journal(memoryLog().log));
    for (const id of ['obx_a', 'obx_b'])
      await onDead({ topic: 't', entry: { id, body: '{}' }, tries: 3, problem: 'x' });
    outboxOn(store, storeQueue(store), { counts });
    await vi.waitFor(() => expect([counts.waiting, counts.deadLetters]).toEqual([3, 2]));
  });

  test('keeps what nobody could do as a dead letter, which can be tried again', async (context) => {
    const store = await stores.open(dialect, context);
    const { log } = memoryLog();
    const outbox = outboxOn(store, storeQueue(store, new Journal(log)));
    let isBroken = true;
    const heard = listen(outbox, 't', 1, () => isBroken);
    await add(store, 1);
    outbox.wake();
    const letters = () => store.db.selectFrom('dead_letters').selectAll().execute();
    await until(async () => (await letters()).length === 1);
    const [letter] = await letters();
    expect(letter).toMatchObject({ topic: 't', body: '{"number":1}', tries: 3, problem: 'not now' });
    expect(await left(store)).toBe(0);
    isBroken = false;
    await store.write((tx) => retryDeadLetter(tx, letter!.id, 2));
    outbox.wake();
    await heard.all;
    expect([heard.bodies, await letters()]).toEqual([[{ number: 1 }], []]);
  });
});

describe('the outbox over Redis', () => {
  async function open(
    context: TestContext,
  ): Promise<{ server: RedisServer; store: Store; outbox: Outbox; connection: RedisConnection }> {
    context.skip(redisMissing !== undefined, redisMissing);
    const server = await (redis ??= RedisServer.start());
    const store = await stores.open('sqlite', context);
    const connection = new RedisConnection(server.url, { scripts: QUEUE_SCRIPTS });
    closing.push(() => {
      connection.close();
      return Promise.resolve();
    });
    const journal = new Journal(memoryLog().log);
    const queue = new RedisQueue(connection, deadLetterPorts(store, journal), TIMES);
    const outbox = outboxOn(store, queue);
    connection.onUp(() => void outbox.republish().catch(() => undefined));
    return { server, store, outbox, connection };
  }

  test('brings everything through where Redis dies with what it had, and comes back empty', async (context) => {
    const { server, store, outbox, connection } = await open(context);
    await new Promise<void>((resolve) => connection.onUp(resolve));
    await add(store, 1, 2, 3);
    outbox.wake();
    await until(async () => {
      const rows = await store.db.selectFrom('outbox').select('published_at').execute();
      return rows.every(({ published_at }) => published_at !== null);
    });
    // Nobody has come for them yet.
    await server.kill();
    await add(store, 4);
    outbox.wake();
    await server.restart();
    const heard = listen(outbox, 't', 4);
    await heard.all;
    const numbers = heard.bodies.map((body) => (body as { number: number }).number);
    expect(numbers.toSorted()).toEqual([1, 2, 3, 4]);
    await until(async () => (await left(store)) === 0);
  });
});
