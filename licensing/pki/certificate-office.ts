// The office that gives certificates out: everything that is decided about one, in the order in which it is decided.
//
//   request ─▶ token ─▶ proof (crypto pool) ─▶ vehicle id ─▶ challenge ─▶ signature (crypto pool)
//           ─▶ one transaction: challenge used, token used, vehicle and key taken, those before ended, row written

import { CERTIFICATE_BACKDATE_MS } from '../../config/limits.ts';
import type { ChangeBus } from '../../platform/bus/bus.ts';
import type { Secrets } from '../../platform/secrets/sealed-box.ts';
import { hashOfSecret } from '../../platform/secrets/secret-hash.ts';
import { newId } from '../../platform/store/id.ts';
import type { Transaction } from '../../platform/store/sql.ts';
import type { Store } from '../../platform/store/store.ts';
import type { Tables } from '../../platform/store/tables.ts';
import type { CertificatesTable, EnrolmentTokensTable } from '../../platform/store/tables/pki-tables.ts';
import { Authorities } from './authorities.ts';
import { newSerial } from './certificate.ts';
import { findCertificate, stateOf, supersede, takeKey, takeVehicle } from './certificate-records.ts';
import type { ProvedRequest, RequestRefusal } from './certificate-request.ts';
import {
  CHALLENGE_KEY_PURPOSE,
  Challenges,
  type ChallengeRefusal,
  useChallenge,
  wasUsed,
} from './challenges.ts';
import { fingerprintOf, type KeyAlgorithm } from './keys.ts';
import { pemOf, readPem } from './pem.ts';
import { wholeSecond, type PkiCrypto } from './pki-crypto.ts';

export type CertificateRefusal =
  | RequestRefusal
  | ChallengeRefusal
  | 'vehicle_id_mismatch'
  | 'vehicle_taken'
  | 'key_in_use'
  | 'enrolment_token_invalid'
  | 'enrolment_token_expired'
  | 'enrolment_token_used'
  | 'certificate_not_found'
  | 'certificate_revoked'
  | 'certificate_expired';

export interface Refused {
  readonly ok: false;
  readonly reason: CertificateRefusal;
  readonly detail?: string;
}

export interface OfficeParts {
  readonly store: Store;
  readonly secrets: Secrets;
  readonly bus: ChangeBus;
  readonly crypto: PkiCrypto;
  readonly terms: OfficeTerms;
  readonly now?: () => number;
}

export interface OfficeTerms {
  /** Where this server is found from outside, without a slash at its end: certificates say it for good. */
  readonly publicUrl: () => string;
  /** How long a certificate lasts. */
  readonly certificateMs: number;
  /** How long after its end it may still be renewed: cars sleep for months. */
  readonly renewalGraceMs: number;
}

export interface Asked {
  readonly vehicleId: string;
  /** PKCS #10 as PEM. */
  readonly request: string;
}

/** Who lets a vehicle in for the first time. */
export type Authorization =
  | { readonly kind: 'factory'; readonly customerId: string | null }
  | { readonly kind: 'token'; readonly token: string };

export interface Given {
  readonly ok: true;
  readonly row: CertificatesTable;
  /** True where the same vehicle with the same key and token had it before: the answer may have been lost. */
  readonly isRepeated: boolean;
  /** Those that are good no more by it. */
  readonly ended: readonly string[];
}

/** Signed and not yet written down: `record` does that within a transaction, and may refuse it still. */
export interface Draft {
  readonly ok: true;
  readonly algorithm: KeyAlgorithm;
  readonly record: (tx: Transaction<Tables>) => Promise<Given | Refused>;
}

export class CertificateOffice {
  readonly #parts: OfficeParts;
  readonly authorities: Authorities;
  readonly challenges: Challenges;

  constructor(parts: OfficeParts) {
    this.#parts = parts;
    this.authorities = new Authorities(parts);
    this.challenges = new Challenges(parts.secrets.deriveKey(CHALLENGE_KEY_PURPOSE));
  }

  now(): number {
    return this.#parts.now?.() ?? Date.now();
  }

  crlUrl(algorithm: KeyAlgorithm): string {
    return `${this.#parts.terms.publicUrl()}/v1/certificate-authorities/${algorithm}/crl`;
  }

