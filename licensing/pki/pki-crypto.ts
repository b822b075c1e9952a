// What of the PKI takes milliseconds: proofs, keys, signatures. It runs in the crypto pool; this file is both what the
// pool's threads run and what the main thread asks for.

import {
  makeAuthority,
  makeVehicleCertificate,
  newSerial,
  spkiOf,
  type Issuer,
  type VehicleFacts,
} from './certificate.ts';
import { proveRequest, type ReadRequest } from './certificate-request.ts';
import { makeCrl, type CrlFacts } from './crl.ts';
import { makeKeyPair, readPublicKey, verifyBytes, type KeyAlgorithm, type KeyPair } from './keys.ts';
import { ISSUING_CERTIFICATE_MS, ROOT_CERTIFICATE_MS } from '../../config/limits.ts';

/** A request, and for a renewal what shows that the holder of `certificate` wants it. */
export interface ProofAsk {
  readonly request: Uint8Array;
  readonly old?: { readonly certificate: Uint8Array; readonly signature: Uint8Array };
}

export interface AuthorityAsk {
  readonly algorithm: KeyAlgorithm;
  readonly nowMs: number;
}

export interface MadeAuthority {
  readonly pkcs8: Uint8Array;
  readonly certificate: Uint8Array;
  readonly notAfterMs: number;
}

export interface MadeAuthorities {
  readonly root: MadeAuthority;
  readonly issuing: MadeAuthority;
}

/** Rejects with CryptoBusy where too much waits already. */
export interface PkiCrypto {
  prove(ask: ProofAsk): Promise<ReadRequest>;
  makeAuthorities(ask: AuthorityAsk): Promise<MadeAuthorities>;
  issue(ask: { readonly facts: VehicleFacts; readonly issuer: Issuer }): Promise<Uint8Array>;
  makeCrl(ask: { readonly facts: CrlFacts; readonly issuer: Issuer }): Promise<Uint8Array>;
}

export class CryptoBusy extends Error {}

/** The work itself, by the names of PkiCrypto. */
export const PKI_WORK = {
  prove: ({ request, old }: ProofAsk): ReadRequest => {
    const read = proveRequest(request);
    if (!read.ok || old === undefined) return read;
    const key = readPublicKey(spkiOf(old.certificate));
    if (key.ok && verifyBytes(key.key, request, old.signature)) return read;
    return { ok: false, reason: 'proof_wrong', detail: 'the request is not signed with the old key' };
  },

  makeAuthorities: ({ algorithm, nowMs }: AuthorityAsk): MadeAuthorities => {
    const rootKey = makeKeyPair(algorithm);
    const issuingKey = makeKeyPair(algorithm);
    const name = algorithm.toUpperCase();
    const rootFacts = authorityFacts(`Rovercast vehicle root ${name}`, rootKey, nowMs, ROOT_CERTIFICATE_MS);
    const facts = authorityFacts(`Rovercast vehicle CA ${name}`, issuingKey, nowMs, ISSUING_CERTIFICATE_MS);
    const root = makeAuthority({ ...rootFacts, isRoot: true }, rootKey);
    const issuing = makeAuthority({ ...facts, isRoot: false }, rootKey, root);
    return {
      root: { pkcs8: rootKey.pkcs8, certificate: root, notAfterMs: rootFacts.notAfterMs },
      issuing: { pkcs8: issuingKey.pkcs8, certificate: issuing, notAfterMs: facts.notAfterMs },
    };
  },

  issue: ({ facts, issuer }: { readonly facts: VehicleFacts; readonly issuer: Issuer }): Uint8Array =>
    makeVehicleCertificate(facts, issuer),

  makeCrl: ({ facts, issuer }: { readonly facts: CrlFacts; readonly issuer: Issuer }): Uint8Array =>
    makeCrl(facts, issuer),
};

function authorityFacts(commonName: string, key: KeyPair, nowMs: number, lastsMs: number) {
  const notBeforeMs = wholeSecond(nowMs);
  return {
    name: { commonName, organization: 'Rovercast' },
    serial: newSerial(),
    key,
    notBeforeMs,
    notAfterMs: notBeforeMs + lastsMs,
  };
}

/** Certificates know no smaller part of time. */
export function wholeSecond(ms: number): number {
  return Math.floor(ms / 1000) * 1000;
}
