// What a caster must answer, byte for byte but for the date, from the forms that receivers of the field take. Written
// out by hand: nothing here comes from the code that makes the replies, except the name of the server.

import { SERVER_TOKEN } from '../../caster/ntrip/server-token.ts';

const SERVER = `Server: ${SERVER_TOKEN}\r\n`;
const DATE = 'Date: *\r\n';

export const ICY_OK = 'ICY 200 OK\r\n\r\n';
export const BAD_PASSWORD = 'ERROR - Bad Password\r\n';
export const TAKEN_OR_INVALID = 'ERROR - Mount Point Taken or Invalid\r\n';

/** The reply with its date, which has the form of RFC 9110 §5.6.7, put out of sight. */
export function withoutDate(reply: Buffer | string): string {
  const text = typeof reply === 'string' ? reply : reply.toString('latin1');
  return text.replace(/^Date: [A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT\r\n/m, DATE);
}

/** Head of an accepted stream in NTRIP 2, or in plain HTTP where `ntrip` is false. */
export function streamHead(parts: { ntrip?: boolean; rover: boolean; chunked?: boolean }): string {
  const { ntrip = true, rover, chunked = false } = parts;
  return (
    'HTTP/1.1 200 OK\r\n' +
    (ntrip ? 'Ntrip-Version: Ntrip/2.0\r\n' : '') +
    SERVER +
    DATE +
    'Cache-Control: no-store, no-cache, max-age=0\r\nPragma: no-cache\r\nConnection: close\r\n' +
    (rover ? 'Content-Type: gnss/data\r\n' : '') +
    (chunked ? 'Transfer-Encoding: chunked\r\n' : '') +
    '\r\n'
  );
}

/** A whole sourcetable reply around `table`. */
export function tableReply(form: 'v1' | 'v2' | 'plain', table: string): string {
  const common = `${SERVER}${DATE}Connection: close\r\n`;
  const length = `Content-Length: ${Buffer.byteLength(table)}\r\n\r\n`;
  switch (form) {
    case 'v1':
      return `SOURCETABLE 200 OK\r\n${common}Content-Type: text/plain\r\n${length}${table}`;
    case 'v2':
      return (
        'HTTP/1.1 200 OK\r\nNtrip-Version: Ntrip/2.0\r\n' +
        `Ntrip-Flags: st_filter,st_auth,st_match,st_strict\r\n${common}` +
        `Content-Type: gnss/sourcetable\r\n${length}${table}`
      );
    case 'plain':
      return `HTTP/1.1 200 OK\r\n${common}Content-Type: text/plain; charset=utf-8\r\n${length}${table}`;
  }
}

/** A whole refusal; `status` as in `404 Not Found`, `body` without its line end. */
export function refusal(
  form: 'v1' | 'v2' | 'plain',
  status: string,
  body: string,
  headers: readonly string[] = [],
): string {
  return (
    `HTTP/${form === 'v1' ? '1.0' : '1.1'} ${status}\r\n` +
    (form === 'v2' ? 'Ntrip-Version: Ntrip/2.0\r\n' : '') +
    SERVER +
    DATE +
    headers.map((header) => `${header}\r\n`).join('') +
    `Connection: close\r\nContent-Type: text/plain\r\nContent-Length: ${Buffer.byteLength(body) + 2}\r\n\r\n${body}\r\n`
  );
}
