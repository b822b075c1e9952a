// The way from the store to the queue. What a transaction put into the outbox goes to the queue at once after its
// commit (`wake`), in the order of the outbox, by one process at a time; a look now and then finds what nobody told of.
//
//   outbox row ── append ──▶ queue ──▶ handler, done ──▶ row deleted
//       ▲ published_at            │ lost by the queue, or away
//       └──── OUTBOX_AGAIN_MS ────┘
//
// A row stays until its handler is done, so that the queue may lose everything. The queue keeps one entry of an id, so
// that giving it again adds nothing. One process at a time has the right to publish (work_leases); a new one gets
// another token, and what one with an old token still marks counts no more.

import {
  OUTBOX_AGAIN_MS,
  OUTBOX_BACKOFF_MS_MAX,
  OUTBOX_BACKOFF_MS_MIN,
  OUTBOX_BATCH_MAX,
  OUTBOX_COUNTED_MAX,
  OUTBOX_LEASE_MS,
  OUTBOX_POLL_MS,
} from '../../config/limits.ts';
import type { QueueConsumer, QueueEntry, WorkQueue } from '../../platform/bus/queue.ts';
import type { Journal } from '../../platform/observe/journal.ts';
import { oneOf } from '../../platform/store/one-of.ts';
import type { Store } from '../../platform/store/store.ts';
import type { QueueCounts } from './queue-counts.ts';
import { leaveWork, takeWork } from './work-lease.ts';

const LEASE = 'outbox';
/** Its losses change nothing: what is told twice does no harm. */
const LOOSELY = { durable: false } as const;

export interface OutboxParts {
  readonly store: Store;
  readonly queue: WorkQueue;
  readonly journal: Journal;
  /** One word that no other process has. */
  readonly node: string;
  readonly counts?: QueueCounts;
  /** For tests. */
  readonly againMs?: number;
  readonly leaseMs?: number;
}

interface Row {
  readonly seq: number;
  readonly id: string;
  readonly topic: string;
  readonly body: string;
}

export class Outbox implements Pick<WorkQueue, 'consume'> {
  readonly #parts: OutboxParts;
  readonly #againMs: number;
  readonly #leaseMs: number;
  #poll: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  #isAsked = false;
  #isStopped = false;
  #failures = 0;

  constructor(parts: OutboxParts) {
    this.#parts = parts;
    this.#againMs = parts.againMs ?? OUTBOX_AGAIN_MS;
    this.#leaseMs = parts.leaseMs ?? OUTBOX_LEASE_MS;
  }

  start(): void {
    this.#running ??= this.#run(false);
  }

