// The requests, byte for byte: version 1 as RTKLIB sends it, version 2 as RTCM 10410.1 has it.
import { expect, test } from 'vitest';
import { SERVER_TOKEN as AGENT } from '../../../caster/ntrip/server-token.ts';
import { baseRequest, roverRequest } from '../../../cli/ntrip/requests.ts';
import { type NtripTarget } from '../../../cli/ntrip/target.ts';

const TARGET: NtripTarget = {
  host: 'caster.example',
  port: 2101,
  tls: false,
  insecure: false,
  mountpoint: 'MOUNT1',
  query: '',
  username: 'Aladdin',
  password: 'open sesame',
};
const OPEN: NtripTarget = { ...TARGET, username: undefined, password: undefined };
/** The example of RFC 7617 §2. */
const ALADDIN = 'Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==';

test('a rover of version 1 sends GET without NTRIP version', () => {
  expect(roverRequest(TARGET, 1).toString()).toBe(
    `GET /MOUNT1 HTTP/1.0\r\nUser-Agent: ${AGENT}\r\nAccept: */*\r\n${ALADDIN}\r\nConnection: close\r\n\r\n`,
  );
});

test('a rover of version 2 sends host, version and position', () => {
  expect(roverRequest(OPEN, 2, '$GPGGA,x*00\r\n').toString()).toBe(
    'GET /MOUNT1 HTTP/1.1\r\nHost: caster.example:2101\r\nNtrip-Version: Ntrip/2.0\r\n' +
      `User-Agent: ${AGENT}\r\nAccept: */*\r\nNtrip-GGA: $GPGGA,x*00\r\nConnection: close\r\n\r\n`,
  );
});

test('an IPv6 address stands in brackets in the Host header', () => {
  expect(roverRequest({ ...OPEN, host: '::1' }, 2).toString()).toContain('Host: [::1]:2101\r\n');
});

test('what would break the request line is escaped, the rest is left alone', () => {
  const odd = { ...OPEN, mountpoint: 'a b%c-D_é', query: '?x y' };
  expect(roverRequest(odd, 1).toString().split('\r\n')[0]).toBe('GET /a%20b%25c-D_é?x%20y HTTP/1.0');
});

test('a base of version 1 sends SOURCE with its password alone', () => {
  const made = baseRequest({ ...TARGET, password: 'sesame' }, 1, false);
  expect(made.ok && made.request.toString()).toBe(
    `SOURCE sesame MOUNT1\r\nSource-Agent: ${AGENT}\r\nSTR: \r\n\r\n`,
  );
});

test('a base of version 2 posts in chunks', () => {
  const made = baseRequest(TARGET, 2, true);
  expect(made.ok && made.request.toString()).toBe(
    'POST /MOUNT1 HTTP/1.1\r\nHost: caster.example:2101\r\nNtrip-Version: Ntrip/2.0\r\n' +
      `User-Agent: ${AGENT}\r\n${ALADDIN}\r\nContent-Type: gnss/data\r\nTransfer-Encoding: chunked\r\n` +
      'Connection: close\r\n\r\n',
  );
});

test('a base of version 2 can post without chunks', () => {
  const made = baseRequest(TARGET, 2, false);
  expect(made.ok && made.request.includes('Transfer-Encoding')).toBe(false);
});

test.each([
  ['a blank in it', 'open sesame'],
  ['nothing in it', ''],
])('version 1 refuses a password with %s, without repeating it', (_what, password) => {
  const made = baseRequest({ ...TARGET, password }, 1, false);
  expect(made).toMatchObject({ ok: false, failure: { code: 'bad_usage' } });
  expect(JSON.stringify(made)).not.toContain('sesame');
});
