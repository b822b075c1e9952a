// One long connection of the server to a broker that somebody else runs: MQTT 3.1.1, connected again for ever. Nothing
// waits in it while it is down: whoever publishes learns that the broker does not have it.

import { setTimeout as sleep } from 'node:timers/promises';
import { connect, type MqttClient } from 'mqtt';
import {
  EXTERNAL_BACKOFF_MS_MAX,
  EXTERNAL_BACKOFF_MS_MIN,
  EXTERNAL_CONNECT_MS,
  EXTERNAL_KEEPALIVE_S,
  EXTERNAL_STOP_MS,
} from '../../../config/limits.ts';

/** Where it is, and by what it lets the server in; never to be shown but for `url`. */
export interface ExternalBroker {
  /** `mqtts://host:port` or `mqtt://host:port`. */
  readonly url: string;
  /** PEM. */
  readonly ca: string;
  readonly credentials:
    | { readonly username: string; readonly password: string }
    /** PEM. */
    | { readonly certificate: string; readonly key: string };
}

export interface ExternalConnectionParts {
  readonly broker: ExternalBroker;
  readonly clientId: string;
  /** The broker keeps what comes for it while it is away. */
  readonly isKept: boolean;
  readonly topics: Readonly<Record<string, 0 | 1>>;
  /** Acknowledged when it resolves; where it rejects the connection is given up, and the message comes again. */
  readonly onMessage: (topic: string, body: Buffer) => Promise<void>;
  readonly onUp?: () => void;
  readonly onDown?: (problem: string) => void;
}

export class ExternalConnection {
  readonly #parts: ExternalConnectionParts;
  readonly #stopping = new AbortController();
  #running: Promise<void> | undefined;
  #up: { readonly client: MqttClient; readonly gone: Promise<false> } | undefined;

  constructor(parts: ExternalConnectionParts) {
    this.#parts = parts;
  }

  get isUp(): boolean {
    return this.#up !== undefined;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** True once the broker has acknowledged it. */
  async publish(topic: string, body: string): Promise<boolean> {
    if (this.#up === undefined) return false;
    const { client, gone } = this.#up;
    const taken = client.publishAsync(topic, body, { qos: 1 }).then(
      () => true,
      () => false,
    );
    return await Promise.race([taken, gone]);
  }

  /** What the broker has not acknowledged by then, or within EXTERNAL_STOP_MS, is not taken. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    let backoffMs = EXTERNAL_BACKOFF_MS_MIN;
    while (!signal.aborted) {
      if (await this.#connectOnce()) backoffMs = EXTERNAL_BACKOFF_MS_MIN;
      // Nodes that lost the broker together do not come back together.
      const waitMs = backoffMs * (0.5 + Math.random() / 2);
      await sleep(waitMs, undefined, { signal }).catch(() => undefined);
      backoffMs = Math.min(2 * backoffMs, EXTERNAL_BACKOFF_MS_MAX);
    }
  }

  /** Resolves when it is over, to whether it was up. */
  async #connectOnce(): Promise<boolean> {
    const { topics, onUp, onDown } = this.#parts;
    const { signal } = this.#stopping;
    const client = this.#open();
    let why = 'the connection was closed';
    // Of the error only its text.
    client.on('error', (error) => (why = error.message));
    const closed = new Promise<false>((resolve) => client.once('close', () => resolve(false)));
    let lastWait: NodeJS.Timeout | undefined;
    const end = (): void => {
      client.end(false);
      // It waits for acknowledgements, which may never come.
      lastWait = setTimeout(() => client.stream.destroy(), EXTERNAL_STOP_MS);
    };
    signal.addEventListener('abort', end, { once: true });
    const connected = new Promise<true>((resolve) => client.once('connect', () => resolve(true)));
    if (await Promise.race([connected, closed])) {
      const wanted = Object.fromEntries(Object.entries(topics).map(([topic, qos]) => [topic, { qos }]));
      const subscribed =
        Object.keys(wanted).length === 0
          ? true
          : await Promise.race([
              client.subscribeAsync(wanted).then((granted) => granted.every(({ qos }) => qos <= 1)),
              closed,
            ]).catch((error: unknown) => {
              why = error instanceof Error ? error.message : String(error);
              return false;
            });
      if (subscribed) {
        this.#up = { client, gone: closed };
        onUp?.();
        await closed;
      } else why = `the broker takes no subscription: ${why}`;
    }
    const wasUp = this.#up !== undefined;
    this.#up = undefined;
    signal.removeEventListener('abort', end);
    clearTimeout(lastWait);
    // What it has not acknowledged is whoever's who published it.
    client.end(true);
    if (!signal.aborted) onDown?.(why);
    return wasUp;
  }

  #open(): MqttClient {
    const { broker, clientId, isKept, onMessage } = this.#parts;
    const { credentials } = broker;
    const client = connect(broker.url, {
      ...('username' in credentials ? credentials : { cert: credentials.certificate, key: credentials.key }),
      ca: broker.ca,
      rejectUnauthorized: true,
      clientId,
      clean: !isKept,
      protocolVersion: 4,
      keepalive: EXTERNAL_KEEPALIVE_S,
      connectTimeout: EXTERNAL_CONNECT_MS,
      reconnectPeriod: 0,
      resubscribe: false,
      queueQoSZero: false,
    });
    // The PUBACK goes out when `done` is called, and the next message comes behind it.
    client.handleMessage = ({ topic, payload }, done) => {
      onMessage(topic, Buffer.from(payload)).then(
        () => done(),
        () => client.stream.destroy(),
      );
    };
    return client;
  }
}
