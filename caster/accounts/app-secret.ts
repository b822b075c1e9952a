// The key and the secret of an app. The secret is shown once and rests sealed under the master key.

import { randomBytes } from 'node:crypto';

const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567';
const KEY_CHARACTERS = 16;
const SECRET_BYTES = 32;

/** What the secret of an app is sealed for: it opens for no other row. */
export function appSecretContext(appId: string): string {
  return `app ${appId} secret`;
}

/** Names the app in a signed login. It is no secret, but 80 random bits keep it from being guessed. */
export function newAppKey(): string {
  return `rk_${randomText(KEY_CHARACTERS)}`;
}

export function newAppSecret(): string {
  return randomBytes(SECRET_BYTES).toString('base64url');
}

/** Random characters of `a-z2-7`, 5 bits each. */
export function randomText(length: number): string {
  let text = '';
  for (const byte of randomBytes(length)) text += BASE32[byte & 31]!;
  return text;
}
