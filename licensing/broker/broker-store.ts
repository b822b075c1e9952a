// What the broker must still know after kill -9, in an SQLite file of its own that only its thread opens: subscriptions,
// messages down that no vehicle has acknowledged, messages up that the cloud has not taken. Writes of one turn of the event
// loop share a transaction; each resolves when it is on the disk. Calls block the thread for as long as the disk takes.

import Database from 'better-sqlite3';
import {
  BROKER_DOWN_BYTES_MAX,
  BROKER_DOWN_MESSAGES_MAX,
  BROKER_UP_BYTES_MAX,
  BROKER_UP_MESSAGES_MAX,
  BROKER_UPS_BYTES_MAX,
} from '../../config/limits.ts';
import type { DownKind, UpKind } from './vehicle-line.ts';

export interface KeptSubscription {
  readonly vehicleId: string;
  readonly filter: string;
  readonly qos: 0 | 1 | 2;
}

export interface KeptDown {
  readonly id: number;
  readonly kind: DownKind;
  readonly body: Buffer;
  /** 1 where it may have gone out before. */
  readonly sent: number;
}

export interface KeptUp {
  readonly id: number;
  readonly vehicleId: string;
  readonly certificateId: string;
  readonly kind: UpKind;
  readonly body: Buffer;
  /** When it came, ms since 1970; 0 where a version has kept it that did not note that. */
  readonly atMs: number;
}

export type NewUp = Omit<KeptUp, 'id'> & {
  /** Of a message of QoS 2; 0 else. */
  readonly messageId: number;
};

interface Job {
  readonly run: () => unknown;
  readonly done: (value: unknown) => void;
  readonly failed: (error: unknown) => void;
}

const TABLES = `
  create table if not exists subscriptions (
    vehicle_id text not null, filter text not null, qos integer not null, primary key (vehicle_id, filter)
  ) without rowid;
  create table if not exists received (
    vehicle_id text not null, message_id integer not null, primary key (vehicle_id, message_id)
  ) without rowid;
  create table if not exists downs (
    id integer primary key autoincrement, vehicle_id text not null, kind text not null, body blob not null,
    sent integer not null default 0
  );
  create index if not exists downs_of_vehicle on downs (vehicle_id, id);
  create table if not exists ups (
    id integer primary key autoincrement, vehicle_id text not null, certificate_id text not null, kind text not null,
    body blob not null
  );
  create index if not exists ups_of_vehicle on ups (vehicle_id, id);
`;

/** Each once, in this order: what earlier versions made lacks the later ones. */
const CHANGES = ['alter table ups add column at_ms integer not null default 0'];

const SQL = {
  addSubscription: `insert into subscriptions (vehicle_id, filter, qos) values (?, ?, ?)
    on conflict do update set qos = excluded.qos`,
  removeSubscription: 'delete from subscriptions where vehicle_id = ? and filter = ?',
  clearSubscriptions: 'delete from subscriptions where vehicle_id = ?',
  allSubscriptions: 'select vehicle_id as vehicleId, filter, qos from subscriptions',
  addReceived: 'insert or ignore into received (vehicle_id, message_id) values (?, ?)',
  hasReceived: 'select 1 from received where vehicle_id = ? and message_id = ?',
  removeReceived: 'delete from received where vehicle_id = ? and message_id = ?',
  clearReceived: 'delete from received where vehicle_id = ?',
  sizeOfDowns: `select count(*) as messages, coalesce(sum(length(body)), 0) as bytes from downs where vehicle_id = ?`,
  addDown: 'insert into downs (vehicle_id, kind, body) values (?, ?, ?)',
  nextDown: 'select id, kind, body, sent from downs where vehicle_id = ? and id > ? order by id limit 1',
  setSent: 'update downs set sent = 1 where id = ?',
  removeDown: 'delete from downs where id = ?',
  addUp: 'insert into ups (vehicle_id, certificate_id, kind, body, at_ms) values (?, ?, ?, ?, ?)',
  upsOf: `select id, vehicle_id as vehicleId, certificate_id as certificateId, kind, body, at_ms as atMs from ups
    where id > ? order by id limit ?`,
  nextUpOf: `select id, vehicle_id as vehicleId, certificate_id as certificateId, kind, body, at_ms as atMs from ups
    where vehicle_id = ? and id > ? order by id limit 1`,
  removeUp: 'delete from ups where id = ? returning vehicle_id as vehicleId, length(body) as bytes',
  countUps: `select vehicle_id as vehicleId, count(*) as messages, sum(length(body)) as bytes from ups
    group by vehicle_id`,
  countDowns: 'select count(*) as messages from downs',
} as const;

