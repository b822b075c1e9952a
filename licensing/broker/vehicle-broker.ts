// The broker of the vehicles: who is connected, what may pass, what waits for whom. It asks about certificates and hands
// messages on by its ports; who has which right is not for it to know.
//
//   up    PUBLISH ─▶ guard ─▶ stored ─▶ PUBACK;  stored ─▶ handed on ─▶ taken ─▶ forgotten
//   down  push ─▶ stored ─▶ (vehicle here, and subscribed) PUBLISH ─▶ PUBACK ─▶ forgotten

import type { TLSSocket } from 'node:tls';
import type { Aedes, Client } from 'aedes';
import {
  BROKER_CONNECT_MS,
  BROKER_CONNECTS_PER_MINUTE_MAX,
  BROKER_FILTERS_MAX,
  BROKER_PACKET_BYTES_MAX,
  BROKER_SWEEP_MS,
  BROKER_TOPIC_LEVELS_MAX,
} from '../../config/limits.ts';
import { partsOf } from './aedes-parts.ts';
import type { Admission, BrokerPorts, Peer } from './broker-ports.ts';
import type { BrokerStore } from './broker-store.ts';
import { DownSender } from './down-sender.ts';
import { type GuardedAedes, openGuardedAedes, RuleBroken } from './guarded-aedes.ts';
import { connackOf, type VehicleEnding, type VehicleRefusal } from './refusals.ts';
import { mayReceive, maySubscribe, upKindOf } from './topics.ts';
import { UpKeeper, type UpLine } from './up-keeper.ts';
import type { DownKind, UpKind } from './vehicle-line.ts';
import { VehiclePersistence } from './vehicle-persistence.ts';
import { askOf, judge, refusalOf } from './vehicle-rules.ts';
import type { Session } from './vehicle-session.ts';

const MINUTE_MS = 60_000;

export class VehicleBroker {
  readonly #store: BrokerStore;
  readonly #ports: BrokerPorts;
  readonly #ups: UpKeeper;
  readonly #downs: DownSender;
  readonly #guarded: GuardedAedes;
  readonly #peers = new WeakMap<object, Peer>();
  readonly #sessions = new Map<Client, Session>();
  /** The last that was let in of each vehicle. */
  readonly #latest = new Map<string, Session>();
  #connects = new Map<string, number>();
  #connectsSinceMs = 0;
  readonly #sweeping: NodeJS.Timeout;

