// The first line of a request: which grammar it is (HTTP, SOURCE, RTSP) and what it is about. It decides nothing
// about NTRIP versions, since the headers have a say in that, and never throws.
//
//     GET /M HTTP/1.1                      rover         SOURCE pw /M            base, v1 (NTRIP 1.0)
//     GET M                                HTTP/0.9      SOURCE pw M             most senders omit the slash
//     GET http://host:2101/M HTTP/1.1      via a proxy   SOURCE pw M HTTP/1.1    third token ignored
//     GET /?STR;;;;;;DEU HTTP/1.1          table         SOURCE  M               an empty password

import { type BadReason, isMountpointName } from './request.ts';
import { percentDecode } from './text.ts';

export type RequestLine =
  | { ok: true; method: 'GET'; mountpoint: string | undefined; path: string; query: string; httpMinor: 0 | 1 }
  | { ok: true; method: 'POST' | 'PUT'; mountpoint: string }
  | { ok: true; method: 'SOURCE'; mountpoint: string; password: string }
  | { ok: false; method: string; reason: BadReason; detail: string };

const RTSP_METHODS = new Set([
  'SETUP',
  'PLAY',
  'RECORD',
  'PAUSE',
  'TEARDOWN',
  'DESCRIBE',
  'ANNOUNCE',
  'GET_PARAMETER',
  'SET_PARAMETER',
]);
const PROTOCOL_TOKEN = /(?:^| +)(HTTP|RTSP)\/\d(?:\.(\d))?$/i;
const ABSOLUTE_FORM = /^[a-z][a-z0-9+.-]*:\/\/[^/?]*/i;

/** Reads `line`, which is without its line end and without control characters. */
export function parseRequestLine(line: string): RequestLine {
  const space = line.indexOf(' ');
  if (space <= 0) return bad('', 'bad_request_line', 'the request line has no target');
  const method = line.slice(0, space).toUpperCase();
  const trimmed = line.slice(space + 1).trimEnd();
  const protocol = PROTOCOL_TOKEN.exec(trimmed);
  const rest = protocol === null ? trimmed : trimmed.slice(0, protocol.index);
  if (RTSP_METHODS.has(method) || protocol?.[1]?.toUpperCase() === 'RTSP') {
    return bad(method, 'rtsp', 'RTSP is not offered here, use NTRIP over HTTP');
  }
  switch (method) {
    case 'GET':
      return parseGet(rest, protocol?.[2] === '1' ? 1 : 0);
    case 'POST':
    case 'PUT': {
      const mountpoint = mountpointOf(splitTarget(rest).path);
      return mountpoint === undefined ? badName(method) : { ok: true, method, mountpoint };
    }
    case 'SOURCE':
      return parseSource(rest);
    default:
      return bad(method, 'unknown_method', 'only GET, POST, PUT and SOURCE are served');
  }
}

function parseGet(target: string, httpMinor: 0 | 1): RequestLine {
  const { local, path, query } = splitTarget(target);
  if (path === '') return { ok: true, method: 'GET', mountpoint: undefined, path: local, query, httpMinor };
  const mountpoint = mountpointOf(path);
  if (mountpoint === undefined) return badName('GET');
  return { ok: true, method: 'GET', mountpoint, path: local, query, httpMinor };
}

/** `password mountpoint`. A password cannot hold a space (NTRIP 1.0); what could be meant by more is not guessed. */
function parseSource(rest: string): RequestLine {
  const space = rest.indexOf(' ');
  if (space < 0) return bad('SOURCE', 'bad_request_line', 'SOURCE needs a password and a mountpoint');
  const target = rest.slice(space + 1);
  if (target.includes(' ')) {
    return bad('SOURCE', 'bad_request_line', 'a password with a space cannot be told from a mountpoint');
  }
  const mountpoint = mountpointOf(splitTarget(target).path);
  if (mountpoint === undefined) return badName('SOURCE');
  return { ok: true, method: 'SOURCE', mountpoint, password: rest.slice(0, space) };
}

/**
 * `local` is without scheme and host, `path` also without query and leading slashes (`//M` is what a slash typed into a
 * receiver's menu makes).
 */
function splitTarget(target: string): { local: string; path: string; query: string } {
  const local = target.trimStart().replace(ABSOLUTE_FORM, '');
  const mark = local.indexOf('?');
  const path = mark < 0 ? local : local.slice(0, mark);
  return { local, path: path.replace(/^\/+/, ''), query: mark < 0 ? '' : local.slice(mark + 1) };
}

function mountpointOf(path: string): string | undefined {
  const name = percentDecode(path);
  return name !== undefined && isMountpointName(name) ? name : undefined;
}

function badName(method: string): RequestLine {
  return bad(method, 'bad_mountpoint_name', 'a mountpoint is 1 to 100 of A-Z a-z 0-9 . _ -');
}

function bad(method: string, reason: BadReason, detail: string): RequestLine {
  return { ok: false, method, reason, detail };
}
