// From a change of an entitlement to a grant that the vehicle has acknowledged:
//
//   queue 'entitlements' ─┐                                             crypto pool
//   certificate changed ──┼─▶ settle: numbered in one transaction ──▶ made (signed, encrypted) ──▶ VehicleLine ──▶ sent
//   lease near its end ───┤       by vehicle and part, seq + 1               │                                      │
//   vehicle is back ──────┘                                    sweep: what was not finished        receipt, signed ─┘
//
// Nothing here counts on being asked once: whoever comes second finds the number given, the document made, or both.

import { setImmediate as othersTurn } from 'node:timers/promises';
import {
  GRANT_RESEND_MS,
  GRANT_RETRIES_MAX,
  GRANT_RETRY_MS,
  GRANT_SWEEP_MS,
  GRANTS_ANEW_PER_MINUTE_MAX,
  GRANTS_PER_SWEEP_MAX,
} from '../../config/limits.ts';
import type { ChangeBus } from '../../platform/bus/bus.ts';
import type { QueueConsumer, QueueEntry, WorkQueue } from '../../platform/bus/queue.ts';
import { MinuteCounter } from '../../platform/http/minute-counter.ts';
import type { Journal } from '../../platform/observe/journal.ts';
import { sql } from '../../platform/store/sql.ts';
import type { Store } from '../../platform/store/store.ts';
import type { GrantsTable } from '../../platform/store/tables/grant-tables.ts';
import type { Uplink, VehicleLine } from '../broker/vehicle-line.ts';
import type { CorrectionLogin } from '../entitlements/correction-port.ts';
import { findEntitlement } from '../entitlements/entitlement-book.ts';
import { ENTITLEMENTS_TOPIC } from '../entitlements/outbox-rows.ts';
import type { Entitlement } from '../entitlements/rights.ts';
import type { Held } from '../ota/manifests.ts';
import { VehicleAudit } from '../vehicle-audit.ts';
import { findCertificate } from '../pki/certificate-records.ts';
import { readPem } from '../pki/pem.ts';
import {
  isSettled,
  lacksLogin,
  loginRetryAt,
  numberGrant,
  partsOf,
  type GrantFacts,
  type Slot,
} from './grant-records.ts';
import type { GrantsCrypto } from './grants-crypto.ts';
import { dueAnew, lostGrants } from './put-back.ts';
import { ReceiptDesk } from './receipt-desk.ts';
import { isPassing } from './receipts.ts';
import type { SigningKeys } from './signing-keys.ts';

export interface GrantOfficeParts {
  readonly store: Store;
  readonly bus: ChangeBus;
  readonly journal: Journal;
  readonly line: Pick<VehicleLine, 'push' | 'handle' | 'onConnected'>;
  /** Or the outbox, which forgets what is done. */
  readonly queue: Pick<WorkQueue, 'consume'>;
  readonly crypto: Pick<GrantsCrypto, 'makeGrant' | 'verifySigned'>;
  readonly keys: SigningKeys;
  readonly correctionLoginFor: (row: Entitlement) => Promise<CorrectionLogin | null>;
  readonly now?: () => number;
  /** For tests. */
  readonly resendMs?: number;
}

export class GrantOffice {
  readonly #parts: GrantOfficeParts;
  readonly #audit: VehicleAudit;
  readonly #receipts: ReceiptDesk;
  /** By grant: being made or sent just now. */
  readonly #underWay = new Map<string, Promise<void>>();
  /** Vehicles to look after, and when. */
  readonly #visits = new Map<string, number>();
  /** By vehicle: how often something went out again since it last took a grant. */
  readonly #retries = new Map<string, number>();
  readonly #anew = new MinuteCounter();
  #consumer: QueueConsumer | undefined;
  #unsubscribe: (() => void) | undefined;
  #timer: NodeJS.Timeout | undefined;
  #sweeping: Promise<void> | undefined;
  #unsentCount = 0;

