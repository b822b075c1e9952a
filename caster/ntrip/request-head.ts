// The headers of one request and the decision they lead to. Only headers that matter are kept; a line that is none
// is passed over, because receivers send all sorts of lines. Never throws.

import { basicCredentials, parseCredentials } from './credentials.ts';
import { type BadReason, type NtripRequest, type NtripVersion } from './request.ts';
import { type RequestLine } from './request-line.ts';
import { decodeText } from './text.ts';

/** What is kept of a head while it is read. */
export interface HeadFields {
  ntripVersion?: string;
  userAgent?: string;
  sourceAgent?: string;
  authorization?: string;
  ntripGga?: string;
  str?: string;
  transferEncoding?: string;
  contentEncoding?: string;
  contentLength?: string;
  expect?: string;
  forwardedFor?: string;
}

const FIELD_OF_NAME: ReadonlyMap<string, keyof HeadFields> = new Map([
  ['ntrip-version', 'ntripVersion'],
  ['user-agent', 'userAgent'],
  ['source-agent', 'sourceAgent'],
  ['authorization', 'authorization'],
  ['ntrip-gga', 'ntripGga'],
  ['ntrip-str', 'str'],
  ['str', 'str'],
  ['transfer-encoding', 'transferEncoding'],
  ['content-encoding', 'contentEncoding'],
  ['content-length', 'contentLength'],
  ['expect', 'expect'],
  ['x-forwarded-for', 'forwardedFor'],
]);
const NAME_CHARS_MAX = 'transfer-encoding'.length;
const AGENT_CHARS_MAX = 256;
const COLON = 0x3a;
const SPACE = 0x20;
const TAB = 0x09;

/**
 * Takes the header line `bytes[start, end)`, which has no line end. A header without value counts for none. Of a
 * repeated one the first counts, except that X-Forwarded-For lines are joined (each proxy appends one).
 */
export function readHeaderLine(bytes: Buffer, start: number, end: number, fields: HeadFields): void {
  const nameEnd = Math.min(end, start + NAME_CHARS_MAX + 1);
  let colon = start;
  while (colon < nameEnd && bytes[colon] !== COLON) colon++;
  if (colon === nameEnd) return;
  const field = FIELD_OF_NAME.get(bytes.toString('latin1', start, colon).trimEnd().toLowerCase());
  if (field === undefined) return;
  let from = colon + 1;
  let to = end;
  while (from < to && isBlank(bytes[from])) from++;
  while (to > from && isBlank(bytes[to - 1])) to--;
  if (from === to) return;
  const value = decodeText(bytes, from, to);
  if (field === 'forwardedFor' && fields.forwardedFor !== undefined) fields.forwardedFor += `, ${value}`;
  else fields[field] ??= value;
}

/** Everything has been read: what is asked for? */
export function decideRequest(line: RequestLine & { ok: true }, fields: HeadFields): NtripRequest {
  const { version, plainHttp } = decideVersion(line.method, fields);
  const userAgent = (fields.userAgent ?? fields.sourceAgent ?? '').slice(0, AGENT_CHARS_MAX);
  const forwardedFor = fields.forwardedFor;
  const chunkedBody = lists(fields.transferEncoding, 'chunked');
  if (line.method === 'GET') {
    const credentials = parseCredentials(fields.authorization);
    const { mountpoint, path, query, httpMinor } = line;
    if (mountpoint === undefined) {
      return { kind: 'sourcetable', version, plainHttp, query, credentials, userAgent, forwardedFor };
    }
    return {
      kind: 'rover',
      version,
      plainHttp,
      httpMinor,
      mountpoint,
      path,
      credentials,
      userAgent,
      ntripGga: fields.ntripGga,
      forwardedFor,
      chunkedBody,
    };
  }
  const contentLength = parseContentLength(fields.contentLength);
  if (contentLength === 'bad') {
    return badRequest(line.method, 'bad_content_length', 'Content-Length is not a number of bytes', fields);
  }
  return {
    kind: 'base',
    version,
    method: line.method,
    mountpoint: line.mountpoint,
    credentials:
      line.method === 'SOURCE' ? basicCredentials('', line.password) : parseCredentials(fields.authorization),
    userAgent,
    str: fields.str,
    chunkedBody: line.method !== 'SOURCE' && chunkedBody,
    gzip: [fields.contentEncoding, fields.transferEncoding].some(
      (v) => lists(v, 'gzip') || lists(v, 'deflate'),
    ),
    expectContinue: lists(fields.expect, '100-continue'),
    contentLength: chunkedBody ? undefined : contentLength,
    forwardedFor,
  };
}

/** A refusal in the version that the request, as far as it was read, would have been answered in. */
export function badRequest(
  method: string,
  reason: BadReason,
  detail: string,
  fields: HeadFields,
): NtripRequest {
  return { kind: 'bad', ...decideVersion(method, fields), method, reason, detail };
}

/**
 * The grammar first (SOURCE is NTRIP 1, POST and PUT are NTRIP 2), then the Ntrip-Version header, then the agent.
 * The HTTP version is not asked: gpsd 3.22 sends HTTP/1.1 and understands NTRIP 1 replies only.
 */
function decideVersion(method: string, fields: HeadFields): { version: NtripVersion; plainHttp: boolean } {
  if (method === 'SOURCE') return { version: 1, plainHttp: false };
  if (method !== 'GET') return { version: 2, plainHttp: false };
  if (fields.ntripVersion !== undefined) {
    return { version: fields.ntripVersion.includes('1.0') ? 1 : 2, plainHttp: false };
  }
  const isNtripAgent = /ntrip/i.test(fields.userAgent ?? '') || /ntrip/i.test(fields.sourceAgent ?? '');
  return isNtripAgent ? { version: 1, plainHttp: false } : { version: 2, plainHttp: true };
}

/** Whether a comma-separated header value lists `token`; parameters after a semicolon do not matter. */
function lists(value: string | undefined, token: string): boolean {
  if (value === undefined) return false;
  return value.split(',').some((item) => item.split(';', 1)[0]?.trim().toLowerCase() === token);
}

function parseContentLength(value: string | undefined): number | undefined | 'bad' {
  if (value === undefined) return undefined;
  return /^\d{1,15}$/.test(value) ? Number(value) : 'bad';
}

function isBlank(byte: number | undefined): boolean {
  return byte === SPACE || byte === TAB;
}
