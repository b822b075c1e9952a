// The line to vehicles over a broker that somebody else runs. Each node publishes by a connection of its own; one node at a
// time reads what vehicles send, by a session that the broker keeps: the lease says which.
//
//   down  push ─▶ PUBLISH ─▶ PUBACK ─▶ the broker keeps it for the vehicle
//   up    PUBLISH ─▶ store ─▶ PUBACK;  store ─▶ handler ─▶ gone from the store
//
// Who is connected is known by the log of mosquitto, from the start of this process on. A vehicle that was not seen to
// connect is met by its first message.

import { DOCUMENT_BYTES_MAX, EXTERNAL_LEASE_LOOK_MS } from '../../../config/limits.ts';
import type { Journal } from '../../../platform/observe/journal.ts';
import type { Store } from '../../../platform/store/store.ts';
import { downTopic, UP_FILTER, upOf } from '../topics.ts';
import { UplinkDesk } from '../uplink-desk.ts';
import type { DownKind, Presence, UpKind, Uplink, VehicleLine } from '../vehicle-line.ts';
import { type ExternalBroker, ExternalConnection } from './external-connection.ts';
import { LOG_TOPIC, readLogLine } from './mosquitto-log.ts';
import { UplinkStore } from './uplink-store.ts';

/** Has a dot, which no vehicle id may: no vehicle can pass for the server. */
const CLIENT_ID = 'cloud.rovercast';

export interface ExternalLineParts {
  readonly broker: ExternalBroker;
  readonly store: Store;
  readonly journal: Journal;
  /** One word that no other process has. */
  readonly node: string;
  /** The right to read, which one process of all on the store has. */
  readonly lease: {
    /** False where another one has it. */
    readonly take: () => Promise<boolean>;
    readonly leave: () => Promise<void>;
  };
}

