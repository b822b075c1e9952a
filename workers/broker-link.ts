// The broker as the main thread sees it: a thread that is started, watched, and started again when it has ended, and the
// line to the vehicles through it. Nothing here waits for it; a push while it is away is refused, to be tried again.
//
//   starting ── listening ──▶ up ── exit, or silent (ended) ──▶ resting ── back-off, doubled while it keeps ending ──▶ starting

import { Worker } from 'node:worker_threads';
import {
  BROKER_CERTIFICATE_RENEW_MS,
  BROKER_CERTIFICATE_RETRY_MS,
  BROKER_DRAIN_MS,
  BROKER_OLD_GENERATION_MIB,
  BROKER_REPORT_PERIOD_MS,
  BROKER_SILENT_MS,
  WORKER_END_MS,
  WORKER_RESTART_BACKOFF_MAX_MS,
  WORKER_RESTART_BACKOFF_MIN_MS,
  WORKER_RESTART_BACKOFF_RESET_MS,
  WORKER_YOUNG_GENERATION_MIB,
} from '../config/limits.ts';
import type { Journal } from '../platform/observe/journal.ts';
import type { Refused } from '../licensing/broker/broker-ports.ts';
import type { AdmissionDesk } from '../licensing/broker/admission-desk.ts';
import { Presences } from '../licensing/broker/presences.ts';
import type { VehicleRefusal } from '../licensing/broker/refusals.ts';
import { UplinkDesk, type UplinkHandler } from '../licensing/broker/uplink-desk.ts';
import type { DownKind, Presence, UpKind, VehicleLine } from '../licensing/broker/vehicle-line.ts';
import type { BrokerTls } from '../licensing/broker/vehicle-listeners.ts';
import type { BrokerCounts, BrokerStart, FromBroker, ToBroker } from './broker-messages.ts';
import { entryUrl } from './entry-url.ts';

export interface BrokerLinkOptions {
  readonly start: BrokerStart;
  readonly journal: Journal;
  readonly desk: Pick<AdmissionDesk, 'admit'>;
  /** Keeps what was refused for whoever looks later; where it rejects, the event has told. */
  readonly refused: (refused: Refused) => Promise<void>;
  /** Makes the certificate; asked when the first vehicle comes, and again before it runs out. */
  readonly tls: () => Promise<BrokerTls>;
}

export type BrokerPorts = Extract<FromBroker, { type: 'listening' }>['ports'];

export type BrokerOpening =
  | { readonly ok: true; readonly ports: BrokerPorts }
  | { readonly ok: false; readonly code: string; readonly port: number; readonly detail: string };

export class BrokerLink implements VehicleLine {
  readonly #options: BrokerLinkOptions;
  readonly #uplinks: UplinkDesk;
  readonly #presences: Presences;
  #start: BrokerStart;
  #worker: Worker | undefined;
  #isUp = false;
  #isStopping = false;
  #startedMs = 0;
  #heardMs = 0;
  #backoffMs = WORKER_RESTART_BACKOFF_MIN_MS;
  #restart: NodeJS.Timeout | undefined;
  #watching: NodeJS.Timeout | undefined;
  #tls: BrokerTls | undefined;
  #renewing: NodeJS.Timeout | undefined;
  #lastAsk = 0;
  readonly #pushing = new Map<number, (isKept: boolean) => void>();
  #restarts = 0;
  #counts: BrokerCounts | undefined;
  readonly #refusals = new Map<VehicleRefusal, number>();
  readonly #pushes = new Map<DownKind, number>();

