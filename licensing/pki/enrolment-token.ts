// One-time enrolment tokens: who has one may enrol one vehicle, once. Only a hash of it is kept.

import { createHash, randomBytes } from 'node:crypto';

const TOKEN_BYTES = 24;

export function newEnrolmentToken(): string {
  return `ent1.${randomBytes(TOKEN_BYTES).toString('base64url')}`;
}

/** It has 192 random bits, so that a plain hash is enough. */
export function hashOfToken(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
