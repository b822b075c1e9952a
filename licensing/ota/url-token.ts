// What makes an address good for one vehicle and for its time only: the id of the answered request, when it ends, and a
// keyed hash over both and the vehicle.
//
//   <ota_…>.<seconds since 1970, base 36>.<HMAC-SHA-256, base64url>

import { createHmac, timingSafeEqual } from 'node:crypto';
import { readBase64url } from '../../platform/secrets/base64url.ts';

export const URL_KEY_PURPOSE = 'ota url';

const FORM = /^(ota_[2-7a-z]{16})\.([0-9a-z]{1,9})\.([A-Za-z0-9_-]{43})$/;

export interface UrlFacts {
  readonly requestId: string;
  readonly vehicleId: string;
  readonly expiresMs: number;
}

export function urlToken(key: Uint8Array, facts: UrlFacts): string {
  const ends = Math.floor(facts.expiresMs / 1000).toString(36);
  return `${facts.requestId}.${ends}.${macOf(key, facts.requestId, facts.vehicleId, ends).toString('base64url')}`;
}

/** Which request it says to be of; nothing is proved by that. */
export function requestIdOf(token: string): string | undefined {
  return FORM.exec(token)?.[1];
}

/** `vehicleId` is of the request that the token names. */
export function checkUrlToken(
  key: Uint8Array,
  token: string,
  vehicleId: string,
  nowMs: number,
): 'good' | 'altered' | 'expired' {
  const [, requestId = '', ends = '', mac = ''] = FORM.exec(token) ?? [];
  if (requestId === '') return 'altered';
  const given = readBase64url(mac);
  if (given === undefined || !timingSafeEqual(given, macOf(key, requestId, vehicleId, ends)))
    return 'altered';
  return Number.parseInt(ends, 36) * 1000 <= nowMs ? 'expired' : 'good';
}

function macOf(key: Uint8Array, requestId: string, vehicleId: string, ends: string): Buffer {
  return createHmac('sha256', key).update(['ota-url-v1', requestId, vehicleId, ends].join('\n')).digest();
}
