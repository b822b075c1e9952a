// The id of a request: it is in the answer, in the error and in the log, so that one can be found from the other.

import { randomBytes } from 'node:crypto';
import { type IncomingMessage } from 'node:http';

/** What another program may call its request here: short, and safe in a header and in a log. */
const GIVEN_ID = /^[A-Za-z0-9._-]{1,64}$/;

/** The one in `x-request-id` where it is a fair one; else `req_` and 80 random bits in base 32. */
export function requestIdOf(request: IncomingMessage): string {
  const given = request.headers['x-request-id'];
  if (typeof given === 'string' && GIVEN_ID.test(given)) return given;
  return newRequestId();
}

export function newRequestId(): string {
  const characters = Array.from(randomBytes(16), (byte) => 'abcdefghijklmnopqrstuvwxyz234567'[byte & 31]);
  return `req_${characters.join('')}`;
}
