// What the schema is built of: how a key says what it is for, and the kinds of value that several keys share.
// Ceilings come from limits.ts.

import { isIP, isIPv4 } from 'node:net';
import { z } from 'zod';
import {
  BASELINE_KM_MAX,
  CREDENTIAL_BYTES_MAX,
  GATE_PER_MINUTE_MAX,
  MOUNTPOINT_NAME_LENGTH_MAX,
  PATH_LENGTH_MAX,
  PORT_MAX,
  SOURCETABLE_TEXT_LENGTH_MAX,
  TIMEOUT_MS_MAX,
} from './limits.ts';

/** What a key says about itself beyond its type, its default and its sentence. */
export interface KeyFacts {
  /** Unit of a number. */
  unit?: string | undefined;
  /** What a text must look like, in words that go on from "must be …". */
  form?: string | undefined;
  /** Value shown in the annotated example where there is no default. */
  example?: string | number | string[] | undefined;
  /** Shown in the annotated example as a set key although it is optional. */
  shown?: boolean | undefined;
  /** Never printed: neither in problems, nor in differences, nor in logs. */
  secret?: boolean | undefined;
  /** Environment variable that takes precedence over the file. */
  env?: string | undefined;
  /** Command line option that takes precedence over both. */
  option?: string | undefined;
}

/** `value` as a key of the file: `sentence` says what it is for, or when one would change it. */
export function key<Value extends z.ZodType>(value: Value, sentence: string, facts: KeyFacts = {}): Value {
  return value.meta({ description: sentence, ...facts });
}

function text(form: string, pattern: RegExp, lengthMax: number) {
  return z.string().regex(pattern).max(lengthMax).meta({ form });
}

/** True for an address, or an address with a prefix length that its family has. */
function isAddressRange(range: string): boolean {
  const [address = '', prefix, ...rest] = range.split('/');
  if (isIP(address) === 0 || rest.length > 0) return false;
  return prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= (isIPv4(address) ? 32 : 128));
}

export const mountpointName = text(
  `1 to ${MOUNTPOINT_NAME_LENGTH_MAX} of the characters A-Z a-z 0-9 . _ -`,
  /^[A-Za-z0-9._-]+$/,
  MOUNTPOINT_NAME_LENGTH_MAX,
);

/** A semicolon ends a field of the sourcetable, a line end its line; quotes would need a reader that knows them. */
export const sourcetableText = text(
  `text of at most ${SOURCETABLE_TEXT_LENGTH_MAX} characters without semicolon, double quote and line end`,
  /^[^;"\p{Cc}]*$/u,
  SOURCETABLE_TEXT_LENGTH_MAX,
);

export const country = text('three capital letters of ISO 3166-1 (DEU, CHN), or empty', /^([A-Z]{3})?$/, 3);

/** In Basic credentials the first colon ends the username (RFC 7617 §2). */
export const username = text(
  `1 to ${CREDENTIAL_BYTES_MAX} printable ASCII characters without space and colon`,
  /^[!-9;-~]+$/,
  CREDENTIAL_BYTES_MAX,
);

export const password = text(
  `1 to ${CREDENTIAL_BYTES_MAX} printable ASCII characters`,
  /^[ -~]+$/,
  CREDENTIAL_BYTES_MAX,
);

/** In `SOURCE <password> <mountpoint>` (NTRIP 1.0) a space ends the password. */
export const sourcePassword = text(
  `1 to ${CREDENTIAL_BYTES_MAX} printable ASCII characters without space`,
  /^[!-~]+$/,
  CREDENTIAL_BYTES_MAX,
);

export const path = z.string().min(1).max(PATH_LENGTH_MAX).meta({ form: 'a path' });

export const listenHost = z
  .string()
  .refine((host) => isIP(host) !== 0 || host === 'localhost')
  .meta({ form: 'an IPv4 or IPv6 address, or localhost' });

const HOST_NAME =
  /^(?=.{1,253}$)[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*$/;

export const publicHost = z
  .string()
  .refine((host) => isIP(host) !== 0 || HOST_NAME.test(host))
  .meta({ form: 'a host name, or an IPv4 or IPv6 address' });

export const storeUrl = z
  .string()
  .min(1)
  .max(PATH_LENGTH_MAX)
  .refine((url) => isUrlOf(url, ['postgres:', 'postgresql:']) || !/^[a-z0-9+.-]+:/i.test(url))
  .meta({ form: 'a path, or postgres://user:password@host:port/database' });

/** What a payment provider gives out. */
export const providerSecret = z
  .string()
  .min(8)
  .max(200)
  .regex(/^\S+$/)
  .meta({ form: '8 to 200 characters without space' });

/** Of this server: certificates carry it, and a slash at its end would be there twice. */
export const publicUrl = z
  .string()
  .max(200)
  .refine((url) => isUrlOf(url, ['http:', 'https:']) && !url.endsWith('/') && !/[?#]/.test(url))
  .meta({ form: 'http://host:port or https://host, without a slash at its end' });

/** Credentials come from files: an address may be shown. */
export const mqttUrl = z
  .string()
  .max(200)
  .refine((url) => isBrokerUrl(url, ['mqtts:', 'mqtt:']))
  .meta({ form: 'mqtts://host:port, or mqtt://host:port within one machine' });

export const mqttPublicUrl = z
  .string()
  .max(200)
  .refine((url) => isBrokerUrl(url, ['mqtts:']))
  .meta({ form: 'mqtts://host:port' });

function isBrokerUrl(text: string, schemes: readonly string[]): boolean {
  if (!isUrlOf(text, schemes)) return false;
  const { hostname, username: user, password: word, pathname, search, hash } = new URL(text);
  return hostname !== '' && `${user}${word}${search}${hash}` === '' && /^\/?$/.test(pathname);
}

export const liveUrl = z
  .string()
  .max(PATH_LENGTH_MAX)
  .refine((url) => url === 'memory:' || isUrlOf(url, ['redis:', 'rediss:']))
  .meta({ form: '`memory:`, redis://user:password@host:port/number or rediss://…' });

export const clickHouseUrl = z
  .string()
  .max(PATH_LENGTH_MAX)
  .refine((url) => url === 'chdb:' || url === 'off' || isServerUrl(url))
  .meta({ form: '`chdb:`, http(s)://user:password@host:port/database, or `off`' });

/** What stands behind a question mark would be left out, and a longer path be no name of a database. */
function isServerUrl(text: string): boolean {
  if (!isUrlOf(text, ['http:', 'https:'])) return false;
  const { search, hash, pathname } = new URL(text);
  return search === '' && hash === '' && /^\/[^/]*$/.test(pathname);
}

function isUrlOf(text: string, protocols: readonly string[]): boolean {
  const url = URL.parse(text);
  return url !== null && text.startsWith(`${url.protocol}//`) && protocols.includes(url.protocol);
}

export const addressRange = z
  .string()
  .refine(isAddressRange)
  .meta({ form: 'an IPv4 or IPv6 address, or a range such as 10.0.0.0/8 or 2001:db8::/32' });

export const port = z.union([z.literal('off'), z.int().min(0).max(PORT_MAX)]);
export const publicPort = z.int().min(1).max(PORT_MAX);
export const perMinute = z.int().min(0).max(GATE_PER_MINUTE_MAX);
export const kilometers = z.number().min(0).max(BASELINE_KM_MAX);

export function timeoutMs(least: number, most = TIMEOUT_MS_MAX) {
  return z.int().min(least).max(most);
}
