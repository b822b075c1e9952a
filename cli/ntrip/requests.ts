// The requests of a rover and of a base as bytes, in both protocol versions (NTRIP 1.0; NTRIP 2.0, RTCM 10410.1). Kept to
// what casters of the field were seen to take: version 1 without a slash in SOURCE, version 2 with chunks, since BKG's
// caster reads every body as chunked.

import { SERVER_TOKEN } from '../../caster/ntrip/server-token.ts';
import { badUsage, type Failure } from '../failure.ts';
import { type NtripTarget } from './target.ts';

export type ProtocolVersion = 1 | 2;

/** Both for User-Agent and Source-Agent: it has to begin with NTRIP. */
const AGENT = SERVER_TOKEN;

/** Asks for a mountpoint, or for the sourcetable where it has none. `gga` goes along as a header in version 2. */
export function roverRequest(target: NtripTarget, version: ProtocolVersion, gga?: string): Buffer {
  const head =
    version === 1
      ? [`GET ${pathOf(target)} HTTP/1.0`, `User-Agent: ${AGENT}`, 'Accept: */*']
      : [
          `GET ${pathOf(target)} HTTP/1.1`,
          `Host: ${hostOf(target)}`,
          'Ntrip-Version: Ntrip/2.0',
          `User-Agent: ${AGENT}`,
          'Accept: */*',
          ...(gga === undefined ? [] : [`Ntrip-GGA: ${gga.trim()}`]),
        ];
  return headBytes([...head, ...authorization(target), 'Connection: close']);
}

/** Offers a stream. Version 1 knows no username, and no blanks in a password. */
export function baseRequest(
  target: NtripTarget,
  version: ProtocolVersion,
  chunked: boolean,
): { ok: true; request: Buffer } | { ok: false; failure: Failure } {
  if (version === 2) {
    const head = [
      `POST ${pathOf(target)} HTTP/1.1`,
      `Host: ${hostOf(target)}`,
      'Ntrip-Version: Ntrip/2.0',
      `User-Agent: ${AGENT}`,
      ...authorization(target),
      'Content-Type: gnss/data',
      ...(chunked ? ['Transfer-Encoding: chunked'] : []),
      'Connection: close',
    ];
    return { ok: true, request: headBytes(head) };
  }
  const password = target.password ?? '';
  if (password === '' || /\s/.test(password) || /\s/.test(target.mountpoint)) {
    const why =
      password === '' ? 'needs a password' : 'cannot send a password or mountpoint with a blank in it';
    return {
      ok: false,
      failure: badUsage(
        `NTRIP version 1 ${why}`,
        'give another password with --password, or use --version 2',
      ),
    };
  }
  return {
    ok: true,
    request: headBytes([`SOURCE ${password} ${target.mountpoint}`, `Source-Agent: ${AGENT}`, 'STR: ']),
  };
}

function pathOf({ mountpoint, query }: NtripTarget): string {
  // Only what would break the request line is escaped: casters compare the rest as it is.
  return `/${mountpoint.replace(/[\s%?#]/g, encodeURIComponent)}${query.replaceAll(' ', '%20')}`;
}

function hostOf({ host, port }: NtripTarget): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

function authorization({ username, password }: NtripTarget): string[] {
  if (username === undefined && password === undefined) return [];
  const token = Buffer.from(`${username ?? ''}:${password ?? ''}`).toString('base64');
  return [`Authorization: Basic ${token}`];
}

function headBytes(lines: readonly string[]): Buffer {
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`);
}