export class BrokerStore {
  readonly #db: Database.Database;
  readonly #statements: Readonly<Record<keyof typeof SQL, Database.Statement>>;
  #jobs: Job[] = [];
  readonly #upsOf = new Map<string, UpSize>();
  #ups = 0;
  #upBytes = 0;
  #downs = 0;

  constructor(file: string) {
    this.#db = new Database(file);
    this.#db.pragma('journal_mode = WAL');
    this.#db.pragma('synchronous = FULL');
    this.#db.exec(TABLES);
    this.#change();
    this.#statements = Object.fromEntries(
      Object.entries(SQL).map(([name, sql]) => [name, this.#db.prepare(sql)]),
    ) as Record<keyof typeof SQL, Database.Statement>;
    this.#recount();
  }

  get upsWaiting(): number {
    return this.#ups;
  }

  get downsWaiting(): number {
    return this.#downs;
  }

  subscriptions(): readonly KeptSubscription[] {
    return this.#statements.allSubscriptions.all() as KeptSubscription[];
  }

  addSubscriptions(vehicleId: string, added: readonly Omit<KeptSubscription, 'vehicleId'>[]): Promise<void> {
    return this.#write(() => {
      for (const { filter, qos } of added) this.#statements.addSubscription.run(vehicleId, filter, qos);
    });
  }

  removeSubscriptions(vehicleId: string, filters: readonly string[]): Promise<void> {
    return this.#write(() => {
      for (const filter of filters) this.#statements.removeSubscription.run(vehicleId, filter);
    });
  }

  /** Its subscriptions; what waits for the vehicle stays: that is no state of a session. */
  clearSubscriptions(vehicleId: string): Promise<void> {
    return this.#write(() => void this.#statements.clearSubscriptions.run(vehicleId));
  }

  hasReceived(vehicleId: string, messageId: number): boolean {
    return this.#statements.hasReceived.get(vehicleId, messageId) !== undefined;
  }

  removeReceived(vehicleId: string, messageId: number): Promise<void> {
    return this.#write(() => void this.#statements.removeReceived.run(vehicleId, messageId));
  }

  clearReceived(vehicleId: string): Promise<void> {
    return this.#write(() => void this.#statements.clearReceived.run(vehicleId));
  }

  /** Keeps a message until the vehicle has acknowledged it; false where as much waits for it as may. */
  addDown(vehicleId: string, kind: DownKind, body: Uint8Array): Promise<boolean> {
    return this.#write(() => {
      const size = this.#statements.sizeOfDowns.get(vehicleId) as { messages: number; bytes: number };
      const isFull =
        size.messages >= BROKER_DOWN_MESSAGES_MAX || size.bytes + body.length > BROKER_DOWN_BYTES_MAX;
      if (isFull) return false;
      this.#statements.addDown.run(vehicleId, kind, body);
      this.#downs += 1;
      return true;
    });
  }

  /** The next message for a vehicle behind this id. */
  nextDown(vehicleId: string, afterId: number): KeptDown | undefined {
    return this.#statements.nextDown.get(vehicleId, afterId) as KeptDown | undefined;
  }

  setSent(id: number): Promise<void> {
    return this.#write(() => void this.#statements.setSent.run(id));
  }

  removeDown(id: number): Promise<void> {
    return this.#write(() => {
      this.#downs -= this.#statements.removeDown.run(id).changes;
    });
  }

  /** False where as much waits as may, of one vehicle or of all. A message of QoS 2 that was received before is not kept again. */
  addUp(up: NewUp): Promise<boolean> {
    const { vehicleId, certificateId, kind, body, atMs, messageId } = up;
    return this.#write(() => {
      if (messageId !== 0 && this.hasReceived(vehicleId, messageId)) return true;
      const waiting = this.#upsOf.get(vehicleId) ?? NOTHING;
      const isFull =
        waiting.messages >= BROKER_UP_MESSAGES_MAX ||
        waiting.bytes + body.length > BROKER_UP_BYTES_MAX ||
        this.#upBytes + body.length > BROKER_UPS_BYTES_MAX;
      if (isFull) return false;
      if (messageId !== 0) this.#statements.addReceived.run(vehicleId, messageId);
      this.#statements.addUp.run(vehicleId, certificateId, kind, body, atMs);
      this.#changeUps(vehicleId, { messages: 1, bytes: body.length });
      return true;
    });
  }

  /** Of what the cloud has not taken, the oldest behind this id. */
  ups(afterId: number, most: number): readonly KeptUp[] {
    return this.#statements.upsOf.all(afterId, most) as KeptUp[];
  }

  removeUps(ids: readonly number[]): Promise<void> {
    return this.#write(() => {
      for (const id of ids) {
        const removed = this.#statements.removeUp.get(id) as Omit<UpCount, 'messages'> | undefined;
        if (removed !== undefined)
          this.#changeUps(removed.vehicleId, { messages: -1, bytes: -removed.bytes });
      }
    });
  }

  /** Of one vehicle. */
  nextUpOf(vehicleId: string, afterId: number): KeptUp | undefined {
    return this.#statements.nextUpOf.get(vehicleId, afterId) as KeptUp | undefined;
  }

  close(): void {
    this.#commit();
    this.#db.close();
  }

  #change(): void {
    const done = this.#db.pragma('user_version', { simple: true }) as number;
    this.#db.transaction(() => {
      for (const change of CHANGES.slice(done)) this.#db.exec(change);
      this.#db.pragma(`user_version = ${CHANGES.length}`);
    })();
  }

  #write<Value>(run: () => Value): Promise<Value> {
    if (!this.#db.open) return Promise.reject(new Error('the broker’s store is closed'));
    return new Promise<Value>((resolve, reject) => {
      if (this.#jobs.length === 0) setImmediate(() => this.#commit());
      this.#jobs.push({ run, done: resolve as (value: unknown) => void, failed: reject });
    });
  }

  #commit(): void {
    const jobs = this.#jobs;
    this.#jobs = [];
    if (jobs.length === 0) return;
    try {
      const values = this.#db.transaction(() => jobs.map(({ run }) => run()))();
      for (const [index, { done }] of jobs.entries()) done(values[index]);
    } catch (error) {
      // The counts may be off by what was rolled back: read again.
      this.#recount();
      for (const { failed } of jobs) failed(error);
    }
  }

  #changeUps(vehicleId: string, by: UpSize): void {
    const before = this.#upsOf.get(vehicleId) ?? NOTHING;
    const messages = before.messages + by.messages;
    if (messages === 0) this.#upsOf.delete(vehicleId);
    else this.#upsOf.set(vehicleId, { messages, bytes: before.bytes + by.bytes });
    this.#ups += by.messages;
    this.#upBytes += by.bytes;
  }

  #recount(): void {
    this.#upsOf.clear();
    this.#ups = 0;
    this.#upBytes = 0;
    for (const { vehicleId, ...size } of this.#statements.countUps.all() as UpCount[])
      this.#changeUps(vehicleId, size);
    this.#downs = (this.#statements.countDowns.get() as { messages: number }).messages;
  }
}

const NOTHING = { messages: 0, bytes: 0 };

interface UpSize {
  readonly messages: number;
  readonly bytes: number;
}

interface UpCount extends UpSize {
  readonly vehicleId: string;
}
