// Tests whether an NTRIP 1 rover is accepted with `ICY 200 OK` and an empty line, and gets nothing but frames then.

import { describe, expect, test } from 'vitest';
import { ICY_OK } from '../support/expected-replies.ts';
import { observationFrame, positionFrame } from '../support/frames.ts';
import { getRequest, sourceRequest } from '../support/ntrip-requests.ts';
import { useCaster } from '../support/use-caster.ts';
import { connectPeer } from '../support/wire-peer.ts';

const LOGIN = { username: 'rover-1', password: 'password1' };
const TOKEN = Buffer.from(`${LOGIN.username}:${LOGIN.password}`).toString('base64');

const caster = useCaster({
  config: {
    mountpoints: [
      { name: 'TEST1', sourcePassword: 'password1' },
      { name: 'OPEN', sourcePassword: 'password1', access: 'open' },
      { name: 'CHUNKED', sourcePassword: 'password1', access: 'open', chunked: true },
    ],
    accounts: [
      LOGIN,
      { username: 'rover-2', password: 'Passw ort' },
      { username: 'rover-3', password: 'with:colon' },
    ],
  },
});

const FORMS = [
  ['str2str', getRequest(1, 'TEST1', { login: LOGIN })],
  ['gpsd, in HTTP/1.1', getRequest(1, 'TEST1', { login: LOGIN, httpVersion: '1.1' })],
  [
    'one that knows no HTTP version',
    `GET /TEST1\r\nUser-Agent: NTRIP x\r\nAuthorization: Basic ${TOKEN}\r\n\r\n`,
  ],
  [
    'one that ends its lines in LF',
    `GET /TEST1 HTTP/1.0\nUser-Agent: NTRIP x\nAuthorization: Basic ${TOKEN}\n\n`,
  ],
  [
    'one that writes headers its own way',
    `get /TEST1 HTTP/1.0\r\nuSER-aGENT:ntrip x\r\nAUTHORIZATION:basic ${TOKEN}\r\n\r\n`,
  ],
  [
    'one that forgets the slash',
    `GET TEST1 HTTP/1.0\r\nUser-Agent: NTRIP x\r\nAuthorization: Basic ${TOKEN}\r\n\r\n`,
  ],
  [
    'one behind an HTTP proxy',
    `GET http://caster.example:2101/TEST1 HTTP/1.0\r\nUser-Agent: NTRIP x\r\nAuthorization: Basic ${TOKEN}\r\n\r\n`,
  ],
  [
    'one that sends no padding',
    `GET /TEST1 HTTP/1.0\r\nUser-Agent: NTRIP x\r\nAuthorization: Basic ${TOKEN.replace(/=+$/, '')}\r\n\r\n`,
  ],
  [
    'one that wants version 1',
    getRequest(1, 'TEST1', { login: LOGIN, headers: ['Ntrip-Version: Ntrip/1.0'] }),
  ],
  [
    'one whose password has a space',
    getRequest(1, 'TEST1', { login: { username: 'rover-2', password: 'Passw ort' } }),
  ],
  [
    'one whose password has a colon',
    getRequest(1, 'TEST1', { login: { username: 'rover-3', password: 'with:colon' } }),
  ],
  ['one without a login, where the mountpoint is open', getRequest(1, 'OPEN')],
  [
    'one with a wrong login, where the mountpoint is open',
    getRequest(1, 'OPEN', { login: { username: 'x', password: 'y' } }),
  ],
  ['one of a mountpoint that is chunked for version 2', getRequest(1, 'CHUNKED', { httpVersion: '1.1' })],
] as const;

test.each(FORMS)('a rover like %s is accepted in exactly 14 bytes', async (_who, request) => {
  const rover = await connectPeer(caster().ready.ntrip);
  rover.send(request);
  const mountpoint = /(TEST1|OPEN|CHUNKED)/.exec(request)![1]!;
  expect((await rover.read(ICY_OK.length)).toString()).toBe(ICY_OK);
  // What comes next are the first bytes of the base, and nothing in between.
  const frames = Buffer.concat([positionFrame(1, 50, 8), observationFrame(1, 1000)]);
  const base = await connectPeer(caster().ready.ntrip);
  base.send(Buffer.concat([Buffer.from(sourceRequest('password1', mountpoint)), frames]));
  expect(await rover.read(frames.length)).toEqual(frames);
});

describe('the end of a stream', () => {
  test('a rover that hangs up is told apart from one whose connection breaks', async () => {
    const { ready } = caster();
    const [polite, broken] = await Promise.all([connectPeer(ready.ntrip), connectPeer(ready.ntrip)]);
    polite.send('GET /OPEN HTTP/1.0\r\nUser-Agent: NTRIP polite\r\n\r\n');
    broken.send('GET /OPEN HTTP/1.0\r\nUser-Agent: NTRIP broken\r\n\r\n');
    await Promise.all([polite.readHead(), broken.readHead()]);
    const sessionOf = async (agent: string): Promise<unknown> =>
      (await caster().waitFor('session_opened', ({ userAgent }) => userAgent === `NTRIP ${agent}`))[
        'session'
      ];
    const [politeSession, brokenSession] = [await sessionOf('polite'), await sessionOf('broken')];
    polite.hangUp();
    broken.reset();
    const reasonOf = async (id: unknown): Promise<unknown> =>
      (await caster().waitFor('session_closed', ({ session }) => session === id))['reason'];
    expect([await reasonOf(politeSession), await reasonOf(brokenSession)]).toEqual([
      'peer_closed',
      'peer_reset',
    ]);
  });

  test('the log says how long a session lasted, and not longer', async () => {
    const { ready } = caster();
    const beganMs = performance.now();
    const rover = await connectPeer(ready.ntrip);
    rover.send('GET /OPEN HTTP/1.0\r\nUser-Agent: NTRIP brief\r\n\r\n');
    await rover.readHead();
    const { session: id } = await caster().waitFor(
      'session_opened',
      ({ userAgent }) => userAgent === 'NTRIP brief',
    );
    rover.hangUp();
    const { durationMs } = await caster().waitFor('session_closed', ({ session }) => session === id);
    expect(durationMs).toBeLessThanOrEqual(Math.ceil(performance.now() - beganMs));
  });
});