  /** The first certificate of a vehicle, or the first after it has lost its key. */
  async enrol(asked: Asked, authorization: Authorization): Promise<Draft | Refused> {
    const nowMs = this.now();
    // Before the proof, which costs milliseconds: a stranger gets none of them.
    const token =
      authorization.kind === 'token' ? await this.#token(authorization.token, asked, nowMs) : undefined;
    if (token?.ok === false) return token;
    const proved = await this.#prove(asked, undefined);
    if (!proved.ok) return proved;
    const fingerprint = fingerprintOf(proved.request.key.spki);
    if (token !== undefined && token.row.used_at !== null)
      return await this.#again(token.row, proved.request);
    const customerId = authorization.kind === 'token' ? token!.row.customer_id : authorization.customerId;
    const row = await this.#sign(proved.request, { nowMs, customerId, replaces: null, fingerprint });
    return {
      ok: true,
      algorithm: row.algorithm,
      record: async (tx) => {
        const refused = await this.#take(tx, proved.request, row);
        if (refused !== undefined) return refused;
        const ended = await supersede(tx, row.vehicle_id, { nowMs });
        await tx.insertInto('certificates').values(row).execute();
        if (token !== undefined && !(await useToken(tx, token.row.id, row)))
          return { ok: false, reason: 'enrolment_token_used' };
        return { ok: true, row, isRepeated: false, ended };
      },
    };
  }

