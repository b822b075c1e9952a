// The three signatures of documents, as plain bytes: RS256 (RSASSA-PKCS1-v1_5 with SHA-256), ES256 (P-256, 64 bytes r ‖ s)
// and SM2SM3 (SM2 with SM3 and the default user id, 64 bytes r ‖ s).

import { constants, generateKeyPairSync, sign, verify } from 'node:crypto';
import { keptPrivateKey, keptPublicKey } from '../../pki/kept-keys.ts';
import { type KeyAlgorithm, readPublicKey } from '../../pki/keys.ts';
import { makeSm2KeyPair } from '../../pki/sm2-curve.ts';
import { sm2SignRaw, sm2VerifyRaw } from '../../pki/sm2.ts';

export const SIGNATURE_ALGORITHMS = ['RS256', 'ES256', 'SM2SM3'] as const;
export type SignatureAlgorithm = (typeof SIGNATURE_ALGORITHMS)[number];

/** A PrivateKey of the PKI is one. */
export interface SigningKey {
  readonly algorithm: KeyAlgorithm | 'es256';
  readonly pkcs8: Uint8Array;
}

/** A PublicKey of the PKI is one. */
export interface VerifyingKey {
  readonly algorithm: KeyAlgorithm | 'es256';
  /** SubjectPublicKeyInfo, DER; has been through readVerifyingKey or readPublicKey. */
  readonly spki: Uint8Array;
}

export interface DocumentKeyPair extends SigningKey, VerifyingKey {
  readonly algorithm: 'es256' | 'sm2';
}

const RAW_BYTES = 64;

export function signRaw({ algorithm, pkcs8 }: SigningKey, bytes: Uint8Array): Buffer {
  switch (algorithm) {
    case 'sm2':
      return sm2SignRaw(pkcs8, bytes);
    case 'es256':
      return sign('sha256', bytes, { key: keptPrivateKey(pkcs8), dsaEncoding: 'ieee-p1363' });
    case 'rsa':
      return sign('sha256', bytes, { key: keptPrivateKey(pkcs8), padding: constants.RSA_PKCS1_PADDING });
  }
}

export function verifyRaw(
  { algorithm, spki }: VerifyingKey,
  bytes: Uint8Array,
  signature: Uint8Array,
): boolean {
  switch (algorithm) {
    case 'sm2':
      return sm2VerifyRaw(spki, bytes, signature);
    case 'es256':
      if (signature.length !== RAW_BYTES) return false;
      return verify('sha256', bytes, { key: keptPublicKey(spki), dsaEncoding: 'ieee-p1363' }, signature);
    case 'rsa':
      return verify(
        'sha256',
        bytes,
        { key: keptPublicKey(spki), padding: constants.RSA_PKCS1_PADDING },
        signature,
      );
  }
}

/** Keys of the cloud for grants and activations. */
export function makeDocumentKey(algorithm: 'es256' | 'sm2'): DocumentKeyPair {
  if (algorithm === 'sm2') return { algorithm, ...makeSm2KeyPair() };
  const { privateKey, publicKey } = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    publicKeyEncoding: { format: 'der', type: 'spki' },
    privateKeyEncoding: { format: 'der', type: 'pkcs8' },
  });
  return { algorithm, pkcs8: privateKey, spki: publicKey };
}

/** Undefined where the bytes are no key of that algorithm. */
export function readVerifyingKey(
  algorithm: VerifyingKey['algorithm'],
  spki: Uint8Array,
): VerifyingKey | undefined {
  if (algorithm !== 'es256') {
    const read = readPublicKey(spki);
    return read.ok && read.key.algorithm === algorithm ? read.key : undefined;
  }
  try {
    const curve = keptPublicKey(spki).asymmetricKeyDetails?.namedCurve;
    return curve === 'prime256v1' ? { algorithm, spki } : undefined;
  } catch {
    return undefined;
  }
}
