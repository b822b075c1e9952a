// The signature RC1, by which a device proves that it has an app's secret without sending it: what is signed, what a
// header, a user name and a password of NTRIP look like, and whether a signature fits. Pure: no clock, no store; that
// a nonce comes only once is for the live state. Nothing here throws, and no detail repeats what was sent.

import { createHmac, hash, timingSafeEqual } from 'node:crypto';

const ALGORITHM = 'RC1-HMAC-SHA256';
/** Seconds that a signature may be away from the server's clock, either way. */
export const SIGNATURE_WINDOW_S = 300;
const NTRIP_METHOD = 'NTRIP';
const NO_BYTES = new Uint8Array(0);

/** `appKey`, as it was made for the app. */
const APP_KEY = { shape: /^[A-Za-z0-9_-]{1,64}$/, words: '1 to 64 of A-Z a-z 0-9 _ -' };
const SECONDS = {
  shape: /^(?:0|[1-9][0-9]{0,11})$/,
  words: 'seconds since 1970 in digits, without leading zeros',
};
const NONCE = { shape: /^[A-Za-z0-9_-]{16,64}$/, words: '16 to 64 of A-Z a-z 0-9 _ -' };
const DEVICE = { shape: /^[A-Za-z0-9._-]{1,64}$/, words: '1 to 64 of A-Z a-z 0-9 . _ -' };
const DEVICE_OR_NONE = { shape: /^[A-Za-z0-9._-]{0,64}$/, words: `empty or ${DEVICE.words}` };
const SIGNATURE = { shape: /^[A-Za-z0-9_-]{43}$/, words: '43 characters of base64url without padding' };
/** The fields of the header, in their order. */
const HEADER_FIELDS = { app: APP_KEY, ts: SECONDS, nonce: NONCE, device: DEVICE_OR_NONE, sig: SIGNATURE };
/** More than the longest of each field with its name. */
const WORDS_LENGTH_MAX = 400;
/** How a password of signed NTRIP begins; no other password may. */
export const SIGNED_PASSWORD_START = 'rc1.';

export interface SignedParts {
  /** Seconds since 1970. */
  readonly seconds: number;
  readonly nonce: string;
  /** Empty where there is none. */
  readonly device: string;
  readonly method: string;
  /** With its query, as sent. */
  readonly path: string;
  readonly body: Uint8Array;
}

/** What a device claims, by header or by NTRIP password. */
export interface SignedClaim {
  readonly seconds: number;
  readonly nonce: string;
  readonly signature: string;
}

export interface SignedHeader extends SignedClaim {
  readonly appKey: string;
  readonly device: string;
}

interface Malformed {
  readonly kind: 'malformed';
  /** What is wrong, for people; without anything that was sent. */
  readonly detail: string;
}

export type ReadHeader =
  ({ readonly kind: 'signed' } & SignedHeader) | { readonly kind: 'missing' } | Malformed;

/** `plain`: an ordinary password, which is for others to judge. */
export type ReadNtripPassword =
  ({ readonly kind: 'signed' } & SignedClaim) | { readonly kind: 'plain' } | Malformed;

export type ReadNtripUser =
  { readonly kind: 'app'; readonly appKey: string; readonly device: string } | Malformed;

/** The secrets of an app; the one before holds until a time (a rotation with overlap). */
export interface AppSecrets {
  readonly current: string;
  readonly previous?: { readonly secret: string; readonly untilMs: number } | undefined;
}

export type SignatureVerdict =
  | { readonly ok: true; readonly secret: 'current' | 'previous' }
  | { readonly ok: false; readonly reason: 'signature_wrong' }
  | {
      readonly ok: false;
      readonly reason: 'clock_outside_window';
      /** How much the device's clock is ahead of the server's; below 0 it is behind. */
      readonly aheadS: number;
    };

/** The lines that are signed. */
export function textToSign({ seconds, nonce, device, method, path, body }: SignedParts): string {
  return `${ALGORITHM}\n${seconds}\n${nonce}\n${device}\n${method}\n${path}\n${hash('sha256', body, 'hex')}`;
}

/** The signature: 43 characters of base64url. */
export function signRc1(secret: string, parts: SignedParts): string {
  return signText(secret, textToSign(parts));
}

function signText(secret: string, text: string): string {
  return createHmac('sha256', secret).update(text).digest('base64url');
}

/**
 * Whether `signature` is that of `parts` under one of the secrets, and its time near enough. The signature is looked at
 * first: only who has the secret learns that a clock is off.
 */
export function verifyRc1(
  secrets: AppSecrets,
  parts: SignedParts,
  signature: string,
  nowMs: number,
): SignatureVerdict {
  const text = textToSign(parts);
  const secret = secretThatSigned(secrets, text, signature, nowMs);
  if (secret === undefined) return { ok: false, reason: 'signature_wrong' };
  const aheadS = parts.seconds - Math.floor(nowMs / 1000);
  if (Math.abs(aheadS) <= SIGNATURE_WINDOW_S) return { ok: true, secret };
  return { ok: false, reason: 'clock_outside_window', aheadS };
}

