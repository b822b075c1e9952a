// The certificate module: makes and keeps the vehicle's key, gets and renews its certificate, and is the only place that
// ever sees the private key. Others ask it to sign and to unwrap, and are given a TLS context, never a key.

import { createPrivateKey } from 'node:crypto';
import { createSecureContext, type SecureContext } from 'node:tls';
import { signJson, type Signed } from '../../grants/format/signed-json.ts';
import { type Receiver, takeGrant, type TakenGrant } from '../../grants/format/take-grant.ts';
import { signToken } from '../../broker/token.ts';
import { checkVehicle } from '../../pki/certificate-chain.ts';
import { makeRequest } from '../../pki/certificate-request.ts';
import { type KeyAlgorithm, type KeyPair, makeKeyPair, signBytes } from '../../pki/keys.ts';
import { pemOf } from '../../pki/pem.ts';
import type { SealedFiles } from '../storage/sealed-files.ts';
import {
  derOfPem,
  type HeldCertificate,
  type Identity,
  keptKeyOf,
  keyPairOf,
  type KeptKey,
  readIdentity,
  writeIdentity,
} from './identity.ts';
import { type Answer, type IssuedAnswer, PkiClient } from './pki-client.ts';

export interface EnrolmentAsk {
  readonly server: string;
  readonly vehicleId: string;
  readonly algorithm: KeyAlgorithm;
  readonly token: string;
}

export type Certified =
  | { readonly ok: true; readonly certificateId: string; readonly notAfterMs: number }
  /** A code of the server, of the chain's check, or of the client. */
  | { readonly ok: false; readonly reason: string; readonly detail: string };

const RSA_BITS = 2048;
const NOTHING_YET = { root: null, current: null, previous: null };
/** Share of its life after which a certificate is renewed. */
const RENEWAL_SHARE = 2 / 3;

export class CertificateModule {
  readonly #files: SealedFiles;
  readonly #now: () => number;
  #identity: Identity | undefined;

  private constructor(files: SealedFiles, identity: Identity | undefined, now: () => number) {
    this.#files = files;
    this.#identity = identity;
    this.#now = now;
  }

  /** Undefined where the record is there and does not open: with another device key, or damaged. */
  static open(files: SealedFiles, now: () => number = Date.now): CertificateModule | undefined {
    const kept = readIdentity(files);
    if (kept.kind === 'unreadable') return undefined;
    return new CertificateModule(files, kept.kind === 'kept' ? kept.identity : undefined, now);
  }

  get isEnrolled(): boolean {
    return this.#identity?.current != null;
  }

  get vehicleId(): string {
    return this.#known().vehicleId;
  }

  get algorithm(): KeyAlgorithm {
    return this.#known().algorithm;
  }

  get server(): string {
    return this.#known().server;
  }