  /** The next certificate, for the same key or another one. `proof` is the old key's signature over the request's DER. */
  async renew(id: string, request: string, proof: Uint8Array): Promise<Draft | Refused> {
    const old = await findCertificate(this.#parts.store.db, id);
    if (old === undefined) return { ok: false, reason: 'certificate_not_found' };
    const unfit = this.#whyNotRenewed(old);
    if (unfit !== undefined) return unfit;
    const certificate = readPem('CERTIFICATE', old.certificate)!;
    const proved = await this.#prove(
      { vehicleId: old.vehicle_id, request },
      { certificate, signature: proof },
    );
    if (!proved.ok) return proved;
    const nowMs = this.now();
    const fingerprint = fingerprintOf(proved.request.key.spki);
    const row = await this.#sign(proved.request, {
      ...{ nowMs, fingerprint },
      customerId: old.customer_id,
      replaces: id,
    });
    return {
      ok: true,
      algorithm: row.algorithm,
      record: async (tx) => {
        const refused = await this.#take(tx, proved.request, row);
        if (refused !== undefined) return refused;
        // It may have been revoked meanwhile.
        const current = await findCertificate(tx, id);
        const late = this.#whyNotRenewed(current ?? old);
        if (late !== undefined) return late;
        const ended = await supersede(tx, row.vehicle_id, { nowMs, renewedId: id });
        await tx.insertInto('certificates').values(row).execute();
        return { ok: true, row, isRepeated: false, ended };
      },
    };
  }

  /** To be called once what `record` did is committed. */
  tell({ row, ended }: Given): void {
    for (const id of [row.id, ...ended]) this.#parts.bus.publish({ kind: 'certificate', id });
  }

  #whyNotRenewed(old: CertificatesTable): Refused | undefined {
    const nowMs = this.now();
    if (stateOf(old, nowMs) === 'revoked') return { ok: false, reason: 'certificate_revoked' };
    if (old.not_after + this.#parts.terms.renewalGraceMs <= nowMs)
      return { ok: false, reason: 'certificate_expired' };
    return undefined;
  }

  async #prove(
    asked: Asked,
    old: { readonly certificate: Uint8Array; readonly signature: Uint8Array } | undefined,
  ): Promise<{ readonly ok: true; readonly request: ProvedRequest } | Refused> {
    const der = readPem('CERTIFICATE REQUEST', asked.request);
    if (der === undefined) {
      return {
        ok: false,
        reason: 'request_malformed',
        detail: 'it must be PEM with one CERTIFICATE REQUEST',
      };
    }
    const proved = await this.#parts.crypto.prove({ request: der, ...(old === undefined ? {} : { old }) });
    if (!proved.ok) return proved;
    const { vehicleId, challenge } = proved.request;
    if (vehicleId !== asked.vehicleId) return { ok: false, reason: 'vehicle_id_mismatch' };
    const refused = this.challenges.check(challenge, vehicleId, this.now());
    if (refused !== undefined) return { ok: false, reason: refused };
    if (await wasUsed(this.#parts.store, challenge)) return { ok: false, reason: 'challenge_used' };
    return proved;
  }

  async #token(
    token: string,
    { vehicleId }: Asked,
    nowMs: number,
  ): Promise<{ readonly ok: true; readonly row: EnrolmentTokensTable } | Refused> {
    const row = await this.#parts.store.db
      .selectFrom('enrolment_tokens')
      .selectAll()
      .where('token_hash', '=', hashOfSecret(token))
      .executeTakeFirst();
    if (row === undefined) return { ok: false, reason: 'enrolment_token_invalid' };
    if (row.vehicle_id !== vehicleId) return { ok: false, reason: 'vehicle_id_mismatch' };
    if (row.expires_at <= nowMs) return { ok: false, reason: 'enrolment_token_expired' };
    return { ok: true, row };
  }

  /** A token that was used gives its certificate once more to the very key that it was issued for. */
  async #again(token: EnrolmentTokensTable, request: ProvedRequest): Promise<Draft | Refused> {
    const row =
      token.certificate_id === null
        ? undefined
        : await findCertificate(this.#parts.store.db, token.certificate_id);
    const isSame = row?.key_fingerprint === fingerprintOf(request.key.spki);
    if (row === undefined || !isSame || stateOf(row, this.now()) !== 'active')
      return { ok: false, reason: 'enrolment_token_used' };
    return {
      ok: true,
      algorithm: row.algorithm,
      record: async (tx) => {
        if (!(await useChallenge(tx, request.challenge, this.now())))
          return { ok: false, reason: 'challenge_used' };
        return { ok: true, row, isRepeated: true, ended: [] };
      },
    };
  }

  async #take(
    tx: Transaction<Tables>,
    { challenge }: ProvedRequest,
    row: CertificatesTable,
  ): Promise<Refused | undefined> {
    if (!(await useChallenge(tx, challenge, this.now()))) return { ok: false, reason: 'challenge_used' };
    const fresh = { id: row.vehicle_id, customer_id: row.customer_id, created_at: row.created_at };
    const vehicle = await takeVehicle(this.#parts.store.dialect, tx, fresh);
    if (vehicle.customer_id !== row.customer_id) return { ok: false, reason: 'vehicle_taken' };
    if (!(await takeKey(tx, row.key_fingerprint, row.vehicle_id))) return { ok: false, reason: 'key_in_use' };
    return undefined;
  }

  async #sign(
    { key, vehicleId }: ProvedRequest,
    about: {
      readonly nowMs: number;
      readonly customerId: string | null;
      readonly replaces: string | null;
      readonly fingerprint: string;
    },
  ): Promise<CertificatesTable> {
    const { crypto, terms } = this.#parts;
    const authority = await this.authorities.of(key.algorithm);
    const serial = newSerial();
    const notBeforeMs = wholeSecond(about.nowMs - CERTIFICATE_BACKDATE_MS);
    const notAfterMs = Math.min(wholeSecond(about.nowMs + terms.certificateMs), authority.notAfterMs);
    const times = { notBeforeMs, notAfterMs };
    const facts = { vehicleId, serial, key, crlUrl: this.crlUrl(key.algorithm), ...times };
    const der = await crypto.issue({ facts, issuer: authority.issuer });
    return {
      id: newId('cert'),
      vehicle_id: vehicleId,
      customer_id: about.customerId,
      authority_id: authority.id,
      algorithm: key.algorithm,
      serial: serial.toString('hex'),
      key_fingerprint: about.fingerprint,
      not_before: notBeforeMs,
      not_after: notAfterMs,
      certificate: pemOf('CERTIFICATE', der),
      replaces: about.replaces,
      revoked_at: null,
      revoked_reason: null,
      created_at: about.nowMs,
    };
  }
}

async function useToken(tx: Transaction<Tables>, id: string, row: CertificatesTable): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('enrolment_tokens')
    .set({ used_at: row.created_at, certificate_id: row.id })
    .where('id', '=', id)
    .where('used_at', 'is', null)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}
