// HKDF-SHA-256 as OpenSSL's command computes it: the judge of derived keys.

import { spawnSync } from 'node:child_process';

/** Hex; undefined where there is no openssl that knows HKDF. */
export function opensslHkdf(key: Buffer, info: string): string | undefined {
  const options = ['digest:SHA256', `hexkey:${key.toString('hex')}`, 'salt:', `info:${info}`];
  const args = ['kdf', '-keylen', '32', ...options.flatMap((option) => ['-kdfopt', option]), 'HKDF'];
  const child = spawnSync('openssl', args, { encoding: 'utf8' });
  return child.status === 0 ? child.stdout.trim().replaceAll(':', '').toLowerCase() : undefined;
}
