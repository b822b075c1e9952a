// The queue of several nodes: a stream of Redis for each topic, with one consumer group. What Redis loses, whoever
// appended it has to append again (licensing/entitlements/outbox.ts does): it is a way, not the truth.

import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { QUEUE_CONSUMER_FORGOTTEN_MS } from '../../config/limits.ts';
import {
  Consumer,
  type ConsumerPorts,
  type ConsumerTimes,
  type QueueBackend,
  type TakenEntry,
  type Taking,
} from './queue-consumer.ts';
import type { QueueConsumer, QueueEntry, WorkQueue } from './queue.ts';
import type { RedisConnection } from './redis-connection.ts';
import { readScript } from './redis-script.ts';

const folder = path.join(import.meta.dirname, 'lua');
const APPEND = readScript(folder, 'queue.lua', 'queue-append.lua');
const TAKE = readScript(folder, 'queue.lua', 'queue-take.lua');
const HOLD = readScript(folder, 'queue.lua', 'queue-hold.lua');
const DONE = readScript(folder, 'queue.lua', 'queue-done.lua');
const LATER = readScript(folder, 'queue.lua', 'queue-later.lua');
const LEAVE = readScript(folder, 'queue.lua', 'queue-leave.lua');

export const QUEUE_SCRIPTS = [APPEND, TAKE, HOLD, DONE, LATER, LEAVE] as const;

export class RedisQueue implements WorkQueue, QueueBackend {
  readonly #redis: RedisConnection;
  readonly #ports: ConsumerPorts;
  readonly #times: ConsumerTimes;
  readonly #consumers = new Map<string, Consumer>();

  constructor(redis: RedisConnection, ports: ConsumerPorts, times: ConsumerTimes = {}) {
    this.#redis = redis;
    this.#ports = ports;
    this.#times = times;
    redis.onUp(() => {
      for (const consumer of this.#consumers.values()) consumer.wake();
    });
  }

  async append(topic: string, entries: readonly QueueEntry[]): Promise<void> {
    const words = entries.flatMap(({ id, body }) => [id, body]);
    await this.#redis.eval(APPEND, keysOf(topic), [channelOf(topic), ...words]);
    // Its subscription may not be there yet.
    this.#consumers.get(topic)?.wake();
  }

  consume(topic: string, handler: (entry: QueueEntry) => Promise<void>): QueueConsumer {
    if (this.#consumers.has(topic)) throw new Error(`${topic} has a consumer in this process`);
    const taker = randomUUID();
    const consumer = new Consumer(this, { topic, taker }, handler, {
      ports: this.#ports,
      times: this.#times,
    });
    this.#consumers.set(topic, consumer);
    void this.#redis.subscribe(channelOf(topic), () => this.#consumers.get(topic)?.wake());
    return {
      stop: async () => {
        this.#consumers.delete(topic);
        await consumer.stop();
        const words = [taker, String(QUEUE_CONSUMER_FORGOTTEN_MS)];
        await this.#redis.eval(LEAVE, keysOf(topic), words).catch(() => undefined);
      },
    };
  }

  async take(
    { topic, taker, leaseMs }: Taking,
    count: number,
  ): Promise<{ readonly entries: readonly TakenEntry[]; readonly nextInMs: number | undefined }> {
    const reply = await this.#redis.eval(TAKE, keysOf(topic), [taker, String(count), String(leaseMs)]);
    const [taken, nextInMs] = reply as [[place: string, id: string, body: string, tries: number][], number];
    return {
      entries: taken.map(([place, id, body, tries]) => ({ place, id, body, tries })),
      nextInMs: nextInMs < 0 ? undefined : nextInMs,
    };
  }

  async hold({ topic, taker }: Taking, entries: readonly TakenEntry[]): Promise<void> {
    await this.#redis.eval(HOLD, keysOf(topic), [taker, ...entries.map(({ place }) => place)]);
  }

  async done({ topic }: Taking, { place, id }: TakenEntry): Promise<void> {
    await this.#redis.eval(DONE, keysOf(topic), [place, id]);
  }

  async later({ topic, taker }: Taking, entry: TakenEntry, inMs: number): Promise<void> {
    const { place, id, body, tries } = entry;
    await this.#redis.eval(LATER, keysOf(topic), [taker, place, id, body, String(tries), String(inMs)]);
  }
}

const keysOf = (topic: string): string[] =>
  ['stream', 'ids', 'later'].map((name) => `rovercast:{queue:${topic}}:${name}`);

const channelOf = (topic: string): string => `rovercast:queue:${topic}`;
