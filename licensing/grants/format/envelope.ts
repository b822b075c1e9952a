// The licence grant as bytes: right and activation string under a random AES-128 key (GCM, the header as associated data),
// that key under the vehicle's public key, and the cloud's signature over all of it. What is encrypted to a public key
// comes from anybody; only the signature says that it comes from the cloud.

import {
  constants,
  createCipheriv,
  createDecipheriv,
  privateDecrypt,
  publicEncrypt,
  randomBytes,
} from 'node:crypto';
import { readBase64url, toBase64url } from '../../../platform/secrets/base64url.ts';
import { keptPrivateKey, keptPublicKey } from '../../pki/kept-keys.ts';
import type { PrivateKey, PublicKey } from '../../pki/keys.ts';
import { sm2Decrypt, sm2Encrypt } from '../../pki/sm2-encryption.ts';
import { grantContent, type GrantContent, type GrantDocument } from './documents.ts';
import { canonicalJson } from './jcs.ts';
import type { SigningKey } from './signature.ts';
import { SIGNATURE_ALGORITHM_OF, signJson } from './signed-json.ts';
import { readStrictJson } from './strict-json.ts';

const CIPHER = 'aes-128-gcm';
const KEY_BYTES = 16;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** A key of the cloud, with the name that vehicles know it by. */
export interface NamedSigningKey extends SigningKey {
  readonly kid: string;
  readonly algorithm: 'es256' | 'sm2';
}

/** What the maker of a grant chooses; algorithms and key follow from the keys. */
export type GrantHeader = Pick<
  GrantDocument,
  'grantId' | 'certID' | 'vin' | 'partNumber' | 'seq' | 'iat' | 'nbf' | 'ttl' | 'state' | 'seenCounter'
>;

export const OPEN_REFUSALS = [
  /** The key was wrapped for another certificate, or in another way than the header says. */
  'key_not_unwrapped',
  /** The header, the ciphertext or the tag is not the one that was encrypted. */
  'content_tampered',
  'content_malformed',
  /** What is inside names another vehicle, certificate, grant, part or number than the header. */
  'content_differs',
] as const;

export type OpenRefusal = (typeof OPEN_REFUSALS)[number];

export type OpenedGrant =
  | { readonly ok: true; readonly content: GrantContent }
  | { readonly ok: false; readonly reason: OpenRefusal; readonly detail?: string };

export function makeEnvelope(
  header: GrantHeader,
  inside: Pick<GrantContent, 'softRight' | 'activation'>,
  keys: { readonly vehicle: PublicKey; readonly grant: NamedSigningKey },
): GrantDocument {
  const { vehicle, grant } = keys;
  const { vin, certID, grantId, seq } = header;
  const signed = {
    ...header,
    v: 1 as const,
    typ: 'soft-right' as const,
    keyAlg: vehicle.algorithm === 'rsa' ? ('RSA-OAEP-256' as const) : ('SM2-GMT0009' as const),
    encAlg: 'A128GCM' as const,
    kid: grant.kid,
    sigAlg: SIGNATURE_ALGORITHM_OF[grant.algorithm],
  };
  const content: GrantContent = { ...inside, vin, certID, grantId, seq };
  const key = randomBytes(KEY_BYTES);
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, key, nonce).setAAD(Buffer.from(canonicalJson(signed)));
  const bytes = [nonce, cipher.update(canonicalJson(content)), cipher.final(), cipher.getAuthTag()];
  return signJson(grant, {
    ...signed,
    encrySoftRight: toBase64url(Buffer.concat(bytes)),
    asyAESKey: toBase64url(wrapped(key, vehicle)),
  });
}

/** Of a grant whose signature was verified: before that the private key must do nothing for whoever sent it. */
export function openEnvelope(grant: GrantDocument, key: PrivateKey): OpenedGrant {
  const { encrySoftRight, asyAESKey, sig, ...header } = grant;
  const unwrapped = unwrap(grant, key);
  if (typeof unwrapped === 'string') return { ok: false, reason: 'key_not_unwrapped', detail: unwrapped };
  const bytes = decrypted(encrySoftRight, unwrapped, Buffer.from(canonicalJson(header)));
  if (bytes === undefined) return { ok: false, reason: 'content_tampered' };
  const read = readStrictJson(bytes);
  const checked = read.ok ? grantContent.safeParse(read.value) : undefined;
  if (checked?.success !== true) return { ok: false, reason: 'content_malformed' };
  const content = checked.data;
  const isSame =
    content.vin === grant.vin &&
    content.certID === grant.certID &&
    content.grantId === grant.grantId &&
    content.seq === grant.seq &&
    content.softRight.partNumber === grant.partNumber;
  return isSame ? { ok: true, content } : { ok: false, reason: 'content_differs' };
}

function wrapped(key: Buffer, { algorithm, spki }: PublicKey): Buffer {
  if (algorithm === 'sm2') return sm2Encrypt(spki, key);
  return publicEncrypt({ key: keptPublicKey(spki), ...OAEP }, key);
}

const OAEP = { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' } as const;

/** The AES key, or why there is none. */
function unwrap({ keyAlg, asyAESKey }: GrantDocument, { algorithm, pkcs8 }: PrivateKey): Buffer | string {
  if (keyAlg !== (algorithm === 'rsa' ? 'RSA-OAEP-256' : 'SM2-GMT0009')) return 'another_algorithm';
  const bytes = readBase64url(asyAESKey);
  if (bytes === undefined) return 'not_base64url';
  let key: Buffer;
  if (algorithm === 'sm2') {
    const read = sm2Decrypt(pkcs8, bytes);
    if (!read.ok) return read.reason;
    key = read.plain;
  } else {
    try {
      key = privateDecrypt({ key: keptPrivateKey(pkcs8), ...OAEP }, bytes);
    } catch {
      return 'padding_wrong';
    }
  }
  return key.length === KEY_BYTES ? key : 'key_length';
}

function decrypted(text: string, key: Buffer, associated: Buffer): Buffer | undefined {
  const bytes = readBase64url(text);
  if (bytes === undefined || bytes.length <= NONCE_BYTES + TAG_BYTES) return undefined;
  const tagAt = bytes.length - TAG_BYTES;
  const decipher = createDecipheriv(CIPHER, key, bytes.subarray(0, NONCE_BYTES), {
    authTagLength: TAG_BYTES,
  });
  decipher.setAAD(associated).setAuthTag(bytes.subarray(tagAt));
  try {
    return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES, tagAt)), decipher.final()]);
  } catch {
    return undefined;
  }
}