  constructor(parts: GrantOfficeParts) {
    this.#parts = parts;
    this.#audit = new VehicleAudit(parts.store);
    const { store, crypto, journal } = parts;
    const verify = crypto.verifySigned.bind(crypto);
    this.#receipts = new ReceiptDesk({ store, journal, verify, audit: this.#audit, now: () => this.#now() });
  }

  /** Grants that should have been sent by the last sweep; it takes GRANTS_PER_SWEEP_MAX at most. */
  get unsentCount(): number {
    return this.#unsentCount;
  }

  start(): void {
    const { queue, line, bus, resendMs = GRANT_RESEND_MS } = this.#parts;
    line.handle('receipt', (uplink) => this.#takeReceipt(uplink));
    // What the broker has kept for it reaches it first; what is left without a receipt then goes out again.
    line.onConnected((vehicleId) => this.#visitIn(vehicleId, resendMs));
    this.#unsubscribe = bus.subscribe(({ kind, id }) => {
      if (kind === 'certificate') void this.#hearOfCertificate(id);
    });
    this.#consumer = queue.consume(ENTITLEMENTS_TOPIC, (entry) => this.#hear(entry));
    this.#timer = setInterval(() => void this.sweep(), GRANT_SWEEP_MS).unref();
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#unsubscribe?.();
    await this.#consumer?.stop();
    await this.#sweeping;
    await Promise.allSettled(this.#underWay.values());
  }

  /** Brings a vehicle the grant that it must have for a part; resolves when that is sent, or was. */
  async settle(slot: Slot): Promise<void> {
    const nowMs = this.#now();
    if (await isSettled(this.#parts.store.db, slot, nowMs)) return;
    const grant = await this.#parts.store.write((tx) => numberGrant(tx, slot, nowMs));
    if (grant !== undefined) await this.#finish(grant);
  }

  /** A vehicle that holds less than it has acknowledged gets that anew, by numbers above all that it can know. */
  async hearOfHeld(held: Held): Promise<void> {
    const { store, journal } = this.#parts;
    const { vehicleId, counter } = held;
    const nowMs = this.#now();
    const lost = await lostGrants(store.db, held, nowMs);
    if (lost.length === 0) return;
    const count = this.#anew.count(vehicleId, GRANTS_ANEW_PER_MINUTE_MAX);
    if (count?.ok === false) {
      // A sweep does it then.
      await store.write((tx) => dueAnew(tx, lost, nowMs + 1000 * count.resetS));
      return;
    }
    await store.write((tx) => dueAnew(tx, lost, nowMs));
    const parts = lost.map((grant) => grant.part_number);
    journal.record('error', 'vehicle_rolled_back', { vehicle: vehicleId, counter, parts: parts.join(' ') });
    await this.#audit.rolledBack({ vehicleId, parts, nowMs });
    for (const partNumber of parts) await this.#attempt(() => this.settle({ vehicleId, partNumber }));
  }

  /** What was numbered and not sent, leases near their end, and vehicles that are back. */
  sweep(): Promise<void> {
    this.#sweeping ??= this.#sweep().finally(() => (this.#sweeping = undefined));
    return this.#sweeping;
  }

  #now(): number {
    return this.#parts.now?.() ?? Date.now();
  }

  async #hear({ body }: QueueEntry): Promise<void> {
    const { entitlementId } = JSON.parse(body) as { readonly entitlementId: string };
    const row = await findEntitlement(this.#parts.store.db, entitlementId);
    if (row === undefined) return;
    const slot = { vehicleId: row.vehicle_id, partNumber: row.part_number };
    await this.settle(slot);
    // Another delivery of the same may have numbered it, and be at work.
    const unsent = await this.#unsent(slot);
    for (const grant of unsent) await this.#finish(grant);
  }

  async #hearOfCertificate(id: string): Promise<void> {
    await this.#attempt(async () => {
      const row = await findCertificate(this.#parts.store.db, id);
      if (row?.revoked_at !== null) return;
      this.#visitIn(row.vehicle_id, 0);
      await this.sweep();
    });
  }

