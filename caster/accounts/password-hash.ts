// Chosen passwords as they rest: argon2id with the parameters that OWASP gives for it, written in the PHC form that
// other programs read. The work is done by Node on libuv's threads; the loop of this one goes on meanwhile.

import { argon2, randomBytes, timingSafeEqual, type Argon2Parameters } from 'node:crypto';
import { CREDENTIAL_BYTES_MAX, PASSWORD_LENGTH_ADVISED_MIN } from '../../config/limits.ts';
import { SIGNED_PASSWORD_START } from './signature.ts';

/** KiB of memory, passes over it and lanes of one hash. */
const COST = { memory: 19_456, passes: 2, parallelism: 1 };
const SALT_BYTES = 16;
const HASH_BYTES = 32;
/** What a hash from elsewhere may cost at most. */
const COST_MAX = { memory: 65_536, passes: 10, parallelism: 4 };
const PHC =
  /^\$argon2id\$v=19\$m=(\d{1,6}),t=(\d{1,2}),p=(\d)\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{22,86})$/;

/** What keeps `text` from being a password that somebody chooses, to follow `must`; undefined where nothing does. */
export function whatIsWrongWithPassword(text: string): string | undefined {
  if (text.length < PASSWORD_LENGTH_ADVISED_MIN)
    return `have at least ${PASSWORD_LENGTH_ADVISED_MIN} characters`;
  if (Buffer.byteLength(text) > CREDENTIAL_BYTES_MAX) return `have at most ${CREDENTIAL_BYTES_MAX} bytes`;
  if (/[\x00-\x1f\x7f]/.test(text)) return 'have no control characters';
  if (text.startsWith(SIGNED_PASSWORD_START))
    return `not begin with ${SIGNED_PASSWORD_START}: signed logins do`;
  return undefined;
}

/** `$argon2id$v=19$m=19456,t=2,p=1$<salt>$<hash>` with a salt of its own. */
export async function hashPassword(text: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const bytes = await argon2id(text, { ...COST, nonce: salt, tagLength: HASH_BYTES });
  const { memory, passes, parallelism } = COST;
  return `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${unpadded(salt)}$${unpadded(bytes)}`;
}

/** False too where `phc` is no hash of ours or costs more than any of ours. Never rejects. */
export async function isPasswordOf(phc: string, presented: string): Promise<boolean> {
  const [, memory, passes, parallelism, salt = '', expected = ''] = PHC.exec(phc) ?? [];
  const cost = { memory: Number(memory), passes: Number(passes), parallelism: Number(parallelism) };
  const names = ['memory', 'passes', 'parallelism'] as const;
  if (!names.every((name) => cost[name] >= 1 && cost[name] <= COST_MAX[name])) return false;
  const expectedBytes = Buffer.from(expected, 'base64');
  const nonce = Buffer.from(salt, 'base64');
  try {
    const bytes = await argon2id(presented, { ...cost, nonce, tagLength: expectedBytes.length });
    return timingSafeEqual(bytes, expectedBytes);
  } catch {
    // Parameters that OpenSSL refuses, such as less memory than lanes need.
    return false;
  }
}

function argon2id(message: string, parameters: Omit<Argon2Parameters, 'message'>): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    argon2('argon2id', { message, ...parameters }, (error, bytes) => {
      if (error === null) resolve(bytes);
      else reject(error);
    });
  });
}

function unpadded(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '');
}
