// Tests whether what is no request, comes too slowly or never ends is answered, named and let go, while others go on.

import { describe, expect, test } from 'vitest';
import { refusal, withoutDate } from '../support/expected-replies.ts';
import { getRequest } from '../support/ntrip-requests.ts';
import { eventually, logFromHere, metricOf, useCaster } from '../support/use-caster.ts';
import { ask, connectPeer } from '../support/wire-peer.ts';

const HANDSHAKE_TIMEOUT_MS = 1500;

const caster = useCaster({
  config: {
    streamWorkers: 1,
    mountpoints: [{ name: 'OPEN', sourcePassword: 'password1', access: 'open' }],
    timing: { handshakeTimeoutMs: HANDSHAKE_TIMEOUT_MS },
    log: { level: 'debug' },
  },
});

const AGENT = 'User-Agent: NTRIP x\r\n';
const V2 = 'Ntrip-Version: Ntrip/2.0\r\n';
const MANY = Array.from({ length: 101 }, (_none, n) => `X-Header-${n}: x\r\n`).join('');

const TOO_MUCH = [
  [
    'a header line of 8193 bytes',
    `GET / HTTP/1.1\r\n${V2}X: ${'x'.repeat(8190)}\r\n\r\n`,
    'v2',
    '431 Request Header Fields Too Large',
    'line_too_long: a line is longer than 8192 bytes',
  ],
  [
    'a request line of 9000 bytes',
    `GET /${'x'.repeat(9000)} HTTP/1.1\r\n${V2}\r\n`,
    'v2',
    '400 Bad Request',
    'request_line_too_long: a line is longer than 8192 bytes',
  ],
  [
    'a head of 17 kB',
    `GET / HTTP/1.1\r\n${V2}${`X: ${'x'.repeat(1000)}\r\n`.repeat(17)}\r\n`,
    'v2',
    '431 Request Header Fields Too Large',
    'head_too_large: the head is longer than 16384 bytes',
  ],
  [
    'a header of 1 MB',
    `GET /OPEN HTTP/1.1\r\n${V2}X: ${'x'.repeat(1_000_000)}\r\n\r\n`,
    'v2',
    '431 Request Header Fields Too Large',
    'line_too_long: a line is longer than 8192 bytes',
  ],
  [
    '101 headers',
    `GET / HTTP/1.1\r\n${AGENT}${MANY}\r\n`,
    'v1',
    '431 Request Header Fields Too Large',
    'header_too_many: more than 100 headers',
  ],
] as const;

const NO_REQUEST = [
  [
    'an unknown method',
    `BREW / HTTP/1.1\r\n\r\n`,
    'v2',
    '501 Not Implemented',
    'unknown_method: only GET, POST, PUT and SOURCE are served',
  ],
  [
    'HEAD',
    `HEAD / HTTP/1.1\r\n\r\n`,
    'v2',
    '501 Not Implemented',
    'unknown_method: only GET, POST, PUT and SOURCE are served',
  ],
  [
    'RTSP',
    `SETUP rtsp://h/OPEN RTSP/1.0\r\nCSeq: 1\r\n\r\n`,
    'v2',
    '501 Not Implemented',
    'rtsp: RTSP is not offered here, use NTRIP over HTTP',
  ],
  [
    'a line without a target',
    `GET\r\n\r\n`,
    'v2',
    '400 Bad Request',
    'bad_request_line: the request line has no target',
  ],
  [
    'binary',
    Buffer.from([0xd3, 0, 19, 0x3e, 0xd0, 0, 1, 2]),
    'v2',
    '400 Bad Request',
    'bad_request_line: this is not a method',
  ],
  [
    'a TLS hello on the plain port',
    Buffer.from('16030100c8010000c403030102030405', 'hex'),
    'v2',
    '400 Bad Request',
    'tls_handshake: TLS on a port that does not speak it',
  ],
  [
    'a zero byte in a header',
    `GET /OPEN HTTP/1.1\r\n${V2}X: a\0b\r\n\r\n`,
    'v2',
    '400 Bad Request',
    'bad_header: a control character inside a line',
  ],
  [
    'a carriage return in a header',
    `GET /OPEN HTTP/1.1\r\n${V2}X: a\rb\r\n\r\n`,
    'v2',
    '400 Bad Request',
    'bad_header: a carriage return inside a line',
  ],
  [
    'a GGA before any request',
    '$GPGGA,120000,5000.0,N,00800.0,E,1,08,1,100,M,0,M,,*5C\r\n',
    'v2',
    '400 Bad Request',
    'bad_request_line: this is not a method',
  ],
] as const;

