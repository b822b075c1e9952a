// Each kind of queue at a place of its own, and a process that consumes from the same place and can be killed.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { TestContext } from 'vitest';
import type { DeadLetter } from '../../../platform/bus/queue-consumer.ts';
import type { WorkQueue } from '../../../platform/bus/queue.ts';
import { RedisConnection } from '../../../platform/bus/redis-connection.ts';
import { QUEUE_SCRIPTS, RedisQueue } from '../../../platform/bus/redis-queue.ts';
import { StoreQueue } from '../../../platform/bus/store-queue.ts';
import { openStore, type StoreOptions } from '../../../platform/store/store.ts';
import { redisMissing, type RedisServer } from '../../support/redis-server.ts';
import type { StoresUnderTest } from '../../support/use-stores.ts';

export const QUEUE_KINDS = ['sqlite', 'postgres', 'redis'] as const;
export type QueueKind = (typeof QUEUE_KINDS)[number];

export const TIMES = { leaseMs: 600, backoffMs: 5, triesMax: 4 };

/** Where a queue is: a URL of Redis, or a store. */
export type QueuePlace = { readonly redis: string } | { readonly store: StoreOptions };

export interface OpenedQueue {
  readonly queue: WorkQueue;
  readonly dead: readonly DeadLetter[];
  readonly firstDead: Promise<void>;
  close(): Promise<void>;
}

export async function placeOf(
  kind: QueueKind,
  context: TestContext,
  stores: StoresUnderTest,
  redis: () => Promise<RedisServer>,
): Promise<QueuePlace> {
  if (kind !== 'redis') return { store: await stores.place(kind, context) };
  context.skip(redisMissing !== undefined, redisMissing);
  return { redis: (await redis()).url };
}

export async function openQueue(place: QueuePlace): Promise<OpenedQueue> {
  const dead: DeadLetter[] = [];
  const first = Promise.withResolvers<undefined>();
  const firstDead = first.promise.then(() => undefined);
  const ports = {
    onDead: (letter: DeadLetter) => {
      dead.push(letter);
      first.resolve(undefined);
      return Promise.resolve();
    },
  };
  if ('redis' in place) {
    const connection = new RedisConnection(place.redis, { scripts: QUEUE_SCRIPTS });
    await new Promise<void>((resolve) => connection.onUp(resolve));
    return {
      ...{ dead, firstDead },
      queue: new RedisQueue(connection, ports, TIMES),
      close: () => {
        connection.close();
        return Promise.resolve();
      },
    };
  }
  const opened = await openStore(place.store);
  if (!opened.ok) throw new Error(opened.problem.message);
  return {
    dead,
    firstDead,
    queue: new StoreQueue(opened.store, ports, TIMES),
    close: () => opened.store.close(),
  };
}

export interface ConsumingProcess {
  /** Resolves with the body of the first entry that it has in hand; it never gets done with one. */
  readonly first: Promise<string>;
  kill(): Promise<void>;
}

export function startConsuming(place: QueuePlace, topic: string): ConsumingProcess {
  const file = path.join(import.meta.dirname, 'queue-process.ts');
  const child: ChildProcess = spawn(process.execPath, [file, JSON.stringify(place), topic], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout! });
  const first = once(lines, 'line').then(([line]) => String(line));
  return {
    first,
    async kill() {
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
    },
  };
}
