// Tests whether an NTRIP 2 rover gets a whole HTTP head with its content type, and then frames: raw, or in chunks
// where the mountpoint says so and the rover speaks HTTP/1.1.

import { expect, test } from 'vitest';
import { chunkOf } from '../support/chunks.ts';
import { streamHead, withoutDate } from '../support/expected-replies.ts';
import { observationFrame, positionFrame } from '../support/frames.ts';
import { browserRequest, getRequest, sourceRequest } from '../support/ntrip-requests.ts';
import { useCaster } from '../support/use-caster.ts';
import { connectPeer } from '../support/wire-peer.ts';

const LOGIN = { username: 'rover-1', password: 'password1' };

const caster = useCaster({
  config: {
    mountpoints: [
      { name: 'RAW', sourcePassword: 'password1' },
      { name: 'CHUNKED', sourcePassword: 'password1', chunked: true },
      { name: 'OPEN', sourcePassword: 'password1', access: 'open' },
    ],
    accounts: [LOGIN],
  },
});

const BASIC = `Authorization: Basic ${Buffer.from('rover-1:password1').toString('base64')}`;
const NTRIP_RAW = streamHead({ rover: true });
const NTRIP_CHUNKED = streamHead({ rover: true, chunked: true });
const PLAIN_RAW = streamHead({ ntrip: false, rover: true });

const FORMS = [
  ['pygnssutils', getRequest(2, 'RAW', { login: LOGIN }), NTRIP_RAW],
  ['one that speaks HTTP/1.0', getRequest(2, 'RAW', { login: LOGIN, httpVersion: '1.0' }), NTRIP_RAW],
  ['one that sends nothing but the version', 'GET /OPEN\r\nNtrip-Version: Ntrip/2.0\r\n\r\n', NTRIP_RAW],
  [
    'one that declares chunks of its own',
    getRequest(2, 'RAW', { login: LOGIN, headers: ['Transfer-Encoding: chunked'] }),
    NTRIP_RAW,
  ],
  ['curl without a word of NTRIP', browserRequest('RAW', [BASIC]), PLAIN_RAW],
  ['one of a chunked mountpoint', getRequest(2, 'CHUNKED', { login: LOGIN }), NTRIP_CHUNKED],
  [
    'one of a chunked mountpoint that speaks HTTP/1.0',
    getRequest(2, 'CHUNKED', { login: LOGIN, httpVersion: '1.0' }),
    NTRIP_RAW,
  ],
  [
    'curl of a chunked mountpoint',
    browserRequest('CHUNKED', [BASIC]),
    streamHead({ ntrip: false, rover: true, chunked: true }),
  ],
] as const;

test.each(FORMS)('a rover like %s is accepted in the form it can read', async (_who, request, head) => {
  const { ready } = caster();
  const mountpoint = /(RAW|CHUNKED|OPEN)/.exec(request)![1]!;
  const rover = await connectPeer(ready.ntrip);
  rover.send(request);
  expect(withoutDate(await rover.readHead())).toBe(head);
  const frames = Buffer.concat([positionFrame(1, 50, 8), observationFrame(1, 1000, 300)]);
  const base = await connectPeer(ready.ntrip);
  base.send(Buffer.concat([Buffer.from(sourceRequest('password1', mountpoint)), frames]));
  const body = head.includes('chunked') ? chunkOf(frames) : frames;
  expect(await rover.read(body.length)).toEqual(body);
});

test('an epoch is one chunk, and so is what a late joiner gets', async () => {
  const { ready } = caster();
  const base = await connectPeer(ready.ntrip);
  const position = positionFrame(1, 50, 8);
  const epochs = [1000, 2000, 3000].map((ms) => observationFrame(1, ms, 500));
  const early = await connectPeer(ready.ntrip);
  early.send(getRequest(2, 'CHUNKED', { login: LOGIN }));
  await early.readHead();
  base.send(Buffer.concat([Buffer.from(sourceRequest('password1', 'CHUNKED')), position, epochs[0]!]));
  const first = chunkOf(Buffer.concat([position, epochs[0]!]));
  expect(await early.read(first.length)).toEqual(first);
  const late = await connectPeer(ready.ntrip);
  late.send(getRequest(2, 'CHUNKED', { login: LOGIN }));
  await late.readHead();
  base.send(Buffer.concat(epochs.slice(1)));
  const rest = Buffer.concat([chunkOf(epochs[1]!), chunkOf(epochs[2]!)]);
  expect(await early.read(rest.length)).toEqual(rest);
  const greeting = chunkOf(position);
  expect(await late.read(greeting.length + rest.length)).toEqual(Buffer.concat([greeting, rest]));
});
