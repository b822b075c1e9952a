// The desk of over-the-air updates: who may have which package, in the order in which it is decided, and whether an
// address that was given out is still good. Everything that was asked is kept, with its answer.
//
//   signed question ─▶ certificate ─▶ right in force ─▶ package that is released and fits ─▶ metadata of this vehicle
//   address ─▶ its keyed hash ─▶ its time ─▶ certificate ─▶ right ─▶ release ─▶ file

import { OTA_URL_MS } from '../../config/limits.ts';
import type { Secrets } from '../../platform/secrets/sealed-box.ts';
import { newId } from '../../platform/store/id.ts';
import type { Store } from '../../platform/store/store.ts';
import type { OtaRequestsTable, PackagesTable } from '../../platform/store/tables/ota-tables.ts';
import type { CertificatesTable } from '../../platform/store/tables/pki-tables.ts';
import { rightFor } from '../entitlements/entitlement-book.ts';
import { satisfies } from '../entitlements/version.ts';
import { findCertificate, stateOf } from '../pki/certificate-records.ts';
import { candidatesFor, choosePackage, NO_PACKAGE } from './choose-package.ts';
import type { PackageOffer, PackageWanted } from './documents.ts';
import { installedParts } from './manifests.ts';
import { type CurrentKeys, openOtaKeys, renewRoot, rootEndsMs, rootFile } from './ota-keys.ts';
import { type TargetFacts } from './tuf-metadata.ts';
import { checkUrlToken, requestIdOf, URL_KEY_PURPOSE, urlToken } from './url-token.ts';
import { metadataFile, refreshMetadata } from './vehicle-metadata.ts';

export const OFFER_REFUSALS = ['no_right', ...NO_PACKAGE] as const;

export type OfferRefusal = (typeof OFFER_REFUSALS)[number];

export const URL_REFUSALS = [
  'ota_url_invalid',
  'ota_url_expired',
  'ota_right_ended',
  'ota_release_stopped',
  'certificate_revoked',
  'certificate_expired',
] as const;

export type UrlRefusal = (typeof URL_REFUSALS)[number];

export interface DeskParts {
  readonly store: Store;
  readonly secrets: Secrets;
  /** Where this server is found from outside, without a slash at its end. */
  readonly publicUrl: () => string;
  readonly now: () => number;
}

export type CheckedUrl =
  | { readonly ok: true; readonly request: OtaRequestsTable; readonly packageRow: PackagesTable }
  | { readonly ok: false; readonly reason: UrlRefusal; readonly vehicleId: string | undefined };

export class OtaDesk {
  readonly #parts: DeskParts;
  readonly #urlKey: Buffer;

  constructor(parts: DeskParts) {
    this.#parts = parts;
    this.#urlKey = parts.secrets.deriveKey(URL_KEY_PURPOSE);
  }

  now(): number {
    return this.#parts.now();
  }

