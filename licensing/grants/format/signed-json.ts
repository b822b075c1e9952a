// Signed JSON: an object whose `sig` is the signature, base64url, over the canonical form (RFC 8785) of everything in it
// but `sig`. Grants, receipts, and whatever else travels between cloud and vehicle, are made of this. With an RSA key it
// takes 0.3 ms, with an SM2 key several: the cloud signs and verifies in the crypto pool only.

import { readBase64url, toBase64url } from '../../../platform/secrets/base64url.ts';
import {
  signRaw,
  verifyRaw,
  type SignatureAlgorithm,
  type SigningKey,
  type VerifyingKey,
} from './signature.ts';
import { canonicalJson } from './jcs.ts';
import { readStrictJson, type JsonRefusal } from './strict-json.ts';

// A type, not an interface: it goes into forms that later versions may add fields to.
export type Signed = { readonly sig: string };

/** What of zod is needed here. It must not change what it checks. */
export interface DocumentSchema<T> {
  safeParse(value: unknown): { success: true; data: T } | { success: false };
}

export type ReadSigned<T> =
  | { readonly ok: true; readonly document: T & Signed }
  | { readonly ok: false; readonly reason: JsonRefusal | 'wrong_form' };

/** `document` holds no `sig`, and nothing that canonicalJson refuses. */
export function signJson<T extends object>(key: SigningKey, document: T): T & Signed {
  return { ...document, sig: toBase64url(signRaw(key, bytesToSign(document))) };
}

/** False, too, where the document names another algorithm (`sigAlg`) than the key's. */
export function verifyJson(key: VerifyingKey, document: Signed & { readonly sigAlg?: unknown }): boolean {
  const { sig, ...content } = document;
  const signature = typeof sig === 'string' ? readBase64url(sig) : undefined;
  if (signature === undefined) return false;
  if (document.sigAlg !== undefined && document.sigAlg !== SIGNATURE_ALGORITHM_OF[key.algorithm])
    return false;
  return verifyRaw(key, bytesToSign(content), signature);
}

export const SIGNATURE_ALGORITHM_OF = {
  rsa: 'RS256',
  es256: 'ES256',
  sm2: 'SM2SM3',
} as const satisfies Record<SigningKey['algorithm'], SignatureAlgorithm>;

/** Reads and checks the form; the signature is not verified yet. Fields that the schema lets pass stay, as they are signed. */
export function readSignedJson<T>(
  bytes: Uint8Array,
  schema: DocumentSchema<T>,
  bytesMax?: number,
): ReadSigned<T> {
  const read = readStrictJson(bytes, bytesMax);
  if (!read.ok) return read;
  const { value } = read;
  const checked = schema.safeParse(value);
  if (!checked.success || !hasSignature(value)) return { ok: false, reason: 'wrong_form' };
  return { ok: true, document: value as T & Signed };
}

function hasSignature(value: unknown): value is Signed {
  return typeof value === 'object' && value !== null && 'sig' in value && typeof value.sig === 'string';
}

function bytesToSign(content: object): Buffer {
  return Buffer.from(canonicalJson(content));
}
