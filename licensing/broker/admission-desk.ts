// Whether a vehicle may come in, as the main thread knows it: asked at every CONNECT. Certificates of the TLS handshake
// are looked up by serial number, in memory; those that a token names by certificate id, in the store.

import { BROKER_TOKEN_CHECKS_MAX, BROKER_TOKEN_FAILURES_PER_ADDRESS_MAX } from '../../config/limits.ts';
import { FailureThrottle } from '../../platform/failure-throttle.ts';
import type { Store } from '../../platform/store/store.ts';
import type { CertificatesTable } from '../../platform/store/tables/pki-tables.ts';
import { spkiOf } from '../pki/certificate.ts';
import { findCertificate } from '../pki/certificate-records.ts';
import type { CertificateStatus, KnownCertificate } from '../pki/certificate-status.ts';
import { readPem } from '../pki/pem.ts';
import { CryptoBusy } from '../pki/pki-crypto.ts';
import type { TokenFacts } from './token.ts';
import type { Admission, AdmissionAsk } from './broker-ports.ts';
import type { VehicleRefusal } from './refusals.ts';

export interface TokenAsk {
  readonly spki: Uint8Array;
  readonly facts: TokenFacts;
  readonly signature: Uint8Array;
}

export interface AdmissionParts {
  readonly store: Store;
  readonly status: Pick<CertificateStatus, 'find'>;
  /** In the crypto pool; rejects with CryptoBusy. */
  readonly verifyToken: (ask: TokenAsk) => Promise<boolean>;
  readonly now?: () => number;
}

type ByToken = Extract<AdmissionAsk, { way: 'token' }>;

/** What only a token says that is forged, or tried with another's certificate id. */
const WRONG_TOKENS: ReadonlySet<VehicleRefusal> = new Set([
  'token_wrong',
  'certificate_unknown',
  'vehicle_id_mismatch',
]);

export class AdmissionDesk {
  readonly #parts: AdmissionParts;
  /** By address, and never by certificate id alone: a stranger could keep a vehicle out by it. */
  readonly #throttle = new FailureThrottle(0, BROKER_TOKEN_FAILURES_PER_ADDRESS_MAX);
  #checks = 0;

  constructor(parts: AdmissionParts) {
    this.#parts = parts;
  }

  /** Rejects where the store does not answer. */
  async admit(ask: AdmissionAsk): Promise<Admission> {
    if (ask.way === 'token') return await this.#byToken(ask);
    const known = this.#parts.status.find(ask.serial) ?? (await this.#readSerial(ask.serial));
    return this.#judge(known, ask.vehicleId);
  }

  /** Counts wrong tokens before anything is looked up. */
  async #byToken(ask: ByToken): Promise<Admission> {
    const { address, certificateId } = ask;
    if (this.#throttle.waitS(address, certificateId, this.#nowMs()) > 0) {
      return { ok: false, reason: 'tokens_too_often' };
    }
    const admission = await this.#judgeToken(ask);
    if (admission.ok) this.#throttle.countSuccess(address, certificateId);
    else if (WRONG_TOKENS.has(admission.reason)) {
      this.#throttle.countFailure(address, certificateId, this.#nowMs());
    }
    return admission;
  }

  async #judgeToken(ask: ByToken): Promise<Admission> {
    const row = await findCertificate(this.#parts.store.db, ask.certificateId);
    // An RSA certificate proves itself in the handshake, on the other port.
    const der = row?.algorithm === 'sm2' ? readPem('CERTIFICATE', row.certificate) : undefined;
    if (row === undefined || der === undefined) return { ok: false, reason: 'certificate_unknown' };
    const verdict = this.#judge(knownOf(row), ask.vehicleId);
    if (!verdict.ok) return verdict;
    if (this.#checks >= BROKER_TOKEN_CHECKS_MAX) return { ok: false, reason: 'broker_busy' };
    this.#checks += 1;
    try {
      const { vehicleId: clientId, certificateId, exporter, signature } = ask;
      const facts = { clientId, certificateId, exporter };
      const isRight = await this.#parts.verifyToken({ spki: spkiOf(der), facts, signature });
      if (!isRight) return { ok: false, reason: 'token_wrong' };
      // It may have been revoked meanwhile, when there was no session yet that could be ended.
      return this.#judge(await this.#readSerial(row.serial), ask.vehicleId);
    } catch (error) {
      if (!(error instanceof CryptoBusy)) throw error;
      return { ok: false, reason: 'broker_busy' };
    } finally {
      this.#checks -= 1;
    }
  }

  /**
   * From the store: one that was issued a moment ago may not be in memory yet. Where memory has heard of a revocation while
   * the store was asked, that counts.
   */
  async #readSerial(serial: string): Promise<KnownCertificate | undefined> {
    const query = this.#parts.store.db.selectFrom('certificates').selectAll().where('serial', '=', serial);
    const row = await query.executeTakeFirst();
    const heard = this.#parts.status.find(serial);
    if (row === undefined) return heard;
    return heard !== undefined && heard.revokedAtMs < (row.revoked_at ?? Infinity) ? heard : knownOf(row);
  }

  #nowMs(): number {
    return this.#parts.now?.() ?? Date.now();
  }

  #judge(known: KnownCertificate | undefined, vehicleId: string): Admission {
    if (known === undefined) return { ok: false, reason: 'certificate_unknown' };
    const nowMs = this.#nowMs();
    const { id: certificateId, notAfterMs, revokedAtMs } = known;
    if (revokedAtMs <= nowMs) return { ok: false, reason: 'certificate_revoked' };
    if (notAfterMs <= nowMs) return { ok: false, reason: 'certificate_expired' };
    if (known.vehicleId !== vehicleId) return { ok: false, reason: 'vehicle_id_mismatch' };
    return revokedAtMs < notAfterMs
      ? { ok: true, certificateId, endsAtMs: revokedAtMs, endsBy: 'certificate_revoked' }
      : { ok: true, certificateId, endsAtMs: notAfterMs, endsBy: 'certificate_expired' };
  }
}

function knownOf(row: CertificatesTable): KnownCertificate {
  const { id, vehicle_id: vehicleId, not_after: notAfterMs } = row;
  return { id, vehicleId, notAfterMs, revokedAtMs: row.revoked_at ?? Infinity };
}