  constructor(options: BrokerLinkOptions) {
    this.#options = options;
    this.#start = options.start;
    this.#presences = new Presences(options.journal);
    this.#uplinks = new UplinkDesk({
      journal: options.journal,
      taken: (ids) => this.#post({ type: 'taken', ids }),
      handles: (kinds) => this.#post({ type: 'handles', kinds }),
      putBack: ({ vehicleId, kind }) => this.#post({ type: 'putBack', line: { vehicleId, kind } }),
      again: ({ vehicleId, kind }) => this.#post({ type: 'again', line: { vehicleId, kind } }),
    });
  }

  /** As of a second ago; undefined while it is away. */
  get counts(): BrokerCounts | undefined {
    return this.#counts;
  }

  get restarts(): number {
    return this.#restarts;
  }

  get refusals(): ReadonlyMap<VehicleRefusal, number> {
    return this.#refusals;
  }

  /** Messages that were kept for vehicles. */
  get pushes(): ReadonlyMap<DownKind, number> {
    return this.#pushes;
  }

  get uplinks(): ReadonlyMap<UpKind, number> {
    return this.#uplinks.counts();
  }

  get connects(): number {
    return this.#presences.connects;
  }

  /** Resolves when it listens, or with why it cannot. */
  async open(): Promise<BrokerOpening> {
    const opening = await this.#launch();
    if (opening.ok) {
      // The same ones after a restart.
      this.#start = { ...this.#start, doors: { ...this.#start.doors, ...opening.ports } };
      this.#watching = setInterval(() => this.#look(), BROKER_REPORT_PERIOD_MS);
    }
    return opening;
  }

  push({ vehicleId, kind, body }: Parameters<VehicleLine['push']>[0]): Promise<boolean> {
    if (!this.#isUp) return Promise.resolve(false);
    const ask = ++this.#lastAsk;
    const { promise, resolve } = Promise.withResolvers<boolean>();
    this.#pushing.set(ask, (isKept) => {
      if (isKept) this.#pushes.set(kind, (this.#pushes.get(kind) ?? 0) + 1);
      resolve(isKept);
    });
    this.#post({ type: 'push', ask, vehicleId, kind, body });
    return promise;
  }

  handle(kind: UpKind, handler: UplinkHandler): void {
    this.#uplinks.handle(kind, handler);
  }

  onConnected(listener: (vehicleId: string) => void): void {
    this.#presences.onConnected(listener);
  }

  presenceOf(vehicleId: string): Presence {
    return this.#presences.of(vehicleId);
  }

  /** Sessions by this certificate end then. */
  endCertificate(certificateId: string, atMs: number): void {
    this.#post({ type: 'endCertificate', certificateId, atMs });
  }

  /** Ends it as a fault would; for tests of what happens then. */
  async endWorker(): Promise<void> {
    await this.#worker?.terminate();
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    clearTimeout(this.#restart);
    clearInterval(this.#watching);
    clearTimeout(this.#renewing);
    const worker = this.#worker;
    if (worker !== undefined) {
      const exited = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
      this.#post({ type: 'drain' });
      const hurry = setTimeout(() => void worker.terminate(), BROKER_DRAIN_MS);
      const giveUp = new Promise<void>((resolve) =>
        setTimeout(resolve, BROKER_DRAIN_MS + WORKER_END_MS).unref(),
      );
      await Promise.race([exited, giveUp]);
      clearTimeout(hurry);
    }
    this.#uplinks.stop();
  }

  #launch(): Promise<BrokerOpening> {
    const worker = new Worker(entryUrl('broker-worker'), {
      workerData: this.#start,
      name: 'broker',
      resourceLimits: {
        maxYoungGenerationSizeMb: WORKER_YOUNG_GENERATION_MIB,
        maxOldGenerationSizeMb: BROKER_OLD_GENERATION_MIB,
      },
    });
    this.#worker = worker;
    this.#startedMs = performance.now();
    this.#heardMs = this.#startedMs;
    let failure = '';
    worker.on('error', (error) => {
      failure = error instanceof Error ? (error.stack ?? error.message) : String(error);
    });
    return new Promise((resolve) => {
      worker.on('message', (message: FromBroker) => {
        this.#heardMs = performance.now();
        if (message.type === 'listenFailed') {
          const { code, port, detail } = message;
          failure = detail;
          resolve({ ok: false, code, port, detail });
          void worker.terminate();
        } else if (message.type === 'listening') {
          this.#begin();
          resolve({ ok: true, ports: message.ports });
        } else {
          this.#take(message);
        }
      });
      worker.on('exit', (code) => {
        const detail = failure === '' ? `exit code ${code}` : failure;
        resolve({ ok: false, code: 'worker_ended', port: 0, detail });
        this.#lose(detail);
      });
    });
  }

  #begin(): void {
    this.#isUp = true;
    if (this.#tls !== undefined) this.#post({ type: 'tls', tls: this.#tls });
    const { kinds } = this.#uplinks;
    if (kinds.length > 0) this.#post({ type: 'handles', kinds });
  }

  #take(message: Exclude<FromBroker, { type: 'listening' | 'listenFailed' }>): void {
    switch (message.type) {
      case 'needsTls':
        if (this.#tls === undefined) void this.#renew();
        return;
      case 'pushed':
        this.#pushing.get(message.ask)?.(message.isKept);
        this.#pushing.delete(message.ask);
        return;
      case 'admit':
        void this.#admit(message);
        return;
      case 'connected':
        return this.#presences.connected(message);
      case 'disconnected':
        return this.#presences.disconnected(message);
      case 'refused': {
        const { reason, address, vehicleId: vehicle, detail } = message.refused;
        this.#refusals.set(reason, (this.#refusals.get(reason) ?? 0) + 1);
        const fields = { reason, vehicle, address, detail };
        this.#options.journal.recordSampled(address, 'warn', 'vehicle_refused', fields);
        this.#options.refused(message.refused).catch(() => undefined);
        return;
      }
      case 'uplinks':
        return this.#uplinks.take(message.ups);
      case 'counts':
        this.#counts = message.counts;
        return;
    }
  }

  async #admit({ ask, question }: Extract<FromBroker, { type: 'admit' }>): Promise<void> {
    try {
      this.#post({ type: 'admission', ask, admission: await this.#options.desk.admit(question) });
    } catch (error) {
      const detail = error instanceof Error ? error.message : String(error);
      this.#options.journal.recordSampled('admission', 'error', 'vehicle_not_judged', { detail });
      this.#post({ type: 'admission', ask, admission: { ok: false, reason: 'cloud_unavailable' } });
    }
  }

  async #renew(): Promise<void> {
    clearTimeout(this.#renewing);
    let againMs = BROKER_CERTIFICATE_RENEW_MS;
    try {
      this.#tls = await this.#options.tls();
      this.#post({ type: 'tls', tls: this.#tls });
    } catch (error) {
      const detail = error instanceof Error ? error.message : String(error);
      againMs = BROKER_CERTIFICATE_RETRY_MS;
      this.#options.journal.record('error', 'broker_certificate_failed', { detail, retryMs: againMs });
    }
    if (!this.#isStopping) this.#renewLater(againMs);
  }

  /** A timer takes no more than 24 days. */
  #renewLater(ms: number): void {
    const part = Math.min(ms, DAY_MS);
    this.#renewing = setTimeout(() => {
      if (ms > part) this.#renewLater(ms - part);
      else void this.#renew();
    }, part);
    this.#renewing.unref();
  }

  /** Reports are looked for by this thread's own clock: of a machine that slept both have missed as many. */
  #look(): void {
    if (this.#worker === undefined || performance.now() - this.#heardMs < BROKER_SILENT_MS) return;
    this.#heardMs = performance.now();
    this.#options.journal.record('error', 'broker_stuck', { silentMs: BROKER_SILENT_MS });
    void this.#worker.terminate();
  }

  #lose(detail: string): void {
    this.#worker = undefined;
    const wasUp = this.#isUp;
    this.#isUp = false;
    this.#counts = undefined;
    for (const resolve of this.#pushing.values()) resolve(false);
    this.#pushing.clear();
    this.#uplinks.forget();
    this.#presences.allGone();
    if (this.#isStopping || (!wasUp && this.#restarts === 0)) return;
    const isLongLived = performance.now() - this.#startedMs >= WORKER_RESTART_BACKOFF_RESET_MS;
    const restartMs = isLongLived ? WORKER_RESTART_BACKOFF_MIN_MS : this.#backoffMs;
    this.#backoffMs = Math.min(2 * restartMs, WORKER_RESTART_BACKOFF_MAX_MS);
    this.#restarts += 1;
    this.#options.journal.record('error', 'broker_ended', { detail, restartMs });
    this.#restart = setTimeout(() => void this.#launch(), restartMs);
  }

  #post(message: ToBroker): void {
    if (this.#isUp) this.#worker?.postMessage(message);
  }
}

const DAY_MS = 86_400_000;
