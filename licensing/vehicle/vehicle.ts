// The whole in-vehicle system, put together: certificates, line, rights, packages, software. A library: the command line
// and tests give it a folder and listen to what it tells.

import { randomBytes } from 'node:crypto';
import path from 'node:path';
import type { DownKind } from '../broker/vehicle-line.ts';
import { VehicleLineToCloud } from './line/vehicle-line.ts';
import type { ReconnectPace } from './line/reconnect-pace.ts';
import type { OtaClient, OtaGround, OtaMeans } from './ota-port.ts';
import { kidOf, readClaimCode, readPackageOffer, readUsesTaken, type ReadAnswer } from './rights/answers.ts';
import { sha256Hex } from './rights/digest.ts';
import { PackageDesk } from './rights/package-desk.ts';
import { type ClockSources, RightClock } from './rights/right-clock.ts';
import { RightsModule, type Used } from './rights/rights-module.ts';
import { StateStore } from './rights/state-store.ts';
import type { VehicleState } from './rights/state.ts';
import { certificateOf, Uplinks } from './rights/uplinks.ts';
import { SoftwareModule, type SoftwareParts } from './software/software-module.ts';
import { anchorIn } from './storage/counter-anchor.ts';
import { SealedFiles } from './storage/sealed-files.ts';
import type { Trust } from './trust.ts';
import { TrustKeeper } from './trust-keeper.ts';
import type { TellVehicleEvent } from './vehicle-event.ts';
import type { VehicleFolder } from './vehicle-folder.ts';

export interface VehicleOptions {
  readonly tell: TellVehicleEvent;
  /** What is installed already, beyond what the state knows: part number -> version. */
  readonly installed?: Readonly<Record<string, string>>;
  /** Where the counter is kept that shows storage put back; none: only the cloud sees that. */
  readonly counterFolder?: string;
  readonly clock?: ClockSources;
  readonly pace?: ReconnectPace;
  /** Made once the trust document is there. */
  readonly openOta?: (ground: OtaGround, means: OtaMeans) => OtaClient;
  /** False where messages come by another way than the line. */
  readonly connects?: boolean;
  /** What the software of a part does; a plain module where nothing is said. */
  readonly softwareOf?: (parts: SoftwareParts) => SoftwareModule;
}

export interface ClaimCode {
  readonly code: string;
  readonly expiresAt: string | number;
}

/** How late, at most, an end by time or use shows. */
const SETTLE_PERIOD_MS = 250;
/**
 * How often the time is kept where nothing else is written, and how soon first; it doubles from there. A clock that is set
 * back while the car is off gains no more than what was not kept: at most about half of the time since the start.
 */
const TIME_KEPT_MS = 60_000;
const TIME_FIRST_KEPT_MS = 5000;
/** For a certificate that is to be renewed, and for keys of the cloud that have changed. */
const RENEWAL_LOOK_MS = 3_600_000;
/** While it is connected, the offline grace begins anew so often. */
const CONTACT_MS = 600_000;

export class Vehicle {
  readonly #folder: VehicleFolder;
  readonly #options: VehicleOptions;
  readonly #store: StateStore;
  readonly #clock: RightClock;
  readonly #trust: TrustKeeper;
  readonly #uplinks: Uplinks;
  readonly #rights: RightsModule;
  readonly #packages: PackageDesk;
  readonly #line: VehicleLineToCloud;
  readonly #software = new Map<string, SoftwareModule>();
  readonly #claims = new Map<string, (code: ClaimCode) => void>();
  readonly #timers: NodeJS.Timeout[] = [];
  #timeKeeping: NodeJS.Timeout | undefined;
  #trustText = '';
  #isDriving = false;