  /** DER of the root that the first enrolment pinned. */
  get root(): Buffer {
    return derOfPem(this.#known().root ?? '');
  }

  get certificateId(): string {
    return this.#held().id;
  }

  get certificatePem(): string {
    return this.#held().certificate;
  }

  get issuing(): Buffer {
    return derOfPem(this.#held().issuing);
  }

  get notAfterMs(): number {
    return this.#held().notAfterMs;
  }

  /** Whether grants for this certificate are for this vehicle; a renewed one counts until its end. */
  holds(certificateId: string): boolean {
    return this.#heldBy(certificateId) !== undefined;
  }

  /**
   * The first certificate, or, where the last one has run out, another one for the same vehicle: what was pinned and all
   * that it has stay. Where the power goes between question and answer, the same call with the same token goes on
   * with the same key, and gets the same certificate.
   */
  async enrol(ask: EnrolmentAsk): Promise<Certified> {
    const { vehicleId, algorithm, token } = ask;
    const server = ask.server.replace(/\/+$/, '');
    const begun = this.#identity;
    const isSame = begun?.vehicleId === vehicleId && begun.algorithm === algorithm;
    if (this.isEnrolled && !(isSame && this.notAfterMs <= this.#now()))
      return failed('already_enrolled', `the folder has the certificate ${this.certificateId}`);
    const goesOn = isSame && begun.pending !== null;
    const pending = goesOn ? begun.pending : keptKeyOf(makeKeyPair(algorithm, RSA_BITS));
    const { root, current, previous } = this.isEnrolled ? this.#known() : NOTHING_YET;
    this.#keep({ v: 1, vehicleId, server, algorithm, root, current, previous, pending });
    const client = new PkiClient(server);
    const request = await this.#request(client, keyPairOf(pending));
    if (!request.ok) return request;
    const answer = await client.enrol({ vehicleId, token, request: request.body.pem });
    return this.#take(answer, pending);
  }

  /** Renews where that is due; undefined where it is not. With a new key, which the old one vouches for. */
  async renewIfDue(): Promise<Certified | undefined> {
    const { notBeforeMs, notAfterMs } = this.#held();
    const dueMs = notBeforeMs + (notAfterMs - notBeforeMs) * RENEWAL_SHARE;
    return this.#now() < dueMs ? undefined : await this.renew();
  }

  async renew(): Promise<Certified> {
    const identity = this.#known();
    const held = this.#held();
    const pending = identity.pending ?? keptKeyOf(makeKeyPair(identity.algorithm, RSA_BITS));
    this.#keep({ ...identity, pending });
    const client = new PkiClient(identity.server);
    const request = await this.#request(client, keyPairOf(pending));
    if (!request.ok) return request;
    const proof = signBytes(keyPairOf(held.key), request.body.der).toString('base64url');
    return this.#take(await client.renew(held.id, { request: request.body.pem, proof }), pending);
  }

  /** Checks and opens a grant, in the one right order; the key is used for what the cloud has signed for this vehicle only. */
  takeGrant(bytes: Uint8Array, receiver: Omit<Receiver, 'vin' | 'keyOf'>): TakenGrant {
    return takeGrant(bytes, {
      ...receiver,
      vin: this.vehicleId,
      keyOf: (id) => {
        const held = this.#heldBy(id);
        return held === undefined ? undefined : keyPairOf(held.key);
      },
    });
  }

  /** What goes up is signed with the key of the current certificate, and says which that is. */
  signUplink<Fields extends object>(typ: string, atMs: number, fields: Fields): Fields & Signed {
    const { vehicleId } = this.#known();
    const held = this.#held();
    const at = Math.floor(atMs / 1000);
    return signJson(keyPairOf(held.key), { v: 1, typ, certID: held.id, vin: vehicleId, at, ...fields });
  }

  /** The CONNECT password of an SM2 vehicle, for one TLS connection only. */
  connectToken(exporter: Uint8Array): string {
    const { vehicleId } = this.#known();
    const held = this.#held();
    return signToken(keyPairOf(held.key).pkcs8, { clientId: vehicleId, certificateId: held.id, exporter });
  }

  /** For a TLS client that trusts `ca` (PEM) only. An RSA vehicle shows its certificate; TLS knows nothing of SM2. */
  tlsContext(ca: readonly string[]): SecureContext {
    const held = this.#held();
    const trusted = { ca: [...ca], minVersion: 'TLSv1.2' as const };
    if (held.key.algorithm === 'sm2') return createSecureContext(trusted);
    const key = createPrivateKey({
      key: Buffer.from(held.key.pkcs8, 'base64'),
      format: 'der',
      type: 'pkcs8',
    });
    return createSecureContext({
      ...trusted,
      cert: `${held.certificate}${held.issuing}`,
      key: key.export({ format: 'pem', type: 'pkcs8' }),
    });
  }

  async #request(
    client: PkiClient,
    key: KeyPair,
  ): Promise<Answer<{ readonly der: Buffer; readonly pem: string }>> {
    const { vehicleId } = this.#known();
    const answer = await client.challenge(vehicleId);
    if (!answer.ok) return answer;
    const der = makeRequest(key, vehicleId, answer.body.challenge);
    return { ok: true, body: { der, pem: pemOf('CERTIFICATE REQUEST', der) } };
  }

  #take(answer: Answer<IssuedAnswer>, key: KeptKey): Certified {
    if (!answer.ok) return answer;
    const identity = this.#known();
    const { id, certificate, issuingCertificate: issuing, rootCertificate } = answer.body;
    if (identity.root !== null && !derOfPem(identity.root).equals(derOfPem(rootCertificate)))
      return failed('root_changed', 'the server answers with another root than the one that is pinned');
    const chain = {
      vehicle: derOfPem(certificate),
      issuing: derOfPem(issuing),
      root: derOfPem(rootCertificate),
    };
    const me = { vehicleId: identity.vehicleId, spki: keyPairOf(key).spki };
    const checked = checkVehicle(chain, me, this.#now());
    if (!checked.ok)
      return failed(checked.fault, 'what the server answered is no certificate of this vehicle');
    const { notBeforeMs, notAfterMs } = checked;
    const current = { id, key, certificate, issuing, notBeforeMs, notAfterMs };
    this.#keep({ ...identity, root: rootCertificate, previous: identity.current, current, pending: null });
    return { ok: true, certificateId: id, notAfterMs };
  }

  #heldBy(certificateId: string): HeldCertificate | undefined {
    const { current, previous } = this.#known();
    if (current?.id === certificateId) return current;
    return previous?.id === certificateId && previous.notAfterMs > this.#now() ? previous : undefined;
  }

  #keep(identity: Identity): void {
    writeIdentity(this.#files, identity);
    this.#identity = identity;
  }

  #known(): Identity {
    if (this.#identity === undefined) throw new Error('the vehicle has no identity yet');
    return this.#identity;
  }

  #held(): HeldCertificate {
    const { current } = this.#known();
    if (current === null) throw new Error('the vehicle has no certificate yet');
    return current;
  }
}

function failed(
  reason: string,
  detail: string,
): { readonly ok: false; readonly reason: string; readonly detail: string } {
  return { ok: false, reason, detail };
}
