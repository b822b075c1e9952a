// Tests whether an NTRIP 1 base is taken in every form in which SOURCE is written, and refused in the words that
// senders of that version stop at.

import { describe, expect, test } from 'vitest';
import { BAD_PASSWORD, ICY_OK, TAKEN_OR_INVALID } from '../support/expected-replies.ts';
import { observationFrame } from '../support/frames.ts';
import { getRequest, sourceRequest } from '../support/ntrip-requests.ts';
import { sessionsOf, useCaster } from '../support/use-caster.ts';
import { ask, connectPeer } from '../support/wire-peer.ts';

const FRAME = observationFrame(1, 1000, 50);

const caster = useCaster({
  config: {
    mountpoints: [
      { name: 'TEST1', sourcePassword: 'srcpw-12345', access: 'open' },
      { name: 'NAMED', sourcePassword: 'srcpw-12345', sourceUsername: 'base-1', access: 'open' },
      { name: 'NEAR', nearest: {}, access: 'open' },
    ],
    gates: { failuresPerMinutePerUser: 0, failuresPerMinutePerAddress: 0 },
  },
});

const ACCEPTED = [
  ['str2str', sourceRequest('srcpw-12345', 'TEST1')],
  ["BKG's ntripserver, with a slash", sourceRequest('srcpw-12345', '/TEST1')],
  [
    'esp32-xbee, with an HTTP version',
    'SOURCE srcpw-12345 /TEST1 HTTP/1.1\r\nSource-Agent: NTRIP ESP32-XBee/1.0\r\n\r\n',
  ],
  ['one behind an HTTP proxy', sourceRequest('srcpw-12345', 'http://caster.example:2101/TEST1')],
  ['one that sends no header at all', 'SOURCE srcpw-12345 TEST1\r\n\r\n'],
  ['one that ends its lines in LF', 'SOURCE srcpw-12345 TEST1\nSource-Agent: NTRIP x\n\n'],
  ['one that writes in small letters', 'source srcpw-12345 TEST1\r\nsource-agent: ntrip x\r\n\r\n'],
  ['one that claims version 2', 'SOURCE srcpw-12345 TEST1\r\nNtrip-Version: Ntrip/2.0\r\n\r\n'],
] as const;

describe('accepted bases', () => {
  test.each(ACCEPTED)(
    '%s gets ICY 200 OK, and what it sends in the same write is not lost',
    async (_who, request) => {
      const { ntrip } = caster().ready;
      const rover = await connectPeer(ntrip);
      rover.send(getRequest(1, 'TEST1'));
      await rover.readHead();
      const base = await connectPeer(ntrip);
      base.send(Buffer.concat([Buffer.from(request), FRAME]));
      expect((await base.read(ICY_OK.length)).toString()).toBe(ICY_OK);
      expect(await rover.read(FRAME.length)).toEqual(FRAME);
      expect(base.waitingBytes).toBe(0);
    },
  );
});

describe('refused bases', () => {
  const REFUSED = [
    ['a wrong password', sourceRequest('srcpw-54321', 'TEST1'), BAD_PASSWORD],
    ['a password that is longer', sourceRequest('srcpw-123456', 'TEST1'), BAD_PASSWORD],
    ['no password', 'SOURCE  TEST1\r\n\r\n', BAD_PASSWORD],
    ['a password of 300 characters', sourceRequest('x'.repeat(300), 'TEST1'), BAD_PASSWORD],
    ['a mountpoint that demands a user name', sourceRequest('srcpw-12345', 'NAMED'), BAD_PASSWORD],
    ['a mountpoint there is none of', sourceRequest('srcpw-12345', 'NOSUCH'), TAKEN_OR_INVALID],
    ['a mountpoint in other letters', sourceRequest('srcpw-12345', 'test1'), TAKEN_OR_INVALID],
    ['a mountpoint that takes no base', sourceRequest('srcpw-12345', 'NEAR'), TAKEN_OR_INVALID],
    ['a name that can be no mountpoint', sourceRequest('srcpw-12345', 'a;b'), TAKEN_OR_INVALID],
    ['a password with a space', sourceRequest('srcpw 12345', 'TEST1'), 'ERROR - Bad Request\r\n'],
    ['no mountpoint', 'SOURCE srcpw-12345\r\n\r\n', 'ERROR - Bad Request\r\n'],
  ] as const;

  test.each(REFUSED)('%s is answered in one line', async (_what, request, reply) => {
    expect((await ask(caster().ready.ntrip, request)).toString()).toBe(reply);
  });

  test('a second base is refused while the first sends, and taken when it has gone', async () => {
    const { ready } = caster();
    const first = await connectPeer(ready.ntrip);
    first.send(sourceRequest('srcpw-12345', 'TEST1'));
    await first.readHead();
    expect((await ask(ready.ntrip, sourceRequest('srcpw-12345', 'TEST1'))).toString()).toBe(TAKEN_OR_INVALID);
    expect(first.ended).toBe(false);
    const [session] = await sessionsOf(caster());
    first.hangUp();
    await caster().waitFor('session_closed', (line) => line['session'] === session?.id);
    const second = await connectPeer(ready.ntrip);
    second.send(sourceRequest('srcpw-12345', 'TEST1'));
    expect(await second.readHead()).toBe(ICY_OK);
  });

  test('what a refused base sends reaches no rover', async () => {
    const { ntrip } = caster().ready;
    const rover = await connectPeer(ntrip);
    rover.send(getRequest(1, 'TEST1'));
    await rover.readHead();
    const refused = await connectPeer(ntrip);
    refused.send(Buffer.concat([Buffer.from(sourceRequest('srcpw-54321', 'TEST1')), FRAME]));
    expect((await refused.readToEnd()).toString()).toBe(BAD_PASSWORD);
    const real = observationFrame(1, 2000, 20);
    const base = await connectPeer(ntrip);
    base.send(Buffer.concat([Buffer.from(sourceRequest('srcpw-12345', 'TEST1')), real]));
    expect(await rover.read(real.length)).toEqual(real);
  });

  test('the password stands neither in the log nor in a reply', async () => {
    const { ready, log } = caster();
    const reply = await ask(ready.ntrip, 'SOURCE secret-7711 TEST1\r\nSource-Agent: NTRIP logged\r\n\r\n');
    await caster().waitFor('refused', ({ userAgent }) => userAgent === 'NTRIP logged');
    expect(JSON.stringify(log) + reply.toString()).not.toContain('secret-7711');
  });
});
