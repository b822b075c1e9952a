// How secrets that this server made are kept: as SHA-256, hex. They have 160 random bits at least, so that a plain hash is
// enough.

import { createHash, timingSafeEqual } from 'node:crypto';

export function hashOfSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

/** `hash` is one of `hashOfSecret`. */
export function isSecretOf(hash: string, secret: string): boolean {
  return timingSafeEqual(Buffer.from(hashOfSecret(secret)), Buffer.from(hash));
}