  private constructor(folder: VehicleFolder, store: StateStore, options: VehicleOptions) {
    const { tell } = options;
    const { certificates, files } = folder;
    this.#folder = folder;
    this.#options = options;
    this.#store = store;
    this.#clock = new RightClock(store.state.seenMs, options.clock);
    this.#uplinks = new Uplinks(certificates, this.#clock);
    const softwareOf = (partNumber: string): SoftwareModule => this.software(partNumber);
    const shared = { store, certificates, uplinks: this.#uplinks, tell };
    this.#rights = new RightsModule({ ...shared, clock: this.#clock, softwareOf });
    this.#trust = new TrustKeeper({
      ...{ certificates, files, clock: this.#clock, tell },
      onTrust: (text) => this.#handTrustOn(text),
    });
    const ota: OtaClient | undefined = options.openOta && {
      fetch: (offer, signal) => this.#openOta().fetch(offer, signal),
    };
    this.#packages = new PackageDesk({ ...shared, rights: this.#rights, ota });
    this.#line = new VehicleLineToCloud({
      ...{ certificates, store, tell },
      ...(options.pace === undefined ? {} : { pace: options.pace }),
      trust: async () => {
        // A car that slept beyond the end of its certificate is let in with the next one only.
        await this.#renew();
        return await this.#trust.refresh();
      },
      onMessage: async (kind, body) => await this.take(kind, body),
      onConnected: () => this.#onConnected(),
    });
  }

  /** Of an enrolled vehicle. Undefined where the state is there and does not open. */
  static open(folder: VehicleFolder, options: VehicleOptions): Vehicle | undefined {
    const { counterFolder } = options;
    const anchor =
      counterFolder === undefined ? undefined : anchorIn(new SealedFiles(counterFolder, folder.key));
    const store = StateStore.open(folder.files, anchor);
    if (store === undefined) return undefined;
    if (store.doubt !== undefined) options.tell(store.doubt);
    return new Vehicle(folder, store, options);
  }

  get state(): VehicleState {
    return this.#store.state;
  }

  get isConnected(): boolean {
    return this.#line.isConnected;
  }

  /** Functions go on that were on. */
  resume(): void {
    this.#signAnew();
    for (const [part, version] of Object.entries(this.#options.installed ?? {})) {
      if (this.state.installed[part] !== version) this.#rights.noteInstalled(part, version);
    }
    this.#rights.resume();
  }

  start(): void {
    const { tell } = this.#options;
    this.resume();
    this.#every(SETTLE_PERIOD_MS, () => this.settle());
    this.#keepTime(TIME_FIRST_KEPT_MS);
    this.#every(CONTACT_MS, () => {
      if (this.isConnected) this.#rights.noteContact();
    });
    this.#every(RENEWAL_LOOK_MS, () => void this.#lookAnew());
    tell('started', { vehicle: this.#folder.certificates.vehicleId, installed: this.state.installed });
    if (this.#options.connects ?? true) this.#line.start();
  }

  async stop(): Promise<void> {
    clearTimeout(this.#timeKeeping);
    for (const timer of this.#timers.splice(0)) clearInterval(timer);
    await this.#packages.stop();
    await this.#line.stop();
  }

  /** The control unit of a part. */
  software(partNumber: string): SoftwareModule {
    const known = this.#software.get(partNumber);
    if (known !== undefined) return known;
    const parts: SoftwareParts = {
      partNumber,
      vin: this.#folder.certificates.vehicleId,
      obeyed: anchorIn(this.#folder.files, `software-${sha256Hex(partNumber)}`),
      now: () => this.#clock.now(),
      isDriving: () => this.#isDriving,
    };
    const made = this.#options.softwareOf?.(parts) ?? new SoftwareModule(parts);
    this.#software.set(partNumber, made);
    if (this.#trustText !== '') this.#teach(made);
    return made;
  }

  /** The functions of every part that may be used now. */
  functions(): Readonly<Record<string, readonly string[]>> {
    return Object.fromEntries([...this.#software].map(([part, software]) => [part, software.functions()]));
  }

  use(partNumber: string): Used {
    const used = this.#rights.use(partNumber);
    this.#line.wake();
    return used;
  }

  install(partNumber: string, version: string): void {
    this.#rights.noteInstalled(partNumber, version);
    this.#line.wake();
  }

  /** What was to end ends when the car is parked. */
  setDriving(isDriving: boolean): void {
    this.#isDriving = isDriving;
    this.settle();
  }

  /** A code for the driver who claims the car. Resolves when the cloud answers; rejects after `withinMs`. */
  async claim(withinMs: number): Promise<ClaimCode> {
    const requestId = `clm_${randomBytes(12).toString('hex')}`;
    // First of all: where the disk does not take it, nothing waits for an answer.
    this.#store.change((state) => this.#uplinks.claimWanted(state, requestId));
    const answered = new Promise<ClaimCode>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error('no claim code came')), withinMs);
      this.#claims.set(requestId, (code) => {
        clearTimeout(timer);
        resolve(code);
      });
    }).finally(() => this.#claims.delete(requestId));
    this.#line.wake();
    return await answered;
  }

  /** Has rights, packages and the outbox be as they should be by now. */
  settle(): void {
    this.#rights.settle();
    this.#packages.settle();
    this.#line.wake();
  }

  /** A message from the cloud, however it came. Durable when it resolves. */
  async take(kind: DownKind, body: Uint8Array): Promise<void> {
    const trust = this.#trust.trust ?? (await this.#trust.refresh());
    // It is not acknowledged then, and comes again.
    if (trust === undefined) throw new Error('nothing is trusted yet');
    if (kind === 'grant') await this.#takeGrant(body, trust);
    else this.#takeAnswer(kind, body, await this.#trustFor(body, trust));
    this.settle();
  }

  async #takeGrant(body: Uint8Array, trust: Trust): Promise<void> {
    if (this.#rights.take(body, trust) !== 'kid_unknown') return;
    // The cloud may have a new key.
    const newer = await this.#trust.refreshForKey();
    if (newer !== undefined && newer !== trust) this.#rights.take(body, newer);
  }

  /** Where the answer names a key that is not known, the cloud may have a new one. */
  async #trustFor(body: Uint8Array, trust: Trust): Promise<Trust> {
    const kid = kidOf(body);
    if (kid === undefined || trust.grantKeys.some((key) => key.kid === kid)) return trust;
    return (await this.#trust.refreshForKey()) ?? trust;
  }

  #takeAnswer(kind: Exclude<DownKind, 'grant'>, body: Uint8Array, { grantKeys }: Trust): void {
    const { tell } = this.#options;
    const checks = { keys: grantKeys, vin: this.#folder.certificates.vehicleId };
    if (kind === 'uses') {
      const taken = this.#checked(kind, readUsesTaken(body, checks));
      if (taken === undefined) return;
      tell('uses_taken', { lease: taken.leaseId, counter: taken.counter });
      this.#rights.noteCounterOfCloud(taken.counter);
    } else if (kind === 'ota') {
      const offer = this.#checked(kind, readPackageOffer(body, checks));
      if (offer !== undefined) this.#packages.take(offer);
    } else {
      const claim = this.#checked(kind, readClaimCode(body, checks));
      if (claim !== undefined) this.#claims.get(claim.requestId)?.(claim);
    }
  }

  #checked<Answer>(kind: DownKind, read: ReadAnswer<Answer>): Answer | undefined {
    if (read.ok) return read.answer;
    this.#options.tell('answer_refused', { kind, reason: read.reason });
    return undefined;
  }

  #onConnected(): void {
    this.#store.change((state, counter) => this.#uplinks.manifest(state, counter));
    this.#rights.noteContact();
  }

  async #lookAnew(): Promise<void> {
    try {
      await this.#renew();
      await this.#trust.refresh();
    } catch (error) {
      this.#options.tell('storage_failed', { reason: String(error) });
    }
  }

  async #renew(): Promise<void> {
    const { tell } = this.#options;
    const { certificates } = this.#folder;
    const renewed = await certificates.renewIfDue();
    if (renewed === undefined) return;
    if (!renewed.ok) {
      tell('renewal_failed', { reason: renewed.reason, detail: renewed.detail });
      return;
    }
    tell('certificate_renewed', { certificate: renewed.certificateId });
    this.#signAnew();
    this.#line.reconnect();
  }

  /** The cloud takes nothing by a certificate that has run out, and what waits may be by one. */
  #signAnew(): void {
    const { certificates } = this.#folder;
    if (this.state.outbox.every(({ body }) => certificates.holds(certificateOf(body)))) return;
    this.#store.change((state) => this.#uplinks.signedAnew(state));
  }

  #handTrustOn(text: string): void {
    this.#trustText = text;
    for (const software of this.#software.values()) this.#teach(software);
  }

  #teach(software: SoftwareModule): void {
    const { issuing, root } = this.#folder.certificates;
    software.learnTrust(this.#trustText, { issuing, root });
  }

  #openOta(): OtaClient {
    const otaRootUrl = this.#trust.trust?.document.otaRootUrl;
    if (otaRootUrl === undefined) throw new Error('nothing is trusted yet');
    const { certificates, folder } = this.#folder;
    const now = (): number => this.#clock.now();
    return this.#options.openOta!(
      { folder: path.join(folder, 'packages'), otaRootUrl },
      {
        vehicleId: certificates.vehicleId,
        sign: (typ, fields) => certificates.signUplink(typ, now(), fields),
        now,
      },
    );
  }

  #keepTime(afterMs: number): void {
    this.#timeKeeping = setTimeout(() => {
      this.#attempt(() => this.#store.change((state) => ({ ...state, seenMs: this.#clock.now() })));
      this.#keepTime(Math.min(2 * afterMs, TIME_KEPT_MS));
    }, afterMs);
  }

  #every(periodMs: number, work: () => void): void {
    this.#timers.push(setInterval(() => this.#attempt(work), periodMs));
  }

  #attempt(work: () => void): void {
    try {
      work();
    } catch (error) {
      // The disk is full, or gone: what is not durable does not count, and is tried again.
      this.#options.tell('storage_failed', { reason: String(error) });
    }
  }
}