  static async open(store: BrokerStore, ports: BrokerPorts): Promise<VehicleBroker> {
    const made: { broker?: VehicleBroker } = {};
    const broker = (): VehicleBroker => made.broker!;
    const persistence = new VehiclePersistence(store, ({ id }, messageId) => broker().#acked(id, messageId));
    await persistence.load();
    const guarded = await openGuardedAedes<VehicleRefusal>({
      connackOf,
      rules: {
        bytesMax: BROKER_PACKET_BYTES_MAX,
        levelsMax: BROKER_TOPIC_LEVELS_MAX,
        filtersMax: BROKER_FILTERS_MAX,
        sendsQos2: false,
        judge,
      },
      aedes: {
        persistence,
        connectTimeout: BROKER_CONNECT_MS,
        maxTopicLevels: BROKER_TOPIC_LEVELS_MAX,
        authenticate: (client, user, password, done) => {
          broker()
            .#admit(client, user, password)
            .then(
              (reason) => (reason === undefined ? done(null, true) : done(refusalOf(reason), false)),
              () => done(refusalOf('cloud_unavailable'), false),
            );
        },
        authorizePublish: (client, packet, done) => {
          broker()
            .#keepUp(client, packet)
            .then(
              (reason) => done(reason === undefined ? null : new RuleBroken(reason)),
              () => {
                broker().#setEnding(client, 'store_failed');
                done(new Error('the message could not be stored'));
              },
            );
        },
        authorizeSubscribe: (client, subscription, done) =>
          done(null, maySubscribe(client.id, subscription.topic) ? subscription : null),
        authorizeForward: (client, packet) => (mayReceive(client.id, packet.topic) ? packet : null),
      },
    });
    made.broker = new VehicleBroker(store, ports, guarded);
    return made.broker;
  }

  private constructor(store: BrokerStore, ports: BrokerPorts, guarded: GuardedAedes) {
    this.#store = store;
    this.#ports = ports;
    this.#ups = new UpKeeper(store, (ups) => ports.uplinks(ups));
    this.#downs = new DownSender(store);
    this.#guarded = guarded;
    this.#sweeping = setInterval(() => this.#sweep(), BROKER_SWEEP_MS);
    this.#listen(guarded.aedes);
  }

  get connected(): number {
    return this.#guarded.aedes.connectedClients;
  }

  /** A connection whose handshake is done. */
  take(socket: TLSSocket, peer: Peer): void {
    this.#peers.set(socket, peer);
    this.#guarded.take(socket);
  }

  /** False where as much waits for the vehicle as may. */
  async push(vehicleId: string, kind: DownKind, body: Uint8Array): Promise<boolean> {
    const isKept = await this.#store.addDown(vehicleId, kind, body);
    const session = this.#latest.get(vehicleId);
    if (isKept && session !== undefined) this.#downs.pump(session);
    return isKept;
  }

  /** The certificate is good until then only; sessions by it end then. */
  endCertificate(certificateId: string, atMs: number): void {
    for (const session of this.#sessions.values()) {
      if (session.certificateId !== certificateId || session.endsAtMs <= atMs) continue;
      session.endsAtMs = atMs;
      session.endsBy = 'certificate_revoked';
    }
    this.#sweep();
  }

  /** From now on messages of these kinds are handed on. */
  handles(kinds: readonly UpKind[]): void {
    this.#ups.handles(kinds);
  }

  async upsTaken(ids: readonly number[]): Promise<void> {
    await this.#ups.taken(ids);
  }

  /** Nothing of this line is handed on until `again`. */
  putBack(line: UpLine): void {
    this.#ups.putBack(line);
  }

  again(line: UpLine): void {
    this.#ups.again(line);
  }

  /** Ends all sessions; the store is its opener's to close. */
  async close(): Promise<void> {
    clearInterval(this.#sweeping);
    for (const session of this.#sessions.values()) session.ending ??= 'shutdown';
    await new Promise<void>((resolve) => this.#guarded.aedes.close(resolve));
  }

  #listen(aedes: Aedes): void {
    aedes.on('client', (client) => {
      const session = this.#sessions.get(client);
      if (session === undefined) return;
      session.sinceMs = Date.now();
      const { vehicleId, certificateId, peer } = session;
      this.#ports.connected({ vehicleId, certificateId, address: peer.address, way: peer.way });
    });
    aedes.on('clientReady', (client) => {
      const session = this.#sessions.get(client);
      if (session === undefined) return;
      session.isReady = true;
      this.#downs.pump(session);
    });
    aedes.on('subscribe', (_, client) => {
      const session = this.#sessions.get(client);
      if (session === undefined) return;
      session.cursor = 0;
      this.#downs.pump(session);
    });
    aedes.on('keepaliveTimeout', (client) => this.#setEnding(client, 'keepalive'));
    aedes.on('clientError', (client, error) => this.#failed(client, error));
    aedes.on('connectionError', (client, error) => this.#failed(client, error));
    aedes.on('clientDisconnect', (client) => this.#left(client));
  }

  /** undefined: it may come in. */
  async #admit(
    client: Client,
    user: string | undefined,
    password: Buffer | undefined,
  ): Promise<VehicleRefusal | undefined> {
    const peer = this.#peers.get(client.conn);
    if (peer === undefined) throw new Error('a connection came past the listeners');
    const vehicleId = client.id;
    const refuse = (reason: VehicleRefusal): VehicleRefusal => {
      this.#ports.refused({ reason, address: peer.address, vehicleId });
      return reason;
    };
    const ask = askOf(peer, vehicleId, user, password);
    if (typeof ask === 'string') return refuse(ask);
    let admission: Admission;
    try {
      admission = await this.#ports.admit(ask);
    } catch {
      return refuse('cloud_unavailable');
    }
    if (!admission.ok) return refuse(admission.reason);
    if (this.#connectsTooOften(vehicleId)) return refuse('connects_too_often');
    if (client.closed) return undefined;
    const { certificateId, endsAtMs, endsBy } = admission;
    const session: Session = {
      ...{ client, vehicleId, peer, certificateId, endsAtMs, endsBy },
      sinceMs: undefined,
      isReady: false,
      ending: undefined,
      cursor: 0,
      inFlight: new Map(),
    };
    // From here on a revocation finds it.
    this.#sessions.set(client, session);
    this.#latest.set(vehicleId, session);
    client.conn.once('close', () => {
      if (session.sinceMs === undefined) this.#forget(session);
    });
    return undefined;
  }

  #connectsTooOften(vehicleId: string): boolean {
    const nowMs = performance.now();
    if (nowMs - this.#connectsSinceMs > MINUTE_MS) {
      this.#connects = new Map();
      this.#connectsSinceMs = nowMs;
    }
    const connects = (this.#connects.get(vehicleId) ?? 0) + 1;
    this.#connects.set(vehicleId, connects);
    return connects > BROKER_CONNECTS_PER_MINUTE_MAX;
  }

  /** Before the PUBACK, and for wills. undefined: it is on the disk. */
  async #keepUp(
    client: Client | null,
    packet: {
      readonly topic: string;
      readonly payload: string | Buffer;
      readonly messageId?: number;
      readonly qos: number;
    },
  ): Promise<VehicleRefusal | undefined> {
    const session = client === null ? undefined : this.#sessions.get(client);
    if (session === undefined || session.endsAtMs <= Date.now()) return 'not_expected';
    const { vehicleId, certificateId } = session;
    const kind = upKindOf(vehicleId, packet.topic);
    if (kind === undefined) return 'foreign_publish';
    const isKept = await this.#ups.keep({
      ...{ vehicleId, certificateId, kind, atMs: Date.now() },
      body: Buffer.from(packet.payload as Buffer),
      messageId: packet.qos === 2 ? (packet.messageId ?? 0) : 0,
    });
    return isKept ? undefined : 'uplinks_full';
  }

  #acked(vehicleId: string, messageId: number): void {
    const session = this.#latest.get(vehicleId);
    if (session !== undefined) this.#downs.acked(session, messageId);
  }

  #failed(client: Client, error: Error): void {
    const peer = this.#peers.get(client.conn);
    const session = this.#sessions.get(client);
    if (error instanceof RuleBroken) {
      const reason = error.reason as VehicleRefusal;
      this.#setEnding(client, reason);
      const vehicleId = session?.vehicleId;
      this.#ports.refused({ reason, address: peer?.address ?? '', vehicleId });
    } else if (error.message === 'drain timeout') {
      this.#setEnding(client, 'too_slow');
    } else if (session === undefined && error.message === 'connect did not arrive in time') {
      this.#ports.refused({ reason: 'connect_timeout', address: peer?.address ?? '', vehicleId: undefined });
    }
  }

  #setEnding(client: Client | null, ending: VehicleEnding): void {
    const session = client === null ? undefined : this.#sessions.get(client);
    if (session !== undefined) session.ending ??= ending;
  }

  #left(client: Client): void {
    const session = this.#sessions.get(client);
    if (session === undefined) return;
    const isReplaced = this.#latest.get(session.vehicleId) !== session;
    const byItself = partsOf(client)._disconnected ? 'left' : 'connection_lost';
    const { vehicleId, certificateId, sinceMs } = session;
    this.#ports.disconnected({
      ...{ vehicleId, certificateId },
      ending: session.ending ?? (isReplaced ? 'replaced' : byItself),
      durationMs: sinceMs === undefined ? 0 : Date.now() - sinceMs,
    });
    this.#forget(session);
  }

  #forget(session: Session): void {
    this.#sessions.delete(session.client);
    if (this.#latest.get(session.vehicleId) === session) this.#latest.delete(session.vehicleId);
  }

  #sweep(): void {
    const nowMs = Date.now();
    for (const session of this.#sessions.values()) {
      if (session.endsAtMs > nowMs) continue;
      session.ending ??= session.endsBy;
      session.client.close();
    }
  }
}
