// The queue in the relational store, for a process that has no Redis. On PostgreSQL several processes share it.
//
//   due_at   when an entry may be taken: at once, or when the lease of who has it is over, or after a failure

import { randomUUID } from 'node:crypto';
import { insertAll } from '../store/insert-all.ts';
import { oneOf } from '../store/one-of.ts';
import { sql, type RawBuilder, type Transaction } from '../store/sql.ts';
import type { Store } from '../store/store.ts';
import { storeTimeMs } from '../store/store-time.ts';
import type { Tables } from '../store/tables.ts';
import {
  Consumer,
  type ConsumerPorts,
  type ConsumerTimes,
  type QueueBackend,
  type TakenEntry,
  type Taking,
} from './queue-consumer.ts';
import type { QueueConsumer, QueueEntry, WorkQueue } from './queue.ts';

/** Where the machine loses power, the last moments are lost in one piece, with what the outbox has noted of them. */
const LOOSELY = { durable: false } as const;

export class StoreQueue implements WorkQueue, QueueBackend {
  readonly #store: Store;
  readonly #ports: ConsumerPorts;
  readonly #times: ConsumerTimes;
  readonly #consumers = new Set<Consumer>();

  constructor(store: Store, ports: ConsumerPorts, times: ConsumerTimes = {}) {
    this.#store = store;
    this.#ports = ports;
    this.#times = times;
  }

  async append(topic: string, entries: readonly QueueEntry[]): Promise<void> {
    const nowMs = Date.now();
    const rows = entries.map(({ id, body }) => ({
      ...{ topic, id, body },
      ...{ tries: 0, due_at: 0, taken_by: null, created_at: nowMs },
    }));
    await this.#store.write(
      (tx) => insertAll(this.#store, tx, 'queue_entries', rows, { onConflict: 'skip' }),
      LOOSELY,
    );
    for (const consumer of this.#consumers) if (consumer.topic === topic) consumer.wake();
  }

  consume(topic: string, handler: (entry: QueueEntry) => Promise<void>): QueueConsumer {
    const about = { topic, taker: randomUUID() };
    const consumer = new Consumer(this, about, handler, { ports: this.#ports, times: this.#times });
    this.#consumers.add(consumer);
    return {
      stop: async () => {
        this.#consumers.delete(consumer);
        await consumer.stop();
      },
    };
  }

  async take(
    { topic, taker, leaseMs }: Taking,
    count: number,
  ): Promise<{ readonly entries: readonly TakenEntry[]; readonly nextInMs: number | undefined }> {
    const { db } = this.#store;
    // Where nothing is due, nothing is written.
    const next = await db
      .selectFrom('queue_entries')
      .select((one) => [one.fn.min('due_at').as('due_at'), this.#now().as('now')])
      .where('topic', '=', topic)
      .executeTakeFirst();
    if (next?.due_at == null) return { entries: [], nextInMs: undefined };
    const nextInMs = next.due_at - next.now;
    if (nextInMs > 0) return { entries: [], nextInMs };
    const entries = await this.#store.write(async (tx) => {
      const found = await this.#due(tx, topic, count);
      if (found.length === 0) return [];
      return await tx
        .updateTable('queue_entries')
        .set({
          tries: sql<number>`tries + 1`,
          due_at: sql<number>`${this.#now()} + ${leaseMs}`,
          taken_by: taker,
        })
        .where(oneOf(this.#store.dialect, 'seq', found))
        .returning(['seq', 'id', 'body', 'tries'])
        .execute();
    }, LOOSELY);
    return {
      nextInMs: undefined,
      entries: entries
        .toSorted((a, b) => a.seq - b.seq)
        .map(({ seq, ...entry }) => ({ ...entry, place: String(seq) })),
    };
  }

  async hold({ taker, leaseMs }: Taking, entries: readonly TakenEntry[]): Promise<void> {
    const places = entries.map(({ place }) => Number(place));
    await this.#store.write(
      (tx) =>
        tx
          .updateTable('queue_entries')
          .set({ due_at: sql<number>`${this.#now()} + ${leaseMs}` })
          .where(oneOf(this.#store.dialect, 'seq', places))
          .where('taken_by', '=', taker)
          .execute(),
      LOOSELY,
    );
  }

  async done(_taking: Taking, { place }: TakenEntry): Promise<void> {
    await this.#store.write(
      (tx) => tx.deleteFrom('queue_entries').where('seq', '=', Number(place)).execute(),
      LOOSELY,
    );
  }

  async later({ taker }: Taking, { place }: TakenEntry, inMs: number): Promise<void> {
    await this.#store.write(
      (tx) =>
        tx
          .updateTable('queue_entries')
          .set({ due_at: sql<number>`${this.#now()} + ${inMs}`, taken_by: null })
          .where('seq', '=', Number(place))
          .where('taken_by', '=', taker)
          .execute(),
      LOOSELY,
    );
  }

  async #due(tx: Transaction<Tables>, topic: string, count: number): Promise<number[]> {
    const query = tx
      .selectFrom('queue_entries')
      .select('seq')
      .where('topic', '=', topic)
      .where('due_at', '<=', this.#now())
      .orderBy('due_at')
      .orderBy('seq')
      .limit(count);
    const rows = await (
      this.#store.dialect === 'postgres' ? query.forUpdate().skipLocked() : query
    ).execute();
    return rows.map(({ seq }) => seq);
  }

  #now(): RawBuilder<number> {
    return storeTimeMs(this.#store.dialect);
  }
}