  /** Asked again by the same request id, it decides anew and keeps the newer answer. */
  async offer(wanted: PackageWanted, certificate: CertificatesTable): Promise<PackageOffer> {
    const { store } = this.#parts;
    const nowMs = this.now();
    const decided = await this.#decide(wanted, certificate, nowMs);
    const row: Omit<OtaRequestsTable, 'id' | 'created_at' | 'vehicle_reason' | 'vehicle_refused_at'> = {
      vehicle_id: wanted.vin,
      customer_id: certificate.customer_id,
      certificate_id: certificate.id,
      request_id: wanted.requestId,
      grant_id: wanted.grantId ?? null,
      part_number: wanted.partNumber,
      wanted_version: wanted.version,
      installed_version: wanted.installedVersion,
      ...{ downloaded_at: null, installed_at: null },
      ...decided,
      url_expires_at: decided.state === 'offered' ? nowMs + OTA_URL_MS : null,
    };
    const id = await store.write(async (tx) => {
      const before = await tx
        .selectFrom('ota_requests')
        .select('id')
        .where('vehicle_id', '=', wanted.vin)
        .where('request_id', '=', wanted.requestId)
        .executeTakeFirst();
      if (before !== undefined) {
        await tx.updateTable('ota_requests').set(row).where('id', '=', before.id).execute();
        return before.id;
      }
      const made = newId('ota');
      await tx
        .insertInto('ota_requests')
        .values({
          ...row,
          id: made,
          ...{ vehicle_reason: null, vehicle_refused_at: null },
          created_at: nowMs,
        })
        .execute();
      return made;
    });
    const head = { v: 1, typ: 'package_offer', vin: wanted.vin, requestId: wanted.requestId } as const;
    if (decided.state === 'refused') return { ...head, ok: false, reason: decided.reason, ...NOTHING };
    const target = await this.#offered(wanted.vin, decided.package_id);
    if (target === undefined) {
      const set = { state: 'refused', reason: 'no_package', url_expires_at: null } as const;
      await store.db.updateTable('ota_requests').set(set).where('id', '=', id).execute();
      return { ...head, ok: false, reason: 'no_package', ...NOTHING };
    }
    const expiresMs = nowMs + OTA_URL_MS;
    const token = urlToken(this.#urlKey, { requestId: id, vehicleId: wanted.vin, expiresMs });
    const base = `${this.#parts.publicUrl()}/v1/ota/repositories/${token}`;
    return {
      ...head,
      ...{ ok: true, reason: null, metadataUrl: `${base}/metadata`, targetName: target.name },
      url: `${base}/targets/${target.sha256}.${target.name}`,
      expiresAt: Math.floor(expiresMs / 1000),
    };
  }

  /** Asked for every file that is fetched: what was right when the address was made may be no more. */
  async check(token: string): Promise<CheckedUrl> {
    const { db } = this.#parts.store;
    const id = requestIdOf(token);
    const request =
      id === undefined
        ? undefined
        : await db.selectFrom('ota_requests').selectAll().where('id', '=', id).executeTakeFirst();
    const no = (reason: UrlRefusal): CheckedUrl => ({ ok: false, reason, vehicleId: request?.vehicle_id });
    if (request === undefined) return no('ota_url_invalid');
    const nowMs = this.now();
    const checked = checkUrlToken(this.#urlKey, token, request.vehicle_id, nowMs);
    if (checked === 'altered') return no('ota_url_invalid');
    if (checked === 'expired') return no('ota_url_expired');
    const certificate = await findCertificate(db, request.certificate_id);
    const state = certificate === undefined ? 'revoked' : stateOf(certificate, nowMs);
    if (state === 'revoked') return no('certificate_revoked');
    if (state === 'expired') return no('certificate_expired');
    const packageRow = await this.#stillAllowed(request, nowMs);
    return typeof packageRow === 'string' ? no(packageRow) : { ok: true, request, packageRow };
  }

  /** A file of the vehicle’s repository by its name; undefined where there is none. The timestamp is made anew in time. */
  async metadata(vehicleId: string, name: string): Promise<string | undefined> {
    const root = /^([1-9]\d{0,8})\.root\.json$/.exec(name);
    if (root !== null) return await this.rootFile(Number(root[1]));
    if (name === 'timestamp.json') await this.refresh(vehicleId);
    return await metadataFile(this.#parts.store, vehicleId, name);
  }

  /** 0: the newest; made where there is none. Private keys are opened for that only. */
  async rootFile(version: number): Promise<string | undefined> {
    const found = await rootFile(this.#parts, version);
    if (found !== undefined || version !== 0) return found;
    await this.#keys();
    return await rootFile(this.#parts, version);
  }

  async refresh(vehicleId: string): Promise<void> {
    const [keys, targets] = [await this.#keys(), await this.#targetsOf(vehicleId)];
    await refreshMetadata(this.#parts.store, vehicleId, targets, keys, this.now());
  }

  /** The first whole download of an answered request. */
  async noteDownloaded(id: string): Promise<void> {
    await this.#parts.store.db
      .updateTable('ota_requests')
      .set({ downloaded_at: this.now() })
      .where('id', '=', id)
      .where('downloaded_at', 'is', null)
      .execute();
  }

  /** False where the root soon runs out and its keys are elsewhere. */
  async renewRoot(): Promise<boolean> {
    return await renewRoot(this.#parts, this.now());
  }

  async rootEndsMs(): Promise<number | undefined> {
    return await rootEndsMs(this.#parts);
  }

  #keys(): Promise<CurrentKeys> {
    return openOtaKeys(this.#parts, this.now());
  }

  async #decide(wanted: PackageWanted, certificate: CertificatesTable, nowMs: number): Promise<Decided> {
    const { db } = this.#parts.store;
    const right = await rightFor(db, wanted.vin, wanted.partNumber, nowMs);
    const nothing = { package_id: null, release_id: null, state: 'refused' } as const;
    if (right === undefined) return { ...nothing, entitlement_id: null, reason: 'no_right' };
    const wish = {
      ...{ vehicleId: wanted.vin, customerId: certificate.customer_id, partNumber: wanted.partNumber },
      ...{ version: right.version, versionRule: right.version_rule },
      installedVersion: wanted.installedVersion,
      installed: await installedParts(db, wanted.vin),
    };
    const choice = choosePackage(wish, await candidatesFor(db, wish));
    if (!choice.ok) return { ...nothing, entitlement_id: right.id, reason: choice.reason };
    const { packageRow, release } = choice.candidate;
    return {
      entitlement_id: right.id,
      package_id: packageRow.id,
      release_id: release.id,
      ...{ state: 'offered', reason: null },
    };
  }

  async #stillAllowed(
    request: OtaRequestsTable,
    nowMs: number,
  ): Promise<PackagesTable | 'ota_right_ended' | 'ota_release_stopped'> {
    const { db } = this.#parts.store;
    if (request.package_id === null || request.release_id === null) return 'ota_right_ended';
    const packageRow = await db
      .selectFrom('packages')
      .selectAll()
      .where('id', '=', request.package_id)
      .executeTakeFirstOrThrow();
    const right = await rightFor(db, request.vehicle_id, request.part_number, nowMs);
    const isOfRight =
      right !== undefined &&
      satisfies(packageRow.version, { version: right.version, versionRule: right.version_rule });
    if (!isOfRight) return 'ota_right_ended';
    const release = await db
      .selectFrom('releases')
      .select('state')
      .where('id', '=', request.release_id)
      .executeTakeFirst();
    return release?.state === 'active' ? packageRow : 'ota_release_stopped';
  }

  /** In the vehicle’s metadata from now on; undefined where it may have it no more, or was offered another meanwhile. */
  async #offered(vehicleId: string, packageId: string | null): Promise<TargetFacts | undefined> {
    const targets = await this.#targetsOf(vehicleId);
    const target = targets.find(({ name }) => name === packageId);
    if (target === undefined) return undefined;
    await refreshMetadata(this.#parts.store, vehicleId, targets, await this.#keys(), this.now());
    return target;
  }

  /** What a vehicle was offered last of each part that it has a right to, as far as it may still have it. */
  async #targetsOf(vehicleId: string): Promise<TargetFacts[]> {
    const { db } = this.#parts.store;
    const parts = await db
      .selectFrom('entitlements')
      .select('part_number')
      .distinct()
      .where('vehicle_id', '=', vehicleId)
      .where('state', '=', 'active')
      .orderBy('part_number')
      .execute();
    const targets: TargetFacts[] = [];
    for (const { part_number } of parts) {
      // A request that is decided anew is the last one, whenever it was asked first.
      const request = await db
        .selectFrom('ota_requests')
        .selectAll()
        .where('vehicle_id', '=', vehicleId)
        .where('part_number', '=', part_number)
        .where('state', '=', 'offered')
        .orderBy('url_expires_at', 'desc')
        .orderBy('id', 'desc')
        .limit(1)
        .executeTakeFirst();
      if (request === undefined) continue;
      const row = await this.#stillAllowed(request, this.now());
      if (typeof row === 'string' || row.sha256 === null || row.length === null) continue;
      const { id: name, length, sha256, part_number: partNumber, version } = row;
      targets.push({ name, length, sha256, partNumber, version });
    }
    return targets;
  }
}

const NOTHING = { metadataUrl: null, targetName: null, url: null, expiresAt: null } as const;

type Decided = Pick<OtaRequestsTable, 'entitlement_id' | 'package_id' | 'release_id'> &
  (
    | { readonly state: 'offered'; readonly reason: null }
    | { readonly state: 'refused'; readonly reason: OfferRefusal }
  );
