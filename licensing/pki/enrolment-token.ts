// One-time enrolment tokens: who has one may enrol one vehicle, once. Only a hash of it is kept (hashOfSecret).

import { randomBytes } from 'node:crypto';

const TOKEN_BYTES = 24;

export function newEnrolmentToken(): string {
  return `ent1.${randomBytes(TOKEN_BYTES).toString('base64url')}`;
}
