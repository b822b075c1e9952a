// Tests whether a request gets the same answer wherever its bytes are cut on their way, and whether what follows the
// empty line is the beginning of the stream and not lost.

import { beforeEach, describe, expect, test } from 'vitest';
import { withoutDate } from '../support/expected-replies.ts';
import { observationFrame, positionFrame } from '../support/frames.ts';
import { browserRequest, getRequest, sourceRequest, uploadRequest } from '../support/ntrip-requests.ts';
import { eventually, useCaster } from '../support/use-caster.ts';
import { ask, connectPeer, type WirePeer } from '../support/wire-peer.ts';
import { RECORDED_REQUESTS } from '../unit/ntrip/recorded-requests.ts';

/** As many bases at once as a frame behind a request has places where it can be cut. */
const CUT_MOUNTPOINTS = Array.from({ length: 120 }, (_none, n) => `CUT${n}`);
const LOGIN = { username: 'u', password: 'p' };

const caster = useCaster({
  config: {
    streamWorkers: 1,
    mountpoints: [
      { name: 'TEST1', sourcePassword: 'p', secondBase: 'takeOver' },
      ...CUT_MOUNTPOINTS.map((name) => ({ name, sourcePassword: 'p', access: 'open' })),
    ],
    accounts: [{ username: 'u', password: 'p' }],
    gates: { failuresPerMinutePerUser: 0, failuresPerMinutePerAddress: 0 },
  },
});

interface Form {
  readonly name: string;
  readonly bytes: Buffer;
  /** Heads that come before the stream; 0 where the caster answers and hangs up. */
  readonly heads: number;
}

const FORMS: readonly Form[] = [
  ...RECORDED_REQUESTS.map(({ name, bytes, request }) => ({
    name,
    // The captures have one password for SOURCE and another for POST.
    bytes: Buffer.from(bytes.toString('latin1').replace('srcpw', 'p'), 'latin1'),
    heads: headsOf(request),
  })),
  { name: 'a browser asking for the table', bytes: Buffer.from(browserRequest('')), heads: 0 },
  { name: 'a filtered table', bytes: Buffer.from(getRequest(2, '?STR;TEST*&strict')), heads: 0 },
  { name: 'a rover without a login in version 1', bytes: Buffer.from(getRequest(1, 'TEST1')), heads: 0 },
  {
    name: 'a rover with a wrong login in version 2',
    bytes: Buffer.from(getRequest(2, 'TEST1', { login: { ...LOGIN, password: 'q' } })),
    heads: 0,
  },
  {
    name: 'a rover of an unknown mountpoint in version 1',
    bytes: Buffer.from(getRequest(1, 'NOSUCH', { login: LOGIN })),
    heads: 0,
  },
  {
    name: 'a rover of an unknown mountpoint in version 2',
    bytes: Buffer.from(getRequest(2, 'NOSUCH', { login: LOGIN })),
    heads: 0,
  },
  {
    name: 'a base with a wrong password in version 1',
    bytes: Buffer.from(sourceRequest('wrong', 'TEST1')),
    heads: 0,
  },
  { name: 'a base with a wrong password in version 2', bytes: Buffer.from(uploadRequest('TEST1')), heads: 0 },
  {
    name: 'a method nobody knows',
    bytes: Buffer.from('BREW /TEST1 HTTP/1.1\r\nNtrip-Version: Ntrip/2.0\r\n\r\n'),
    heads: 0,
  },
  {
    name: 'RTSP',
    bytes: Buffer.from('SETUP rtsp://caster.example/TEST1 RTSP/1.0\r\nCSeq: 1\r\n\r\n'),
    heads: 0,
  },
  {
    name: 'a PUT with an empty line in front',
    bytes: Buffer.from(`\r\n${uploadRequest('TEST1', { method: 'PUT', login: LOGIN })}`),
    heads: 1,
  },
];