/** Until when its nonce must be remembered: a millisecond after the last in which the signature would be taken. */
export function nonceExpiresAtMs(seconds: number): number {
  return (seconds + SIGNATURE_WINDOW_S + 1) * 1000;
}

function secretThatSigned(
  { current, previous }: AppSecrets,
  text: string,
  signature: string,
  nowMs: number,
): 'current' | 'previous' | undefined {
  const presented = Buffer.from(signature);
  // Both are tried whatever comes of the first, so that time does not tell which of them fits.
  const isCurrent = isSame(presented, signText(current, text));
  if (previous === undefined || nowMs >= previous.untilMs) return isCurrent ? 'current' : undefined;
  const isPrevious = isSame(presented, signText(previous.secret, text));
  if (isCurrent) return 'current';
  return isPrevious ? 'previous' : undefined;
}

/** As text: bytes that decode alike but are written in another way are refused. */
function isSame(presented: Buffer, expected: string): boolean {
  const bytes = Buffer.from(expected);
  return presented.length === bytes.length && timingSafeEqual(presented, bytes);
}

/** Reads the value of an Authorization header, by the one way to write it. */
export function parseAuthorizationHeader(value: string | undefined): ReadHeader {
  if (value === undefined || value === '') return { kind: 'missing' };
  const start = `${ALGORITHM} `;
  if (!value.startsWith(start)) return malformed(`the header does not begin with ${ALGORITHM} and one space`);
  if (value.length > WORDS_LENGTH_MAX) return malformed('the header is too long');
  const words = value.slice(start.length).split(',');
  const found: Record<string, string> = {};
  for (const [index, [name, { shape, words: what }]] of Object.entries(HEADER_FIELDS).entries()) {
    const word = words[index];
    if (word?.startsWith(`${name}=`) !== true) return malformed(`field ${index + 1} is not ${name}=…`);
    const text = word.slice(name.length + 1);
    if (!shape.test(text)) return malformed(`${name} is not ${what}`);
    found[name] = text;
  }
  if (words.length > Object.keys(HEADER_FIELDS).length) return malformed('there is more after sig=…');
  const { app = '', ts = '', nonce = '', device = '', sig = '' } = found;
  return { kind: 'signed', appKey: app, seconds: Number(ts), nonce, device, signature: sig };
}

export function authorizationHeader({ appKey, seconds, nonce, device, signature }: SignedHeader): string {
  return `${ALGORITHM} app=${appKey},ts=${seconds},nonce=${nonce},device=${device},sig=${signature}`;
}

/** Reads `rc1.<seconds>.<nonce>.<signature>`. */
export function parseNtripPassword(password: string): ReadNtripPassword {
  if (!password.startsWith(SIGNED_PASSWORD_START)) return { kind: 'plain' };
  if (password.length > WORDS_LENGTH_MAX) return malformed('the password is too long');
  const [, seconds = '', nonce = '', signature = '', ...more] = password.split('.');
  if (!SECONDS.shape.test(seconds)) return malformed(`the part after rc1. is not ${SECONDS.words}`);
  if (!NONCE.shape.test(nonce)) return malformed(`the nonce is not ${NONCE.words}`);
  if (!SIGNATURE.shape.test(signature)) return malformed(`the signature is not ${SIGNATURE.words}`);
  if (more.length > 0) return malformed('there is more after the signature');
  return { kind: 'signed', seconds: Number(seconds), nonce, signature };
}

export function ntripPassword({ seconds, nonce, signature }: SignedClaim): string {
  return `${SIGNED_PASSWORD_START}${seconds}.${nonce}.${signature}`;
}

/** Reads the user name beside a signed password: the app key, and the device's id after a slash. */
export function parseNtripUser(username: string): ReadNtripUser {
  const slash = username.indexOf('/');
  const appKey = slash < 0 ? username : username.slice(0, slash);
  if (!APP_KEY.shape.test(appKey)) return malformed(`the app key is not ${APP_KEY.words}`);
  if (slash < 0) return { kind: 'app', appKey, device: '' };
  const device = username.slice(slash + 1);
  if (!DEVICE.shape.test(device)) return malformed(`the device id after the slash is not ${DEVICE.words}`);
  return { kind: 'app', appKey, device };
}

export function ntripUser(appKey: string, device: string): string {
  return device === '' ? appKey : `${appKey}/${device}`;
}

/** What signed NTRIP signs for `mountpoint`. */
export function ntripParts(
  claim: Pick<SignedClaim, 'seconds' | 'nonce'>,
  device: string,
  mountpoint: string,
): SignedParts {
  const { seconds, nonce } = claim;
  return { seconds, nonce, device, method: NTRIP_METHOD, path: `/${mountpoint}`, body: NO_BYTES };
}

/** True for what may be the id of a device. */
export function isDeviceId(text: string): boolean {
  return DEVICE.shape.test(text);
}

function malformed(detail: string): Malformed {
  return { kind: 'malformed', detail };
}
