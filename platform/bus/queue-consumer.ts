// Takes what is due of one topic and hands it on, a few at a time. What it does not get done it gives back: after a
// failure for a while that grows, and after too many to the dead letters. What it has taken is its own for a lease that
// it prolongs; where it dies, somebody else takes it when the lease is over.
//
//   due ─ take ▶ taken ─ handled ──────────────────▶ done
//    ▲             │ failed, or its taker died
//    └── later ────┴── QUEUE_TRIES_MAX times ──────▶ dead letter

import {
  QUEUE_BACKOFF_MS_MAX,
  QUEUE_BACKOFF_MS_MIN,
  QUEUE_HANDLED_AT_ONCE,
  QUEUE_LEASE_MS,
  QUEUE_POLL_MS,
  QUEUE_STOP_MS,
  QUEUE_TRIES_MAX,
} from '../../config/limits.ts';
import type { QueueConsumer, QueueEntry } from './queue.ts';

/** An entry in the hands of a consumer. */
export interface TakenEntry extends QueueEntry {
  /** Where the queue has it. */
  readonly place: string;
  /** How often it was taken, this time included. */
  readonly tries: number;
}

export interface Taking {
  readonly topic: string;
  /** One word that no other consumer has. */
  readonly taker: string;
  readonly leaseMs: number;
}

/** What a kind of queue does for its consumers; each may reject where what it stands on is away. */
export interface QueueBackend {
  /** At most `count` of those that are due, and when the next one is. */
  take(
    taking: Taking,
    count: number,
  ): Promise<{ readonly entries: readonly TakenEntry[]; readonly nextInMs: number | undefined }>;
  /** Their leases begin anew. */
  hold(taking: Taking, entries: readonly TakenEntry[]): Promise<void>;
  done(taking: Taking, entry: TakenEntry): Promise<void>;
  later(taking: Taking, entry: TakenEntry, inMs: number): Promise<void>;
}

export interface DeadLetter {
  readonly topic: string;
  readonly entry: QueueEntry;
  readonly tries: number;
  readonly problem: string;
}

export interface ConsumerPorts {
  /** Keeps it for people; rejects where it could not. */
  onDead(letter: DeadLetter): Promise<void>;
  /** A try that failed, of an entry that is tried again. */
  onFailed?(letter: DeadLetter): void;
}

/** For tests. */
export interface ConsumerTimes {
  readonly leaseMs?: number;
  readonly backoffMs?: number;
  readonly triesMax?: number;
}

export class Consumer implements QueueConsumer {
  readonly #backend: QueueBackend;
  readonly #taking: Taking;
  readonly #handler: (entry: QueueEntry) => Promise<void>;
  readonly #ports: ConsumerPorts;
  readonly #backoffMs: number;
  readonly #triesMax: number;
  readonly #running = new Map<string, TakenEntry>();
  readonly #holds: NodeJS.Timeout;
  #look: NodeJS.Timeout | undefined;
  #isLooking = false;
  /** Somebody said that there is something while it looked. */
  #isAsked = false;
  #isStopped = false;
  #onIdle: (() => void) | undefined;

  constructor(
    backend: QueueBackend,
    about: { readonly topic: string; readonly taker: string },
    handler: (entry: QueueEntry) => Promise<void>,
    { ports, times = {} }: { readonly ports: ConsumerPorts; readonly times?: ConsumerTimes },
  ) {
    this.#backend = backend;
    this.#taking = { ...about, leaseMs: times.leaseMs ?? QUEUE_LEASE_MS };
    this.#handler = handler;
    this.#ports = ports;
    this.#backoffMs = times.backoffMs ?? QUEUE_BACKOFF_MS_MIN;
    this.#triesMax = times.triesMax ?? QUEUE_TRIES_MAX;
    this.#holds = setInterval(() => this.#hold(), this.#taking.leaseMs / 3).unref();
    this.wake();
  }

  get topic(): string {
    return this.#taking.topic;
  }

  /** Something may be due. */
  wake(): void {
    if (this.#isStopped) return;
    if (this.#isLooking) this.#isAsked = true;
    else void this.#takeAll();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#look);
    if (this.#running.size > 0) {
      const idle = new Promise<void>((resolve) => (this.#onIdle = resolve));
      const tired = new Promise((resolve) => setTimeout(resolve, QUEUE_STOP_MS).unref());
      await Promise.race([idle, tired]);
    }
    clearInterval(this.#holds);
  }

  async #takeAll(): Promise<void> {
    clearTimeout(this.#look);
    this.#isLooking = true;
    let inMs = QUEUE_POLL_MS;
    do {
      this.#isAsked = false;
      const room = QUEUE_HANDLED_AT_ONCE - this.#running.size;
      if (room <= 0) break;
      try {
        const { entries, nextInMs } = await this.#backend.take(this.#taking, room);
        // Somebody else takes them when their leases are over.
        if (this.#isStopped) break;
        for (const entry of entries) void this.#handle(entry);
        // Full hands: whoever is done looks again.
        inMs = Math.min(QUEUE_POLL_MS, nextInMs ?? QUEUE_POLL_MS);
        if (entries.length > 0) this.#isAsked = true;
      } catch {
        inMs = QUEUE_POLL_MS;
      }
    } while (this.#isAsked && !this.#isStopped);
    this.#isLooking = false;
    if (!this.#isStopped) this.#look = setTimeout(() => this.wake(), inMs).unref();
  }

  async #handle(entry: TakenEntry): Promise<void> {
    this.#running.set(entry.place, entry);
    try {
      await this.#settle(entry, await this.#try(entry));
    } catch {
      // It comes again when its lease is over.
    }
    this.#running.delete(entry.place);
    if (this.#running.size === 0) this.#onIdle?.();
    this.wake();
  }

  /** What went wrong; undefined where it is done. */
  async #try({ id, body, tries }: TakenEntry): Promise<string | undefined> {
    // Whoever took it last did not live to say what went wrong.
    if (tries > this.#triesMax) return 'the process ended while it was worked on';
    try {
      await this.#handler({ id, body });
      return undefined;
    } catch (error) {
      return error instanceof Error ? error.message : 'failed';
    }
  }

  async #settle(entry: TakenEntry, problem: string | undefined): Promise<void> {
    const { tries } = entry;
    if (problem === undefined) {
      await this.#backend.done(this.#taking, entry);
      return;
    }
    const letter = { topic: this.topic, entry: { id: entry.id, body: entry.body }, tries, problem };
    if (tries >= this.#triesMax) {
      await this.#ports.onDead(letter);
      await this.#backend.done(this.#taking, entry);
    } else {
      this.#ports.onFailed?.(letter);
      const growing = this.#backoffMs * 2 ** Math.min(tries - 1, 20);
      await this.#backend.later(this.#taking, entry, Math.min(growing, QUEUE_BACKOFF_MS_MAX));
    }
  }

  #hold(): void {
    if (this.#running.size === 0) return;
    this.#backend.hold(this.#taking, [...this.#running.values()]).catch(() => undefined);
  }
}