describe('answered at once', () => {
  test.each([...TOO_MUCH, ...NO_REQUEST])('%s', async (_what, request, form, status, body) => {
    expect(withoutDate(await ask(caster().ready.ntrip, request))).toBe(refusal(form, status, body));
  });

  test('a bad request is counted and, where asked for, logged with its code', async () => {
    const before = await metricOf(caster(), 'caster_requests_total', { kind: 'bad' });
    await ask(caster().ready.ntrip, 'BREW / HTTP/1.1\r\n\r\n', { from: '127.0.0.7' });
    const line = await caster().waitFor('request_bad', ({ address }) => address === '127.0.0.7');
    expect(line['code']).toBe('unknown_method');
    expect(await metricOf(caster(), 'caster_requests_total', { kind: 'bad' })).toBe(before + 1);
  });

  test('what is sent behind a request for the table is no second request', async () => {
    const { ntrip } = caster().ready;
    const once = withoutDate(await ask(ntrip, getRequest(1, '')));
    expect(withoutDate(await ask(ntrip, getRequest(1, '').repeat(50)))).toBe(once);
    expect(withoutDate(await ask(ntrip, getRequest(1, '') + 'rubbish\0'.repeat(100)))).toBe(once);
  });

  test('rubbish behind the request of a rover does not end its stream', async () => {
    const { ntrip } = caster().ready;
    const rover = await connectPeer(ntrip);
    rover.send(getRequest(1, 'OPEN') + getRequest(1, 'OPEN') + 'rubbish\0\xff'.repeat(20_000));
    await rover.readHead();
    const base = await connectPeer(ntrip);
    base.send(`SOURCE password1 OPEN\r\n\r\n`);
    await base.readHead();
    const filler = Buffer.from([0xd3, 0, 0, 0x47, 0xea, 0x4b]);
    base.send(filler);
    expect(await rover.read(filler.length)).toEqual(filler);
  });
});

describe('too slow', () => {
  test.each([
    ['nothing at all', ''],
    ['half a request line', 'GET /OP'],
    ['a head without its end', `GET /OPEN HTTP/1.1\r\n${V2}`],
  ])('%s: the connection ends after handshakeTimeoutMs and has a name', async (_what, begun) => {
    const reasons = { reason: 'handshake_timeout' };
    const before = await metricOf(caster(), 'caster_connections_closed_total', reasons);
    const peer = await connectPeer(caster().ready.ntrip);
    const openedMs = performance.now();
    peer.send(begun);
    expect(await peer.readToEnd()).toHaveLength(0);
    // The caster looks about once a second, on a clock of its own that is at most half a second behind.
    expect(performance.now() - openedMs).toBeGreaterThan(HANDSHAKE_TIMEOUT_MS - 500);
    expect(performance.now() - openedMs).toBeLessThan(HANDSHAKE_TIMEOUT_MS + 2500);
    await eventually('it is counted', async () =>
      (await metricOf(caster(), 'caster_connections_closed_total', reasons)) > before ? true : undefined,
    );
  });

  test('a head that dribbles in endlessly ends all the same', async () => {
    const peer = await connectPeer(caster().ready.ntrip);
    peer.send(`GET /OPEN HTTP/1.1\r\n${V2}X: `);
    const dribble = setInterval(() => peer.send('x'), 50);
    await peer.closed;
    clearInterval(dribble);
    expect(peer.waitingBytes).toBe(0);
  });

  test('a refused peer that never hangs up is let go', async () => {
    const closed = logFromHere(caster());
    // An address of its own: the log tells the same of one address only a few times a minute.
    const peer = await connectPeer(caster().ready.ntrip, { from: '127.0.0.8' });
    // Half-open: this side goes on sending although the caster has said all it has to say.
    peer.socket.allowHalfOpen = true;
    peer.send('BREW / HTTP/1.1\r\n\r\n');
    const flood = setInterval(() => peer.send('x'.repeat(1000)), 20);
    await closed('request_bad', ({ address }) => address === '127.0.0.8');
    await peer.closed;
    clearInterval(flood);
    await eventually('no connection is left', async () =>
      (await metricOf(caster(), 'caster_connections')) === 0 ? true : undefined,
    );
  });
});
