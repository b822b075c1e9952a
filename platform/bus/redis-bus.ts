// The bus of several nodes: own listeners hear a change at once, other nodes over a channel of Redis. What a node may
// have missed while it was cut off, it is told in one word: everything may have changed.

import { randomUUID } from 'node:crypto';
import type { Change, ChangeBus, ChangeKind } from './bus.ts';
import { LocalBus } from './local-bus.ts';
import type { RedisConnection } from './redis-connection.ts';

const CHANNEL = 'rovercast:changes';

const KINDS: Readonly<Record<ChangeKind, true>> = {
  app: true,
  account: true,
  accounts_of_app: true,
  spec: true,
  plan: true,
  customer: true,
  device: true,
  mountpoint: true,
  api_key: true,
  balance: true,
  certificate: true,
  vehicle: true,
};

export class RedisBus implements ChangeBus {
  readonly #local = new LocalBus();
  readonly #redis: RedisConnection;
  readonly #channel: string;
  /** Tells own messages from those of others. */
  readonly #origin = randomUUID();
  readonly #onMissed = new Set<() => void>();
  /** Changes of this tick, which go out together. */
  #waiting: Change[] = [];
  /** Others have not heard of some change. */
  #owesWord = false;

  /** `database`: programs that use other databases of the same Redis do not hear each other. */
  constructor(redis: RedisConnection, database: number) {
    this.#redis = redis;
    this.#channel = `${CHANNEL}:${database}`;
    void redis.subscribe(this.#channel, (text) => this.#hear(text));
    let isFirst = true;
    redis.onUp(() => {
      if (this.#owesWord) this.#send([]);
      if (!isFirst) this.#miss();
      isFirst = false;
    });
  }

  publish(change: Change): void {
    this.#local.publish(change);
    this.#waiting.push(change);
    if (this.#waiting.length > 1) return;
    setImmediate(() => {
      const changes = this.#waiting;
      this.#waiting = [];
      this.#send(changes);
    });
  }

  subscribe(listener: (change: Change) => void): () => void {
    return this.#local.subscribe(listener);
  }

  onMissed(listener: () => void): () => void {
    this.#onMissed.add(listener);
    return () => this.#onMissed.delete(listener);
  }

  #send(changes: readonly Change[]): void {
    const isMissed = this.#owesWord;
    this.#owesWord = false;
    const text = JSON.stringify({ origin: this.#origin, isMissed, changes });
    this.#redis.publish(this.#channel, text).catch(() => (this.#owesWord = true));
  }

  #hear(text: string): void {
    const message = readMessage(text);
    if (message === undefined || message.origin === this.#origin) return;
    if (message.isMissed) this.#miss();
    for (const change of message.changes) this.#local.publish(change);
  }

  #miss(): void {
    for (const listener of this.#onMissed) listener();
  }
}

interface BusMessage {
  readonly origin: string;
  readonly isMissed: boolean;
  readonly changes: readonly Change[];
}

/** Undefined where it is no message of ours; changes of a kind that a newer version knows are left out. */
function readMessage(text: string): BusMessage | undefined {
  let message: unknown;
  try {
    message = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof message !== 'object' || message === null) return undefined;
  const { origin, isMissed, changes } = message as Partial<Record<keyof BusMessage, unknown>>;
  if (typeof origin !== 'string' || !Array.isArray(changes)) return undefined;
  return { origin, isMissed: isMissed === true, changes: changes.filter(isChange) };
}

function isChange(value: unknown): value is Change {
  if (typeof value !== 'object' || value === null) return false;
  const { kind, id } = value as Partial<Record<keyof Change, unknown>>;
  return typeof kind === 'string' && Object.hasOwn(KINDS, kind) && typeof id === 'string';
}
