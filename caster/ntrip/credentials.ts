// The Authorization header of a rover or base (RFC 7617). Only Basic: no receiver of the field is known to need
// Digest. A detail must never repeat any part of what was sent.

import { CREDENTIAL_BYTES_MAX } from '../../config/limits.ts';
import { type Credentials } from './request.ts';
import { decodeText } from './text.ts';

/** Both parts and the colon in base64, and the scheme with some room. */
const HEADER_CHARS_MAX = Math.ceil(((2 * CREDENTIAL_BYTES_MAX + 1) * 4) / 3) + 16;
const SCHEME_AND_TOKEN = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+)(?:[ \t]+(.*))?$/;
const BASE64 = /^[A-Za-z0-9+/_-]+={0,2}$/;
const CONTROL = /[\x00-\x1f\x7f]/;

/** Reads a header value. Never throws; UTF-8 and Latin-1 are both understood; padding may be missing. */
export function parseCredentials(value: string | undefined): Credentials {
  const header = value?.trim() ?? '';
  if (header === '') return { scheme: 'none' };
  if (header.length > HEADER_CHARS_MAX) return malformed('the Authorization header is too long');
  const [, scheme, token = ''] = SCHEME_AND_TOKEN.exec(header) ?? [];
  if (scheme === undefined) return malformed('the Authorization header names no scheme');
  if (scheme.toLowerCase() !== 'basic') return malformed('only Basic authorization is served');
  if (!BASE64.test(token)) return malformed('the Basic token is not base64');
  const text = decodeText(Buffer.from(token, 'base64'));
  if (CONTROL.test(text)) return malformed('the Basic token holds control characters');
  const colon = text.indexOf(':');
  if (colon < 0) return malformed('the Basic token has no colon');
  return basicCredentials(text.slice(0, colon), text.slice(colon + 1));
}

/** The pair as credentials, unless one of them is too long to be anybody's. */
export function basicCredentials(username: string, password: string): Credentials {
  if (Math.max(Buffer.byteLength(username), Buffer.byteLength(password)) > CREDENTIAL_BYTES_MAX) {
    return malformed(`the username or the password is longer than ${CREDENTIAL_BYTES_MAX} bytes`);
  }
  return { scheme: 'basic', username, password };
}

function malformed(detail: string): Credentials {
  return { scheme: 'malformed', detail };
}
