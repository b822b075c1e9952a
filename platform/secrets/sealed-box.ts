// Secrets at rest: AES-256-GCM under a key of its own that is derived from the master key. A sealed text says which
// master key it needs, so that a later one can be told from an earlier one, and is bound to its context: what was
// sealed for one row opens for no other.
//
//   s1.<key id>.<base64url of nonce (12 bytes), ciphertext, tag (16 bytes)>

import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto';
import { readBase64url } from './base64url.ts';

export interface Secrets {
  /** Of the master key: 8 hex digits that tell keys apart and give nothing away. */
  readonly keyId: string;
  /** `context` names what it is for and whose, such as `app secret app_…`; to open it needs the same. */
  seal(text: string, context: string): string;
  /** Undefined where it was sealed under another master key or for another context, or was changed since. */
  open(sealed: string, context: string): string | undefined;
  /** 32 bytes for one purpose (HKDF-SHA-256); the same for the same master key. */
  deriveKey(purpose: string): Buffer;
}

export const MASTER_KEY_BYTES = 32;
const FORMAT = 's1';
const SEALED = /^s1\.([0-9a-f]{8})\.([A-Za-z0-9_-]+)$/;
const CIPHER = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

export function secretsUnder(masterKey: Uint8Array): Secrets {
  if (masterKey.length !== MASTER_KEY_BYTES) throw new Error(`a master key has ${MASTER_KEY_BYTES} bytes`);
  const deriveKey = (purpose: string): Buffer => derive(masterKey, purpose);
  const keyId = createHmac('sha256', deriveKey('key id')).digest('hex').slice(0, 8);
  const sealKey = deriveKey('seal');
  return {
    keyId,
    deriveKey,
    seal(text, context) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv(CIPHER, sealKey, nonce).setAAD(associatedData(keyId, context));
      const bytes = Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
      return `${FORMAT}.${keyId}.${bytes.toString('base64url')}`;
    },
    open(sealed, context) {
      const [, id, body = ''] = SEALED.exec(sealed) ?? [];
      if (id !== keyId) return undefined;
      const bytes = readBase64url(body);
      if (bytes === undefined || bytes.length < NONCE_BYTES + TAG_BYTES) return undefined;
      const tagAt = bytes.length - TAG_BYTES;
      const decipher = createDecipheriv(CIPHER, sealKey, bytes.subarray(0, NONCE_BYTES), {
        authTagLength: TAG_BYTES,
      });
      decipher.setAAD(associatedData(keyId, context)).setAuthTag(bytes.subarray(tagAt));
      try {
        return Buffer.concat([
          decipher.update(bytes.subarray(NONCE_BYTES, tagAt)),
          decipher.final(),
        ]).toString();
      } catch {
        return undefined;
      }
    },
  };
}

/** Which master key a sealed text needs; undefined where it is no sealed text. */
export function keyIdOf(sealed: string): string | undefined {
  return SEALED.exec(sealed)?.[1];
}

function derive(masterKey: Uint8Array, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', masterKey, '', `rovercast ${purpose}`, 32));
}

function associatedData(keyId: string, context: string): Buffer {
  return Buffer.from(`${FORMAT}.${keyId}.${context}`);
}
