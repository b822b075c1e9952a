// The signature RC1 as a shell computes it, with openssl alone: the judge of our own.

import { spawnSync } from 'node:child_process';

export const hasOpenssl = spawnSync('openssl', ['version']).status === 0;

/** Base64url of the HMAC of `text`; `body` is hashed by openssl too and put behind it. */
export function opensslSignature(secret: string, textWithoutBody: string, body: Buffer): string {
  const hash = openssl(['dgst', '-sha256', '-r'], body).toString('latin1').slice(0, 64);
  const mac = openssl(['dgst', '-sha256', '-hmac', secret, '-binary'], Buffer.from(textWithoutBody + hash));
  return mac.toString('base64url');
}

function openssl(args: readonly string[], input: Buffer): Buffer {
  const child = spawnSync('openssl', args, { input });
  if (child.status !== 0) throw new Error(child.stderr.toString());
  return child.stdout;
}