export class ExternalLine implements VehicleLine {
  readonly #parts: ExternalLineParts;
  readonly #sender: ExternalConnection;
  readonly #uplinks: UplinkDesk;
  readonly #ups: UplinkStore;
  readonly #presences = new Map<string, Presence>();
  readonly #met = new Set<string>();
  readonly #listeners: ((vehicleId: string) => void)[] = [];
  readonly #pushes = new Map<DownKind, number>();
  #connects = 0;
  #reader: ExternalConnection | undefined;
  #looking: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(parts: ExternalLineParts) {
    this.#parts = parts;
    const { broker, node, store, journal } = parts;
    const { url } = broker;
    this.#ups = new UplinkStore({
      store,
      hand: (ups) => this.#uplinks.take(ups),
      noteFailure: (error) => this.#noteFailure(error),
    });
    this.#uplinks = new UplinkDesk({
      journal,
      taken: (ids) => this.#ups.taken(ids),
      handles: (kinds) => this.#ups.handles(kinds),
      putBack: (line) => this.#ups.putBack(line),
      again: (line) => this.#ups.again(line),
    });
    this.#sender = new ExternalConnection({
      broker,
      clientId: `${CLIENT_ID}.${node}`,
      isKept: false,
      topics: { [LOG_TOPIC]: 0 },
      onMessage: (_, body) => this.#see(body.toString()),
      onUp: () => journal.record('info', 'external_broker_up', { url }),
      onDown: (problem) => {
        // Who comes and goes meanwhile is told by nobody.
        this.#presences.clear();
        this.#met.clear();
        journal.recordSampled(url, 'error', 'external_broker_down', { url, problem });
      },
    });
  }

  start(): void {
    this.#sender.start();
    this.#timer = setInterval(() => this.#look(), EXTERNAL_LEASE_LOOK_MS).unref();
    this.#look();
  }

  /** Before the store closes. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#looking;
    await Promise.all([this.#reader?.stop(), this.#sender.stop()]);
    this.#uplinks.stop();
    await this.#ups.stop();
    await this.#parts.lease.leave().catch(() => undefined);
  }

  get isUp(): boolean {
    return this.#sender.isUp;
  }

  /** This process is the one that takes what vehicles send. */
  get isReading(): boolean {
    return this.#reader?.isUp ?? false;
  }

  get connects(): number {
    return this.#connects;
  }

  /** Messages that the broker has taken for vehicles. */
  get pushes(): ReadonlyMap<DownKind, number> {
    return this.#pushes;
  }

  get uplinks(): ReadonlyMap<UpKind, number> {
    return this.#uplinks.counts();
  }

  async push({ vehicleId, kind, body }: Parameters<VehicleLine['push']>[0]): Promise<boolean> {
    const isTaken = await this.#sender.publish(downTopic(vehicleId, kind), body);
    if (isTaken) this.#pushes.set(kind, (this.#pushes.get(kind) ?? 0) + 1);
    return isTaken;
  }

  handle(kind: UpKind, handler: (uplink: Uplink) => Promise<void>): void {
    this.#uplinks.handle(kind, handler);
  }

  onConnected(listener: (vehicleId: string) => void): void {
    this.#listeners.push(listener);
  }

  presenceOf(vehicleId: string): Presence {
    return this.#presences.get(vehicleId) ?? { connected: false, sinceMs: null };
  }

  #see(line: string): Promise<void> {
    const seen = readLogLine(line);
    if (seen !== undefined) {
      const { vehicleId, isConnected } = seen;
      this.#presences.set(vehicleId, { connected: isConnected, sinceMs: Date.now() });
      if (isConnected) this.#meet(vehicleId);
    }
    return Promise.resolve();
  }

  #meet(vehicleId: string): void {
    // One of all nodes looks after it: whoever reads next meets it by its first message.
    if (this.#reader === undefined) return;
    this.#met.add(vehicleId);
    this.#connects += 1;
    for (const listener of this.#listeners) listener(vehicleId);
  }

  #look(): void {
    this.#looking ??= this.#lookAtLease()
      .catch((error: unknown) => this.#noteFailure(error))
      .finally(() => (this.#looking = undefined));
  }

  async #lookAtLease(): Promise<void> {
    const isOurs = await this.#parts.lease.take();
    if (isOurs && this.#reader === undefined) {
      this.#reader = new ExternalConnection({
        broker: this.#parts.broker,
        clientId: CLIENT_ID,
        isKept: true,
        topics: { [UP_FILTER]: 1 },
        onMessage: (topic, body) => this.#keep(topic, body),
      });
      this.#reader.start();
      this.#ups.begin();
    } else if (!isOurs && this.#reader !== undefined) {
      const reader = this.#reader;
      this.#reader = undefined;
      this.#met.clear();
      this.#ups.end();
      this.#uplinks.forget();
      await reader.stop();
    }
  }

  /** Acknowledged when it resolves. What is no message of a vehicle is acknowledged and forgotten. */
  async #keep(topic: string, body: Buffer): Promise<void> {
    const up = upOf(topic);
    if (up === undefined) return;
    const { vehicleId: vehicle, kind } = up;
    const detail =
      body.byteLength > DOCUMENT_BYTES_MAX ? 'packet_too_large' : await this.#keepUp({ ...up, body });
    if (detail !== undefined) {
      const fields = { vehicle, kind, detail, tries: 1 };
      this.#parts.journal.recordSampled(vehicle, 'error', 'uplink_given_up', fields);
    }
    if (!this.#met.has(vehicle)) this.#meet(vehicle);
  }

  async #keepUp(up: Pick<Uplink, 'vehicleId' | 'kind' | 'body'>): Promise<'uplinks_full' | undefined> {
    try {
      return (await this.#ups.keep(up)) ? undefined : 'uplinks_full';
    } catch (error) {
      this.#noteFailure(error);
      throw error;
    }
  }

  #noteFailure(error: unknown): void {
    const problem = error instanceof Error ? error.message : undefined;
    this.#parts.journal.recordSampled('line', 'warn', 'vehicle_messages_delayed', { problem });
  }
}
