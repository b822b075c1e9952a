// Every reply the caster ever sends, as bytes. The forms are not a matter of taste: they are what receivers of the
// field were seen to accept, and each deviation here has broken one of them.
//
//              NTRIP 1                                  NTRIP 2, and plain HTTP (without the Ntrip headers)
//   rover      ICY 200 OK                               HTTP/1.1 200 OK, Content-Type: gnss/data
//   base       ICY 200 OK                               HTTP/1.1 200 OK
//   table      SOURCETABLE 200 OK                       HTTP/1.1 200 OK, Content-Type: gnss/sourcetable | text/plain
//   refusal    rover, table: HTTP/1.0 4xx               HTTP/1.1 4xx
//              base: ERROR - <words>
//
// Dates come from outside. Nothing here may put a header after ICY (RTKLIB hands it on as corrections), or free text
// into an NTRIP 1 reply to a base: ntripserver takes any reply that holds "OK" for consent, even out of "TOKYO".

import { type NtripVersion } from './request.ts';
import { SERVER_TOKEN } from './server-token.ts';

export type RefusalStatus = 400 | 401 | 403 | 404 | 405 | 409 | 413 | 429 | 431 | 500 | 501 | 503;

export interface Refusal {
  version: NtripVersion;
  role: 'rover' | 'base' | 'table';
  plainHttp: boolean;
  status: RefusalStatus;
  /** A stable code for programs: first word of the body. */
  reason: string;
  /** For people: the rest of the body's line. No secrets. */
  detail: string;
  /** For 401: what the credentials are for, usually `/MOUNTPOINT`. */
  realm?: string | undefined;
  retryAfterS?: number | undefined;
  /** An HTTP date; without it the reply has no Date. */
  date?: string | undefined;
}

const STATUS_WORDS: Readonly<Record<RefusalStatus, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  409: 'Conflict',
  413: 'Content Too Large',
  429: 'Too Many Requests',
  431: 'Request Header Fields Too Large',
  500: 'Internal Server Error',
  501: 'Not Implemented',
  503: 'Service Unavailable',
};
const BAD_PASSWORD = 'Bad Password';
const MOUNTPOINT_TAKEN = 'Mount Point Taken or Invalid';
/** What BKG's caster says to an NTRIP 1 base; RTKLIB shows the words and stops. Others get the words of the status. */
const SOURCE_WORDS: Readonly<Partial<Record<RefusalStatus, string>>> = {
  401: BAD_PASSWORD,
  403: MOUNTPOINT_TAKEN,
  404: MOUNTPOINT_TAKEN,
  409: MOUNTPOINT_TAKEN,
};

const ICY_OK = Buffer.from('ICY 200 OK\r\n\r\n');
const CONTINUE = Buffer.from('HTTP/1.1 100 Continue\r\n\r\n');
const NTRIP_HEADER = 'Ntrip-Version: Ntrip/2.0\r\n';
const FLAGS_HEADER = 'Ntrip-Flags: st_filter,st_auth,st_match,st_strict\r\n';
const SERVER_HEADER = `Server: ${SERVER_TOKEN}\r\n`;
const STREAM_HEADERS =
  'Cache-Control: no-store, no-cache, max-age=0\r\nPragma: no-cache\r\nConnection: close\r\n';
const DATA_HEADER = 'Content-Type: gnss/data\r\n';
const CHUNKED_HEADER = 'Transfer-Encoding: chunked\r\n';
const HTTP_OK = 'HTTP/1.1 200 OK\r\n';

/** A rover is streamed to from here on. The NTRIP 1 reply is one shared buffer: never write into it. */
export function acceptRover(
  version: NtripVersion,
  opts: { plainHttp: boolean; chunked: boolean; date: string },
): Buffer {
  if (version === 1) return ICY_OK;
  return Buffer.from(
    `${streamHead(opts.plainHttp, opts.date)}${DATA_HEADER}${opts.chunked ? CHUNKED_HEADER : ''}\r\n`,
    'latin1',
  );
}

/**
 * A base may send from here on. No length is given in NTRIP 2: strict HTTP libraries stop sending a body once its
 * reply is complete.
 */
export function acceptBase(version: NtripVersion, opts: { date: string }): Buffer {
  return version === 1 ? ICY_OK : Buffer.from(`${streamHead(false, opts.date)}\r\n`, 'latin1');
}

/** Says no, why, and closes. */
export function refuse(refusal: Refusal): Buffer {
  const { version, role, plainHttp, status, realm, retryAfterS, date } = refusal;
  const words = STATUS_WORDS[status];
  if (version === 1 && role === 'base') return Buffer.from(`ERROR - ${SOURCE_WORDS[status] ?? words}\r\n`);
  const body = Buffer.from(`${oneLine(refusal.reason)}: ${oneLine(refusal.detail)}\r\n`);
  const head = [
    `HTTP/${version === 1 ? '1.0' : '1.1'} ${status} ${words}\r\n`,
    version === 2 && !plainHttp ? NTRIP_HEADER : '',
    SERVER_HEADER,
    date === undefined ? '' : `Date: ${date}\r\n`,
    status === 401 ? `WWW-Authenticate: Basic realm="${quotable(realm ?? '/')}"\r\n` : '',
    status === 405 ? 'Allow: GET, POST, PUT\r\n' : '',
    retryAfterS === undefined ? '' : `Retry-After: ${Math.max(0, Math.ceil(retryAfterS))}\r\n`,
    `Connection: close\r\nContent-Type: text/plain\r\nContent-Length: ${body.length}\r\n\r\n`,
  ].join('');
  return Buffer.concat([Buffer.from(head, 'latin1'), body]);
}

/** A whole sourcetable; also the NTRIP 1 answer to an unknown mountpoint. `body` ends with its ENDSOURCETABLE line. */
export function sourcetableReply(
  version: NtripVersion,
  plainHttp: boolean,
  body: string | Buffer,
  date: string,
): Buffer {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  return Buffer.concat([sourcetableHead(version, plainHttp, bytes.length, date), bytes]);
}

/** What goes in front of a table of `bodyBytes`, for those who share one body among many replies. */
export function sourcetableHead(
  version: NtripVersion,
  plainHttp: boolean,
  bodyBytes: number,
  date: string,
): Buffer {
  const common = `${SERVER_HEADER}Date: ${date}\r\nConnection: close\r\n`;
  const length = `Content-Length: ${bodyBytes}\r\n\r\n`;
  const head =
    version === 1
      ? `SOURCETABLE 200 OK\r\n${common}Content-Type: text/plain\r\n${length}`
      : plainHttp
        ? `${HTTP_OK}${common}Content-Type: text/plain; charset=utf-8\r\n${length}`
        : `${HTTP_OK}${NTRIP_HEADER}${FLAGS_HEADER}${common}Content-Type: gnss/sourcetable\r\n${length}`;
  return Buffer.from(head, 'latin1');
}

/** The interim reply a base with `Expect: 100-continue` waits for. One shared buffer: never write into it. */
export function continue100(): Buffer {
  return CONTINUE;
}

function streamHead(plainHttp: boolean, date: string): string {
  return `${HTTP_OK}${plainHttp ? '' : NTRIP_HEADER}${SERVER_HEADER}Date: ${date}\r\n${STREAM_HEADERS}`;
}

function oneLine(text: string): string {
  return text.replace(/[\x00-\x1f\x7f]+/g, ' ');
}

function quotable(text: string): string {
  return text.replace(/[^\x20-\x7e]|["\\]/g, '');
}
