// One suite for every kind of queue: in the store on either database, and in a real Redis.

import { afterAll, afterEach, describe, expect, test, type TestContext } from 'vitest';
import type { QueueEntry } from '../../../platform/bus/queue.ts';
import { RedisServer } from '../../support/redis-server.ts';
import { useStores } from '../../support/use-stores.ts';
import {
  openQueue,
  type OpenedQueue,
  placeOf,
  QUEUE_KINDS,
  type QueuePlace,
  startConsuming,
  TIMES,
} from './queue-under-test.ts';

const stores = useStores();
let redis: Promise<RedisServer> | undefined;
const opened: OpenedQueue[] = [];
let topics = 0;

afterEach(async () => {
  for (const queue of opened.splice(0)) await queue.close();
});
afterAll(async () => (await redis)?.stop());

function entries(count: number): QueueEntry[] {
  return Array.from({ length: count }, (_, index) => ({ id: `id-${index}`, body: `body ${index} "ü"` }));
}

/** Collects what comes; resolves when `count` have. */
function collecting(count: number): {
  readonly bodies: string[];
  readonly all: Promise<void>;
  readonly take: (entry: QueueEntry) => Promise<void>;
} {
  const bodies: string[] = [];
  const { promise, resolve } = Promise.withResolvers<undefined>();
  return {
    bodies,
    all: promise.then(() => undefined),
    take: ({ body }) => {
      bodies.push(body);
      if (bodies.length >= count) resolve(undefined);
      return Promise.resolve();
    },
  };
}

describe.each(QUEUE_KINDS)('the queue in %s', (kind) => {
  async function placed(context: TestContext): Promise<{ place: QueuePlace; topic: string }> {
    const place = await placeOf(kind, context, stores, () => (redis ??= RedisServer.start()));
    return { place, topic: `topic-${++topics}` };
  }

  async function open(place: QueuePlace): Promise<OpenedQueue> {
    const queue = await openQueue(place);
    opened.push(queue);
    return queue;
  }

  test('hands on what was appended before and after somebody came to consume, each once', async (context) => {
    const { place, topic } = await placed(context);
    const { queue } = await open(place);
    await queue.append(topic, entries(30));
    const collected = collecting(60);
    const consumer = queue.consume(topic, collected.take);
    await queue.append(
      topic,
      entries(30).map(({ id, body }) => ({ id: `later-${id}`, body: `later ${body}` })),
    );
    await collected.all;
    await consumer.stop();
    expect(collected.bodies).toHaveLength(60);
    expect(new Set(collected.bodies).size).toBe(60);
    expect(collected.bodies).toContain('later body 29 "ü"');
  });

  test('keeps topics apart', async (context) => {
    const { place, topic } = await placed(context);
    const { queue } = await open(place);
    const [mine, others] = [collecting(1), collecting(1)];
    const consumers = [queue.consume(topic, mine.take), queue.consume(`${topic}-other`, others.take)];
    await queue.append(topic, [{ id: 'a', body: 'mine' }]);
    await queue.append(`${topic}-other`, [{ id: 'a', body: 'other' }]);
    await Promise.all([mine.all, others.all]);
    for (const consumer of consumers) await consumer.stop();
    expect([mine.bodies, others.bodies]).toEqual([['mine'], ['other']]);
  });

  test('has an entry once while it waits, however often it is appended, and again after it is done', async (context) => {
    const { place, topic } = await placed(context);
    const { queue } = await open(place);
    for (let times = 0; times < 3; times++) await queue.append(topic, entries(1));
    const marked = collecting(2);
    const consumer = queue.consume(topic, marked.take);
    await queue.append(topic, [{ id: 'mark', body: 'mark' }]);
    await marked.all;
    expect(marked.bodies.toSorted()).toEqual(['body 0 "ü"', 'mark']);
    await consumer.stop();
    const again = collecting(1);
    await queue.append(topic, entries(1));
    const second = queue.consume(topic, again.take);
    await again.all;
    await second.stop();
    expect(again.bodies).toEqual(['body 0 "ü"']);
  });

  test('tries again what failed', async (context) => {
    const { place, topic } = await placed(context);
    const { queue, dead } = await open(place);
    let tries = 0;
    const done = Promise.withResolvers<undefined>();
    const consumer = queue.consume(topic, () => {
      tries++;
      if (tries < 3) return Promise.reject(new Error('not yet'));
      done.resolve(undefined);
      return Promise.resolve();
    });
    await queue.append(topic, entries(1));
    await done.promise;
    await consumer.stop();
    expect([tries, dead]).toEqual([3, []]);
  });

  test('gives up after so many tries, says why, and goes on with the others', async (context) => {
    const { place, topic } = await placed(context);
    const { queue, dead, firstDead } = await open(place);
    const others = collecting(3);
    let tries = 0;
    const consumer = queue.consume(topic, (entry) => {
      if (entry.id !== 'bad') return others.take(entry);
      tries++;
      return Promise.reject(new Error('never'));
    });
    await queue.append(topic, [{ id: 'bad', body: 'bad' }, ...entries(3)]);
    await Promise.all([others.all, firstDead]);
    await consumer.stop();
    expect(tries).toBe(TIMES.triesMax);
    expect(dead).toEqual([
      { topic, entry: { id: 'bad', body: 'bad' }, tries: TIMES.triesMax, problem: 'never' },
    ]);
  });

  test('leaves an entry to who works on it, also for longer than a lease', async (context) => {
    const { place, topic } = await placed(context);
    const [first, second] = [await open(place), await open(place)];
    const taken = Promise.withResolvers<undefined>();
    const release = Promise.withResolvers<undefined>();
    let handled = 0;
    const handler = async (): Promise<void> => {
      handled++;
      taken.resolve(undefined);
      await release.promise;
    };
    const consumers = [first.queue.consume(topic, handler), second.queue.consume(topic, handler)];
    await first.queue.append(topic, entries(1));
    await taken.promise;
    // Time itself is what is tested: nobody may come for it when its lease would be over.
    await new Promise((resolve) => setTimeout(resolve, 3 * TIMES.leaseMs));
    release.resolve(undefined);
    for (const consumer of consumers) await consumer.stop();
    expect(handled).toBe(1);
  });

  test('gives what a killed process had in hand to another', async (context) => {
    const { place, topic } = await placed(context);
    const { queue } = await open(place);
    const killed = startConsuming(place, topic);
    await queue.append(topic, [{ id: 'a', body: 'precious' }]);
    expect(await killed.first).toBe('precious');
    await killed.kill();
    const collected = collecting(1);
    const consumer = queue.consume(topic, collected.take);
    await collected.all;
    await consumer.stop();
    expect(collected.bodies).toEqual(['precious']);
  });

  test('shares the entries among processes: each is handled by one', async (context) => {
    const { place, topic } = await placed(context);
    const [first, second] = [await open(place), await open(place)];
    const collected = collecting(400);
    const consumers = [
      first.queue.consume(topic, collected.take),
      second.queue.consume(topic, collected.take),
    ];
    for (let part = 0; part < 4; part++)
      await first.queue.append(topic, entries(400).slice(100 * part, 100 * part + 100));
    await collected.all;
    for (const consumer of consumers) await consumer.stop();
    expect(new Set(collected.bodies).size).toBe(400);
    expect(collected.bodies).toHaveLength(400);
  });
});
