// Over-the-air updates as the rest of licensing sees them: the desk, the files, and the vehicles' questions, whether they
// come by their line or by HTTP. Starts nothing but what `stop` ends.

import { OTA_QUESTIONS_PER_MINUTE_MAX, OTA_ROOT_LOOK_MS, OTA_ROOT_READ_MS } from '../../config/limits.ts';
import { MinuteCounter } from '../../platform/http/minute-counter.ts';
import type { Journal } from '../../platform/observe/journal.ts';
import type { Transaction } from '../../platform/store/sql.ts';
import type { Tables } from '../../platform/store/tables.ts';
import type { Uplink, VehicleLine } from '../broker/vehicle-line.ts';
import type { KeyAlgorithm } from '../pki/keys.ts';
import { type NotedRefusal, VehicleAudit } from '../vehicle-audit.ts';
import { type PackageOffer, type PackageWanted, packageWanted, vehicleState } from './documents.ts';
import { type Held, type Taken, takeManifest } from './manifests.ts';
import { type DeskParts, OtaDesk } from './ota-desk.ts';
import type { PackageFiles } from './package-files.ts';
import type { RefusedOffer } from './refused-offers.ts';
import {
  type CheckedDocument,
  type DocumentReaderParts,
  type DocumentRefusal,
  readVehicleDocument,
  type VerifyDocument,
} from './vehicle-documents.ts';

export interface OtaParts extends DeskParts {
  readonly journal: Journal;
  readonly packages: PackageFiles;
  readonly verify: VerifyDocument;
  /** Downloads at a time; OTA_DOWNLOADS_MAX where nothing is said. */
  readonly downloadsMax?: number | undefined;
  /** By the grant key that vehicles of this algorithm trust; the document with its `sig`, JSON. */
  readonly sign: (algorithm: KeyAlgorithm, document: object) => Promise<string>;
  /** Hears which grants a vehicle says to hold. Rejects where it is to be told again. */
  readonly onHeld?: (held: Held) => Promise<void>;
}

export type Asked =
  /** The signed offer, JSON. */
  | { readonly ok: true; readonly answer: string }
  | AskedInVain
  | {
      readonly ok: false;
      readonly reason: 'too_many_requests';
      readonly vehicleId: string;
      readonly retryAfterS: number;
    };

type ReadQuestion = Extract<CheckedDocument<PackageWanted>, { readonly ok: true }>;

interface AskedInVain {
  readonly ok: false;
  readonly reason: DocumentRefusal;
  readonly detail?: string;
}

export class OtaOffice {
  readonly #parts: OtaParts;
  readonly desk: OtaDesk;
  readonly packages: PackageFiles;
  readonly #audit: VehicleAudit;
  readonly #asked = new MinuteCounter();
  #looking: NodeJS.Timeout | undefined;
  #look: Promise<void> | undefined;
  #rereading: NodeJS.Timeout | undefined;
  #read: Promise<void> | undefined;
  #rootEndsMs: number | undefined;

  constructor(parts: OtaParts) {
    this.#parts = parts;
    this.desk = new OtaDesk(parts);
    this.#audit = new VehicleAudit(parts.store);
    this.packages = parts.packages;
  }

  /** What it takes to know who sent a document. */
  get reader(): DocumentReaderParts {
    return this.#parts;
  }

  /** Of the root, as it was a minute ago at most; undefined where there was none. */
  get rootEndsMs(): number | undefined {
    return this.#rootEndsMs;
  }

