// Keys and certificates that are needed again and again, kept as what they were read to: reading the DER of an RSA key
// takes as long as a tenth of its signature. Each thread has its own; they are few (authorities, grant keys), and those of
// vehicles come and go.

import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { KEPT_KEYS_MAX } from '../../config/limits.ts';

/** `read` of the same bytes is called once, as long as they are among the last that were asked for. */
export function keptBy<T>(read: (der: Uint8Array) => T): (der: Uint8Array) => T {
  const kept = new Map<string, T>();
  return (der) => {
    const name = Buffer.from(der.buffer, der.byteOffset, der.byteLength).toString('latin1');
    const value = kept.has(name) ? kept.get(name)! : read(der);
    // The last one asked for stands last.
    kept.delete(name);
    kept.set(name, value);
    if (kept.size > KEPT_KEYS_MAX) kept.delete(kept.keys().next().value!);
    return value;
  };
}

/** Throws where it is no PKCS #8. Never for an SM2 key: what Node does with those is no SM2. */
export const keptPrivateKey: (pkcs8: Uint8Array) => KeyObject = keptBy((pkcs8) =>
  createPrivateKey({ key: Buffer.from(pkcs8), format: 'der', type: 'pkcs8' }),
);

/** Throws where it is no SubjectPublicKeyInfo. Never for an SM2 key. */
export const keptPublicKey: (spki: Uint8Array) => KeyObject = keptBy((spki) =>
  createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' }),
);