  /** Something was committed. To be called behind the transaction, never within it. */
  wake(): void {
    if (this.#isStopped) return;
    this.#isAsked = true;
    this.#running ??= this.#run(true);
  }

  /** The queue may have lost everything: all that is not done goes to it again. */
  async republish(): Promise<void> {
    const { db } = this.#parts.store;
    await db
      .updateTable('outbox')
      .set({ published_at: null })
      .where('published_at', 'is not', null)
      .execute();
    this.wake();
  }

  /** As the queue's own; what is done leaves the outbox, too. */
  consume(topic: string, handler: (entry: QueueEntry) => Promise<void>): QueueConsumer {
    const { store, queue } = this.#parts;
    return queue.consume(topic, async (entry) => {
      await handler(entry);
      this.#parts.counts?.add(topic, 'done');
      await store.write((tx) => tx.deleteFrom('outbox').where('id', '=', entry.id).execute(), LOOSELY);
    });
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#poll);
    await this.#running;
  }

  async #run(isTold: boolean): Promise<void> {
    clearTimeout(this.#poll);
    let inMs = OUTBOX_POLL_MS;
    try {
      if (!isTold) await this.#lookAround();
      while (this.#isAsked && !this.#isStopped) {
        this.#isAsked = false;
        // Who has it may have looked for the last time before what was committed here.
        if (!(await this.#publishAll())) inMs = OUTBOX_BACKOFF_MS_MIN;
      }
      this.#noteSuccess();
    } catch (error) {
      inMs = this.#noteFailure(error);
    }
    this.#running = undefined;
    if (this.#isStopped) return;
    if (this.#isAsked) this.wake();
    else
      this.#poll = setTimeout(() => {
        this.#running ??= this.#run(false);
      }, inMs).unref();
  }

  /** For what nobody told of: committed by others, or lost by the queue. */
  async #lookAround(): Promise<void> {
    const { store, counts } = this.#parts;
    if ((await this.#waiting(1)).length > 0) this.#isAsked = true;
    if (counts === undefined) return;
    counts.waiting = await countOf(store, 'outbox');
    counts.deadLetters = await countOf(store, 'dead_letters');
  }

  /** False where another process has the right to publish. */
  async #publishAll(): Promise<boolean> {
    const { store, node } = this.#parts;
    for (;;) {
      const token = await takeWork(store, { name: LEASE, holder: node, leaseMs: this.#leaseMs });
      if (token === undefined) return false;
      const rows = await this.#waiting(OUTBOX_BATCH_MAX);
      const isLast = rows.length < OUTBOX_BATCH_MAX || this.#isStopped;
      try {
        await this.#append(rows);
      } catch (error) {
        await leaveWork(store, { name: LEASE, token });
        throw error;
      }
      if (!(await this.#mark(rows, token, isLast)) || isLast) return true;
    }
  }

  async #waiting(rowsMax: number): Promise<Row[]> {
    const again = Date.now() - this.#againMs;
    return await this.#parts.store.db
      .selectFrom('outbox')
      .select(['seq', 'id', 'topic', 'body'])
      .where((one) => one.or([one('published_at', 'is', null), one('published_at', '<', again)]))
      .orderBy('seq')
      .limit(rowsMax)
      .execute();
  }

  async #append(rows: readonly Row[]): Promise<void> {
    for (const [topic, entries] of Map.groupBy(rows, (row) => row.topic)) {
      await this.#parts.queue.append(
        topic,
        entries.map(({ id, body }) => ({ id, body })),
      );
    }
  }

  /** With the last ones it gives the right back. False where another process has it by now. */
  async #mark(rows: readonly Row[], token: number, isLast: boolean): Promise<boolean> {
    const { store } = this.#parts;
    const seqs = rows.map(({ seq }) => seq);
    return await store.write(async (tx) => {
      const { numUpdatedRows } = await tx
        .updateTable('work_leases')
        .set(isLast ? { until: 0 } : { token })
        .where('name', '=', LEASE)
        .where('token', '=', token)
        .executeTakeFirst();
      if (numUpdatedRows === 0n) return false;
      await tx
        .updateTable('outbox')
        .set({ published_at: Date.now() })
        .where(oneOf(store.dialect, 'seq', seqs))
        .execute();
      return true;
    }, LOOSELY);
  }

  #noteSuccess(): void {
    if (this.#failures > 0) this.#parts.journal.record('info', 'outbox_flows', { tries: this.#failures });
    this.#failures = 0;
  }

  #noteFailure(error: unknown): number {
    this.#failures++;
    if (this.#failures === 1) {
      const problem = error instanceof Error ? error.message : undefined;
      this.#parts.journal.record('warn', 'outbox_stuck', { problem });
    }
    return Math.min(OUTBOX_BACKOFF_MS_MIN * 2 ** Math.min(this.#failures - 1, 10), OUTBOX_BACKOFF_MS_MAX);
  }
}

/** OUTBOX_COUNTED_MAX at most: it is asked for every second. */
async function countOf({ db }: Store, table: 'outbox' | 'dead_letters'): Promise<number> {
  const some = db.selectFrom(table).select('id').limit(OUTBOX_COUNTED_MAX);
  const { rows } = await db
    .selectFrom(some.as('some'))
    .select((one) => one.fn.countAll<number>().as('rows'))
    .executeTakeFirstOrThrow();
  return rows;
}
