// The signature RC1 once more, written from the design alone and sharing nothing with the server: the judge of what
// the server takes.

import { createHash, createHmac } from 'node:crypto';

export interface Rc1Parts {
  readonly ts: number;
  readonly nonce: string;
  readonly device: string;
  readonly method: string;
  readonly path: string;
  readonly body: string;
}

export function rc1(secret: string, { ts, nonce, device, method, path, body }: Rc1Parts): string {
  const bodyHash = createHash('sha256').update(body).digest('hex');
  const text = ['RC1-HMAC-SHA256', ts, nonce, device, method, path, bodyHash].join('\n');
  return createHmac('sha256', secret).update(text).digest('base64url');
}

/** The Authorization header of one API call. */
export function rc1Header(appKey: string, secret: string, parts: Rc1Parts): string {
  const { ts, nonce, device } = parts;
  return `RC1-HMAC-SHA256 app=${appKey},ts=${ts},nonce=${nonce},device=${device},sig=${rc1(secret, parts)}`;
}

/** The password of signed NTRIP. */
export function rc1Password(
  secret: string,
  {
    ts,
    nonce,
    device,
    mountpoint,
  }: Pick<Rc1Parts, 'ts' | 'nonce' | 'device'> & { readonly mountpoint: string },
): string {
  const parts = { ts, nonce, device, method: 'NTRIP', path: `/${mountpoint}`, body: '' };
  return `rc1.${ts}.${nonce}.${rc1(secret, parts)}`;
}
