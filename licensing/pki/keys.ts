// Keys as the rest of licensing knows them: an algorithm and DER, never a KeyObject. Everything that comes from outside
// is judged here first; Node sees RSA keys only. Signing and making keys takes milliseconds: crypto pool only.

import { constants, createHash, createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto';
import { AsnConvert, AsnSerializer } from '@peculiar/asn1-schema';
import { AlgorithmIdentifier, SubjectPublicKeyInfo } from '@peculiar/asn1-x509';
import { CA_RSA_BITS, RSA_BITS_MAX, RSA_BITS_MIN, RSA_EXPONENT_MAX } from '../../config/limits.ts';
import { OID, SM2_CURVE_PARAMETERS } from './oids.ts';
import { keyBitsIn } from './der.ts';
import { keptPrivateKey, keptPublicKey } from './kept-keys.ts';
import { makeSm2KeyPair, sm2PointOf } from './sm2-curve.ts';
import { sm2Sign, sm2Verify } from './sm2.ts';

export const KEY_ALGORITHMS = ['rsa', 'sm2'] as const;
export type KeyAlgorithm = (typeof KEY_ALGORITHMS)[number];

export interface PublicKey {
  readonly algorithm: KeyAlgorithm;
  /** SubjectPublicKeyInfo, DER. */
  readonly spki: Uint8Array;
}

export interface PrivateKey {
  readonly algorithm: KeyAlgorithm;
  readonly pkcs8: Uint8Array;
}

export interface KeyPair {
  readonly algorithm: KeyAlgorithm;
  readonly pkcs8: Uint8Array;
  readonly spki: Uint8Array;
}

export type ReadKey =
  | { readonly ok: true; readonly key: PublicKey }
  | { readonly ok: false; readonly reason: 'key_unsupported' | 'key_weak'; readonly detail: string };

/** Judges a public key of whoever. */
export function readPublicKey(spki: Uint8Array): ReadKey {
  let info: SubjectPublicKeyInfo;
  try {
    info = AsnConvert.parse(spki, SubjectPublicKeyInfo);
  } catch {
    return unsupported('this is no SubjectPublicKeyInfo');
  }
  const { algorithm, parameters } = info.algorithm;
  if (algorithm === OID.rsaEncryption) return readRsa(spki);
  if (algorithm !== OID.ecPublicKey || !parameters || !SM2_CURVE_PARAMETERS.equals(Buffer.from(parameters))) {
    return unsupported('only RSA and SM2 keys are taken');
  }
  if (sm2PointOf(spki) === undefined)
    return unsupported('its point is not on the curve, or not uncompressed');
  return { ok: true, key: { algorithm: 'sm2', spki } };
}

function readRsa(spki: Uint8Array): ReadKey {
  let details;
  try {
    details = createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' }).asymmetricKeyDetails;
  } catch {
    return unsupported('its numbers cannot be read');
  }
  const { modulusLength = 0, publicExponent = 0n } = details ?? {};
  if (modulusLength > RSA_BITS_MAX) return unsupported(`more than ${RSA_BITS_MAX} bits`);
  if (modulusLength < RSA_BITS_MIN) {
    return { ok: false, reason: 'key_weak', detail: `RSA with ${modulusLength} bits` };
  }
  // SP 800-56B §6.4: odd, above 2^16; a huge one would only make every check slow.
  if (publicExponent % 2n === 0n || publicExponent < 65_537n || publicExponent > RSA_EXPONENT_MAX) {
    return { ok: false, reason: 'key_weak', detail: `RSA with the exponent ${publicExponent}` };
  }
  return { ok: true, key: { algorithm: 'rsa', spki } };
}

function unsupported(detail: string): ReadKey {
  return { ok: false, reason: 'key_unsupported', detail };
}

export function makeKeyPair(algorithm: KeyAlgorithm, rsaBits = CA_RSA_BITS): KeyPair {
  if (algorithm === 'sm2') return { algorithm, ...makeSm2KeyPair() };
  const made = generateKeyPairSync('rsa', {
    modulusLength: rsaBits,
    publicKeyEncoding: { format: 'der', type: 'spki' },
    privateKeyEncoding: { format: 'der', type: 'pkcs8' },
  });
  return { algorithm, pkcs8: made.privateKey, spki: made.publicKey };
}

/** PKCS #1 v1.5 with SHA-256, or SM2 with SM3 and the default user id: what certificates are signed with. */
export function signBytes({ algorithm, pkcs8 }: PrivateKey, bytes: Uint8Array): Buffer {
  if (algorithm === 'sm2') return sm2Sign(pkcs8, bytes);
  return sign('sha256', bytes, { key: keptPrivateKey(pkcs8), padding: constants.RSA_PKCS1_PADDING });
}

/** `key` must have come through readPublicKey. */
export function verifyBytes(key: PublicKey, bytes: Uint8Array, signature: Uint8Array): boolean {
  if (key.algorithm === 'sm2') {
    const point = sm2PointOf(key.spki);
    return point !== undefined && sm2Verify(point, bytes, signature);
  }
  return verify(
    'sha256',
    bytes,
    { key: keptPublicKey(key.spki), padding: constants.RSA_PKCS1_PADDING },
    signature,
  );
}

/** RFC 4055 §2.1 wants NULL as RSA's parameters; SM2 has none. */
export function signatureAlgorithm(algorithm: KeyAlgorithm): AlgorithmIdentifier {
  return algorithm === 'rsa'
    ? new AlgorithmIdentifier({ algorithm: OID.sha256WithRsa, parameters: null })
    : new AlgorithmIdentifier({ algorithm: OID.sm2WithSm3 });
}

export function isSignatureAlgorithm(
  algorithm: KeyAlgorithm,
  { algorithm: oid }: AlgorithmIdentifier,
): boolean {
  return oid === (algorithm === 'rsa' ? OID.sha256WithRsa : OID.sm2WithSm3);
}

/** SHA-256 of the whole SubjectPublicKeyInfo: two certificates of one key have the same. */
export function fingerprintOf(spki: Uint8Array): string {
  return createHash('sha256').update(spki).digest('hex');
}

/** RFC 5280 §4.2.1.2, method 1: SHA-1 of the key's bits. It names a key and protects nothing. */
export function keyIdentifierOf(spki: Uint8Array): Buffer {
  return createHash('sha1').update(keyBitsIn(spki)).digest();
}

export function derOf(value: unknown): Buffer {
  return Buffer.from(AsnSerializer.serialize(value));
}