  /** Takes what vehicles send up, and looks after the root. */
  start(line: VehicleLine): void {
    line.handle('ota', (uplink) => this.#takeQuestion(line, uplink));
    line.handle('state', (uplink) => this.take(uplink));
    const look = (): void => void (this.#look = this.#lookAtRoot());
    // At once, too: a server may be started anew before each day is over.
    look();
    this.#looking = setInterval(look, OTA_ROOT_LOOK_MS).unref();
    const read = (): void => void (this.#read = this.#readRootEnd());
    this.#rereading = setInterval(read, OTA_ROOT_READ_MS).unref();
  }

  /** Waits for looks at the root that are under way. */
  async stop(): Promise<void> {
    clearInterval(this.#looking);
    clearInterval(this.#rereading);
    await this.#look;
    await this.#read;
  }

  /** A question by HTTP: whoever signed it. `bytes` are the signed question; the answer is signed too, also where it is no. */
  async ask(bytes: Uint8Array): Promise<Asked> {
    const read = await readVehicleDocument(this.#parts, bytes, packageWanted);
    if (!read.ok) return read;
    const vehicleId = read.certificate.vehicle_id;
    const count = this.#asked.count(vehicleId, OTA_QUESTIONS_PER_MINUTE_MAX);
    if (count?.ok === false) {
      return { ok: false, reason: 'too_many_requests', vehicleId, retryAfterS: count.resetS };
    }
    return await this.#answer(read);
  }

  async #answer({ document, certificate }: ReadQuestion): Promise<Extract<Asked, { ok: true }>> {
    const offer = await this.desk.offer(document, certificate);
    this.#tell(offer, document.partNumber);
    return { ok: true, answer: await this.#parts.sign(certificate.algorithm, offer) };
  }

  async #takeQuestion(line: VehicleLine, uplink: Uplink): Promise<void> {
    const read = await readVehicleDocument(this.#parts, uplink.body, packageWanted, uplink);
    if (!read.ok) {
      this.#refuse(uplink, read.reason);
      return;
    }
    const { answer } = await this.#answer(read);
    const { vehicleId } = uplink;
    const isKept = await line.push({ vehicleId, kind: 'ota', body: answer });
    // Where the broker is away it hands the question on again by itself. Else the vehicle does not take what waits for it:
    // it asks anew when it does.
    if (!isKept)
      this.#parts.journal.recordSampled(vehicleId, 'warn', 'answer_not_kept', {
        vehicle: vehicleId,
        kind: 'ota',
      });
  }

  /** A report of what is installed. */
  async take(uplink: Uplink): Promise<void> {
    const read = await readVehicleDocument(this.#parts, uplink.body, vehicleState, uplink);
    if (!read.ok) {
      this.#refuse(uplink, read.reason);
      return;
    }
    const { document, certificate } = read;
    const { counter, rights } = document;
    const about = {
      vehicleId: uplink.vehicleId,
      customerId: certificate.customer_id,
      nowMs: this.desk.now(),
    };
    const taken = await this.#parts.store.write(async (tx) => {
      const answer = await takeManifest(tx, document, about.nowMs);
      if (answer.ok) await this.#note(tx, about, answer.refused, document.clockBehindS);
      return answer;
    });
    this.#tellOfManifest(uplink.vehicleId, taken, document.clockBehindS);
    const isBehind = !taken.ok && counter < taken.counter;
    await this.#parts.onHeld?.({
      vehicleId: uplink.vehicleId,
      counter,
      rights,
      isBehind,
      heardMs: uplink.atMs,
    });
  }

  /** What was tried with the vehicle, as it says: it has refused it, and somebody should look. */
  async #note(
    tx: Transaction<Tables>,
    about: Pick<NotedRefusal, 'vehicleId' | 'customerId' | 'nowMs'>,
    refused: readonly RefusedOffer[],
    clockBehindS: number | undefined,
  ): Promise<void> {
    for (const { packageId, id: request, partNumber, reason } of refused) {
      const what = { action: 'package', target: { kind: 'package', id: packageId } } as const;
      await this.#audit.refused({ ...about, ...what, reason, more: { partNumber, request } }, tx);
    }
    if (clockBehindS === undefined) return;
    const what = { action: 'clock', target: { kind: 'vehicle', id: about.vehicleId } } as const;
    const more = { behindS: clockBehindS };
    await this.#audit.refused({ ...about, ...what, reason: 'clock_rolled_back', more }, tx);
  }

  #tellOfManifest(vehicle: string, taken: Taken, clockBehindS: number | undefined): void {
    const { journal } = this.#parts;
    if (!taken.ok) {
      const { counter } = taken;
      journal.recordSampled(vehicle, 'warn', 'manifest_not_newer', { vehicle, counter });
      return;
    }
    for (const { partNumber: part, versionBefore, version } of taken.changes) {
      const [before, now] = [versionBefore ?? undefined, version ?? undefined];
      journal.record('info', 'software_changed', { vehicle, part, version: now, versionBefore: before });
    }
    for (const { partNumber: part, packageId, id: request, reason } of taken.refused) {
      const fields = { vehicle, part, package: packageId, request, reason };
      journal.recordSampled(vehicle, 'warn', 'package_not_taken', fields);
    }
    if (clockBehindS !== undefined)
      journal.recordSampled(vehicle, 'warn', 'vehicle_clock_behind', { vehicle, behindS: clockBehindS });
  }

  #refuse({ vehicleId: vehicle, kind }: Uplink, reason: DocumentRefusal): void {
    this.#parts.journal.recordSampled(vehicle, 'warn', 'document_refused', { vehicle, kind, reason });
  }

  #tell({ ok, reason, requestId: request, vin: vehicle }: PackageOffer, part: string): void {
    const { journal } = this.#parts;
    if (ok) {
      journal.record('info', 'package_offered', { vehicle, part, request });
      return;
    }
    const why = reason ?? undefined;
    journal.recordSampled(vehicle, 'info', 'package_refused', { vehicle, part, request, reason: why });
  }

  async #lookAtRoot(): Promise<void> {
    const { journal } = this.#parts;
    try {
      if (!(await this.desk.renewRoot())) journal.record('warn', 'ota_root_expires', {});
      this.#rootEndsMs = await this.desk.rootEndsMs();
    } catch (error) {
      journal.record('error', 'ota_root_failed', { error: String(error) });
    }
  }

  async #readRootEnd(): Promise<void> {
    try {
      this.#rootEndsMs = await this.desk.rootEndsMs();
    } catch {
      // The store is away, which others tell of: what was read before stays.
    }
  }
}