function headsOf(request: (typeof RECORDED_REQUESTS)[number]['request']): number {
  if (request.kind === 'base') return request.expectContinue ? 2 : 1;
  return request.kind === 'rover' && request.credentials.scheme === 'basic' ? 1 : 0;
}

async function replyTo(peer: WirePeer, { heads }: Form): Promise<string> {
  if (heads === 0) return withoutDate(await peer.readToEnd());
  let reply = '';
  for (let n = 0; n < heads; n++) reply += withoutDate(await peer.readHead());
  return reply;
}

async function wholeReplyTo(form: Form): Promise<string> {
  const peer = await connectPeer(caster().ready.ntrip);
  peer.send(form.bytes);
  return await replyTo(peer, form);
}

/** With one worker, all that was sent to the caster before this has been read when it resolves. */
async function letReadSoFar(): Promise<void> {
  await ask(caster().ready.ntrip, getRequest(1, ''));
}

/** A sourcetable may name streams for a second after their end; until then a reply is not comparable with a later one. */
async function untilNothingIsListed(): Promise<void> {
  await eventually('a sourcetable without streams', async () =>
    (await ask(caster().ready.ntrip, getRequest(1, ''))).includes('STR;') ? undefined : true,
  );
}

describe.each(FORMS)('$name', (form) => {
  beforeEach(untilNothingIsListed);

  test('one byte a write gets the answer of the whole', async () => {
    const whole = await wholeReplyTo(form);
    expect(whole).toMatch(/^(?:ICY 200 OK|SOURCETABLE 200 OK|HTTP\/1\.[01] \d{3} |ERROR - )/);
    const peer = await connectPeer(caster().ready.ntrip);
    await peer.sendInPieces(form.bytes, () => 1);
    expect(await replyTo(peer, form)).toBe(whole);
  });

  test('two parts, at every place, get the answer of the whole', async () => {
    const whole = await wholeReplyTo(form);
    const peers = await Promise.all(
      Array.from({ length: form.bytes.length - 1 }, () => connectPeer(caster().ready.ntrip)),
    );
    for (const [n, peer] of peers.entries()) peer.send(form.bytes.subarray(0, n + 1));
    await letReadSoFar();
    for (const [n, peer] of peers.entries()) peer.send(form.bytes.subarray(n + 1));
    const replies = await Promise.all(peers.map((peer) => replyTo(peer, form)));
    expect(replies.findIndex((reply) => reply !== whole)).toBe(-1);
  });
});

describe('what follows the empty line', () => {
  const stream = Buffer.concat([positionFrame(1, 50, 8), observationFrame(1, 1000, 20)]);
  const tail = Buffer.concat([Buffer.from('\r\n\r\n'), stream]);

  test.each([
    ['SOURCE', (name: string) => sourceRequest('p', name)],
    ['POST', (name: string) => uploadRequest(name, { login: LOGIN })],
  ])('%s: a stream cut anywhere, the empty line included, arrives whole', async (_method, requestOf) => {
    const { ntrip } = caster().ready;
    const places = tail.length - 1;
    expect(places).toBeLessThan(CUT_MOUNTPOINTS.length);
    const pairs = await Promise.all(
      CUT_MOUNTPOINTS.slice(0, places).map(async (name, n) => {
        const rover = await connectPeer(ntrip);
        rover.send(getRequest(1, name));
        await rover.readHead();
        const bytes = Buffer.concat([Buffer.from(requestOf(name)), stream]);
        const cut = bytes.length - tail.length + n + 1;
        const base = await connectPeer(ntrip);
        base.send(bytes.subarray(0, cut));
        return { rover, base, rest: bytes.subarray(cut) };
      }),
    );
    await letReadSoFar();
    for (const { base, rest } of pairs) base.send(rest);
    const received = await Promise.all(pairs.map(({ rover }) => rover.read(stream.length)));
    expect(received.findIndex((bytes) => !bytes.equals(stream))).toBe(-1);
  });
});
