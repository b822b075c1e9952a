// Who the vehicle is: id, key, certificate and chain, kept together in one record, so that they are never apart.

import type { KeyAlgorithm, KeyPair } from '../../pki/keys.ts';
import { readPem } from '../../pki/pem.ts';
import type { SealedFiles } from '../storage/sealed-files.ts';

/** A key pair as text: DER in base64. */
export interface KeptKey {
  readonly algorithm: KeyAlgorithm;
  readonly pkcs8: string;
  readonly spki: string;
}

export interface HeldCertificate {
  readonly id: string;
  readonly key: KeptKey;
  /** PEM. */
  readonly certificate: string;
  readonly issuing: string;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
}

export interface Identity {
  readonly v: 1;
  readonly vehicleId: string;
  /** Without a slash at its end. */
  readonly server: string;
  readonly algorithm: KeyAlgorithm;
  /** PEM; pinned by the first enrolment, and no other is believed afterwards. Null before. */
  readonly root: string | null;
  readonly current: HeldCertificate | null;
  /** What was renewed: grants that were made for it may still be under way. */
  readonly previous: HeldCertificate | null;
  /** A key that a certificate was asked for; the answer may have been lost with the power. */
  readonly pending: KeptKey | null;
}

export type KeptIdentity =
  | { readonly kind: 'none' | 'unreadable' }
  | { readonly kind: 'kept'; readonly identity: Identity; readonly isOlder: boolean };

const RECORD = 'identity';

export function readIdentity(files: SealedFiles): KeptIdentity {
  const kept = files.read(RECORD);
  if (kept.kind !== 'kept') return kept;
  // What opens was written by us: the seal is the check of the form.
  const identity = JSON.parse(kept.bytes.toString()) as Identity;
  return { kind: 'kept', identity, isOlder: kept.isOlder };
}

export function writeIdentity(files: SealedFiles, identity: Identity): void {
  files.write(RECORD, Buffer.from(JSON.stringify(identity)));
}

export function keptKeyOf({ algorithm, pkcs8, spki }: KeyPair): KeptKey {
  return {
    algorithm,
    pkcs8: Buffer.from(pkcs8).toString('base64'),
    spki: Buffer.from(spki).toString('base64'),
  };
}

export function keyPairOf({ algorithm, pkcs8, spki }: KeptKey): KeyPair {
  return { algorithm, pkcs8: Buffer.from(pkcs8, 'base64'), spki: Buffer.from(spki, 'base64') };
}

/** The DER of a certificate that came as PEM; of no bytes where it is none, which no check takes for a certificate. */
export function derOfPem(pem: string): Buffer {
  return readPem('CERTIFICATE', pem) ?? Buffer.alloc(0);
}