  async #sweep(): Promise<void> {
    const nowMs = this.#now();
    // One that fails must not keep the others waiting.
    await this.#attempt(async () => {
      const unsent = await this.#unsent();
      this.#unsentCount = unsent.length;
      for (const grant of unsent) await this.#attempt(() => this.#finish(grant));
    });
    await this.#attempt(async () => {
      for (const grant of await this.#dueForRenewal(nowMs)) {
        await this.#attempt(() => this.#renew(grant));
        await othersTurn();
      }
    });
    let visits = 0;
    for (const [vehicleId, atMs] of this.#visits) {
      if (atMs > nowMs) continue;
      // The others have their turn in the next one.
      if (visits >= GRANTS_PER_SWEEP_MAX) return;
      visits += 1;
      this.#visits.delete(vehicleId);
      await this.#attempt(() => this.#visit(vehicleId));
      await othersTurn();
    }
  }

  #visitIn(vehicleId: string, ms: number): void {
    const atMs = this.#now() + ms;
    this.#visits.set(vehicleId, Math.min(atMs, this.#visits.get(vehicleId) ?? atMs));
  }

  /** Once the vehicle has asked whom to trust, and has its new certificate: it asks once a minute at most. */
  #retryLater(vehicleId: string): void {
    const retries = this.#retries.get(vehicleId) ?? 0;
    // From then on when it connects.
    if (retries >= GRANT_RETRIES_MAX) return;
    this.#retries.set(vehicleId, retries + 1);
    this.#visitIn(vehicleId, GRANT_RETRY_MS);
  }

  async #attempt(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#noteFailure(error);
    }
  }

  async #dueForRenewal(nowMs: number): Promise<GrantsTable[]> {
    return await this.#parts.store.db
      .selectFrom('grants')
      .selectAll()
      .where('renew_at', '<=', nowMs)
      .orderBy('renew_at')
      .limit(GRANTS_PER_SWEEP_MAX)
      .execute();
  }

  async #renew(grant: GrantsTable): Promise<void> {
    const nowMs = this.#now();
    if (lacksLogin(grant, nowMs) && (await this.#loginFor(grant)) === null) {
      await this.#putOff(grant, loginRetryAt(grant, nowMs));
      return;
    }
    await this.settle({ vehicleId: grant.vehicle_id, partNumber: grant.part_number });
  }

  async #putOff({ id, renew_at: before }: GrantsTable, renewAt: number): Promise<void> {
    await this.#parts.store.write(
      (tx) =>
        tx
          .updateTable('grants')
          .set({ renew_at: renewAt })
          .where('id', '=', id)
          .where('renew_at', '=', before)
          .execute(),
      { durable: false },
    );
  }

  /** Undefined where it carries none, null where it should and there is none now. */
  async #loginFor(grant: GrantsTable): Promise<CorrectionLogin | null | undefined> {
    if (grant.right_state !== 'active') return undefined;
    const entitlement = await findEntitlement(this.#parts.store.db, grant.entitlement_id);
    if (entitlement?.correction_app_id == null) return undefined;
    return await this.#parts.correctionLoginFor(entitlement);
  }

  async #visit(vehicleId: string): Promise<void> {
    const { db } = this.#parts.store;
    for (const partNumber of await partsOf(db, vehicleId)) {
      await this.settle({ vehicleId, partNumber });
      await othersTurn();
    }
    const open = await db
      .selectFrom('grants')
      .selectAll()
      .where('vehicle_id', '=', vehicleId)
      .where('state', '=', 'sent')
      .where('sent_at', '<', this.#now() - (this.#parts.resendMs ?? GRANT_RESEND_MS))
      .execute();
    for (const grant of open) await this.#send(grant);
  }

  async #unsent(slot?: Slot): Promise<GrantsTable[]> {
    let query = this.#parts.store.db
      .selectFrom('grants')
      .selectAll()
      .where('state', 'in', ['numbered', 'made'])
      .orderBy('created_at')
      .limit(GRANTS_PER_SWEEP_MAX);
    if (slot !== undefined)
      query = query.where('vehicle_id', '=', slot.vehicleId).where('part_number', '=', slot.partNumber);
    // In a sweep those that somebody is at work with have a moment yet.
    else query = query.where('created_at', '<', this.#now() - GRANT_SWEEP_MS);
    return await query.execute();
  }

  #finish(grant: GrantsTable): Promise<void> {
    const known = this.#underWay.get(grant.id);
    if (known !== undefined) return known;
    const work = this.#makeAndSend(grant).finally(() => this.#underWay.delete(grant.id));
    this.#underWay.set(grant.id, work);
    return work;
  }

  async #makeAndSend(grant: GrantsTable): Promise<void> {
    const made = grant.state === 'numbered' ? await this.#make(grant) : grant;
    if (made?.state === 'made') await this.#send(made);
  }

  /** Undefined where a later one counts by now, or another process was first. */
  async #make(grant: GrantsTable): Promise<GrantsTable | undefined> {
    const { store, crypto, keys, journal } = this.#parts;
    const { header, softRight, activation } = JSON.parse(grant.facts) as GrantFacts;
    const row = await findCertificate(store.db, grant.certificate_id);
    const certificate = row && readPem('CERTIFICATE', row.certificate);
    if (row === undefined || certificate === undefined)
      throw new Error(`the certificate ${grant.certificate_id} is not in the store`);
    const correction = await this.#loginFor(grant);
    const document = await crypto.makeGrant({
      ...{ header, activation, certificate, algorithm: row.algorithm },
      softRight: { ...softRight, correction: correction == null ? null : { ...correction } },
      grantKey: await keys.current('grant', row.algorithm),
      activationKey: await keys.current('activation', row.algorithm),
    });
    const renewal = correction === null ? { renew_at: loginRetryAt(grant, this.#now()) } : {};
    // What is lost with the machine's power is made again.
    const made = await store.write(
      (tx) =>
        tx
          .updateTable('grants')
          .set({ document, state: 'made', ...renewal })
          .where('id', '=', grant.id)
          .where('state', '=', 'numbered')
          .returningAll()
          .executeTakeFirst(),
      { durable: false },
    );
    if (made !== undefined) {
      journal.record('info', 'grant_made', {
        ...{ grant: made.id, vehicle: made.vehicle_id, part: made.part_number, seq: made.seq },
        ...{ entitlement: made.entitlement_id, right: made.right_state, certificate: made.certificate_id },
      });
    }
    return made;
  }

  async #send({ id, vehicle_id: vehicleId, document }: GrantsTable): Promise<void> {
    const { line, store, journal } = this.#parts;
    if (document === null) return;
    // Where the broker is away, a sweep comes back to it.
    if (!(await line.push({ vehicleId, kind: 'grant', body: document }))) return;
    const set = {
      sent_at: this.#now(),
      // The receipt may have been here before this.
      state: sql<GrantsTable['state']>`case when state = 'made' then 'sent' else state end`,
    };
    await store.write((tx) => tx.updateTable('grants').set(set).where('id', '=', id).execute(), {
      durable: false,
    });
    journal.record('info', 'grant_sent', { grant: id, vehicle: vehicleId });
  }

  async #takeReceipt(uplink: Uplink): Promise<void> {
    const receipt = await this.#receipts.take(uplink);
    if (receipt === undefined) return;
    const { vehicleId } = uplink;
    if (isPassing(receipt)) this.#retryLater(vehicleId);
    else this.#retries.delete(vehicleId);
    const { result, reason, counter } = receipt;
    // It relies on nothing that it holds. What it refuses it would refuse again.
    if (reason === 'storage_rolled_back' && result !== 'refused')
      await this.hearOfHeld({ vehicleId, counter, rights: [], isBehind: true, heardMs: this.#now() + 1 });
  }

  #noteFailure(error: unknown): void {
    const problem = error instanceof Error ? error.message : undefined;
    this.#parts.journal.recordSampled('grants', 'warn', 'grant_delayed', { problem });
  }
}
