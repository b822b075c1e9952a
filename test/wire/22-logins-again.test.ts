// Tests what a login looks like to admission and its refusal to a device: everything that a signature or an area rule
// needs is in the question, a repeated login is asked anew, and each reason has its own bytes in each protocol version.

import { describe, expect, test } from 'vitest';
import { REFUSAL_REASONS, type RefusalReason } from '../../caster/accounts/refusal-reason.ts';
import { BAD_PASSWORD, ICY_OK, refusal as refusalReply, withoutDate } from '../support/expected-replies.ts';
import { getRequest, ggaLine } from '../support/ntrip-requests.ts';
import { grant, refusal, useScriptedWorkers } from '../support/scripted-workers.ts';
import { ask, connectPeer, type WirePeer } from '../support/wire-peer.ts';

const workers = useScriptedWorkers({ mountpoints: [{ name: 'TEST1', sourcePassword: 'password1' }] });
const SIGNED = {
  username: 'app_k3y/dev-1',
  password: 'rc1.1795291200.abcdef0123456789.H_ffek1db74ooGxqxCMJ1WEe5N4r9SorQGYNexIleOw',
};

async function join(request: string): Promise<WirePeer> {
  const peer = await connectPeer(workers().port);
  peer.send(request);
  expect((await peer.read(ICY_OK.length)).toString()).toBe(ICY_OK);
  return peer;
}

/** What admission was asked for the one login that `request` is. */
async function question(request: string): Promise<object> {
  workers().script = () => refusal('credentials_wrong');
  await ask(workers().port, request);
  return workers().asked.at(-1)!;
}

describe('the question', () => {
  test('holds the signed user and password, and the path, as they were sent', async () => {
    expect(await question(getRequest(1, 'TEST1', { login: SIGNED }))).toMatchObject({
      role: 'rover',
      version: 1,
      ...SIGNED,
      mountpoint: 'TEST1',
      path: '/TEST1',
    });
  });

  test.each([
    ['with a query', 'GET /TEST1?x=1 HTTP/1.1', '/TEST1?x=1'],
    ['with two slashes', 'GET //TEST1 HTTP/1.1', '//TEST1'],
    ['in percent code', 'GET /TEST%31 HTTP/1.1', '/TEST%31'],
    ['by way of a proxy', 'GET http://caster.example:2101/TEST1 HTTP/1.1', '/TEST1'],
    ['without a slash', 'GET TEST1', 'TEST1'],
  ])('tells a path %s apart from its mountpoint', async (_what, line, path) => {
    const request = getRequest(1, 'TEST1').replace(/^.*/, line);
    expect(await question(request)).toMatchObject({ mountpoint: 'TEST1', path });
  });

  const gga = ggaLine(47.377, 8.541);
  const at = {
    latitudeDeg: expect.closeTo(47.377, 6) as number,
    longitudeDeg: expect.closeTo(8.541, 6) as number,
  };
  test.each([
    ['the Ntrip-GGA header', getRequest(2, 'TEST1', { headers: [`Ntrip-GGA: ${gga.trim()}`] }), at],
    ['a GGA in the same write, as str2str sends it', getRequest(1, 'TEST1') + gga, at],
    ['a GGA without a fix', getRequest(1, 'TEST1') + ggaLine(0, 0, 0), undefined],
    ['no GGA', getRequest(1, 'TEST1'), undefined],
    ['a damaged one', getRequest(1, 'TEST1') + gga.replace('8541', '8542').replace('N', 'S'), undefined],
  ])('has the position of %s', async (_what, request, position) => {
    expect(await question(request)).toMatchObject({ position });
  });
});

describe('a login that comes again', () => {
  test('gpsd’s two requests log in once: the sourcetable asks only what it may show, and uses nothing up', async () => {
    workers().script = (request) => grant(request);
    const before = workers().asked.length;
    const table = await ask(workers().port, getRequest(1, '', { login: SIGNED }));
    expect(table.toString()).toMatch(/^SOURCETABLE 200 OK\r\n/);
    const rover = await join(getRequest(1, 'TEST1', { login: SIGNED }));
    expect(workers().asked.slice(before)).toMatchObject([
      { role: 'table', isDemanded: false },
      { role: 'rover', ...SIGNED },
    ]);
    rover.hangUp();
  });

  test('RTKLIB’s repeated password after a drop is asked anew, word for word the same, and may go on', async () => {
    workers().script = (request) => grant(request);
    const request = getRequest(1, 'TEST1', { login: SIGNED });
    const before = workers().asked.length;
    for (const drop of ['hangUp', 'reset', 'finish', 'hangUp'] as const) (await join(request))[drop]();
    const asked = workers().asked.slice(before);
    expect(asked).toHaveLength(4);
    for (const again of asked) expect(again).toMatchObject({ ...SIGNED, path: '/TEST1' });
  });

  test('a login whose answer takes its time holds nobody else up, and gets it', async () => {
    let goOn: (() => void) | undefined;
    const slow = new Promise<void>((resolve) => (goOn = resolve));
    workers().script = async (request) => {
      if (request.username === 'slow') await slow;
      return grant(request);
    };
    const late = await connectPeer(workers().port);
    late.send(getRequest(1, 'TEST1', { login: { username: 'slow', password: 'p' } }));
    const others = await Promise.all(
      Array.from({ length: 20 }, () => join(getRequest(1, 'TEST1', { login: SIGNED }))),
    );
    expect(late.waitingBytes).toBe(0);
    goOn!();
    expect((await late.read(ICY_OK.length)).toString()).toBe(ICY_OK);
    for (const peer of [late, ...others]) peer.hangUp();
  });
});

/** RFC 9110 and RFC 6585, by hand. */
const WORDS: Readonly<Record<number, string>> = {
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  409: 'Conflict',
  429: 'Too Many Requests',
  501: 'Not Implemented',
  503: 'Service Unavailable',
};
const REASONS = (Object.keys(REFUSAL_REASONS) as RefusalReason[]).filter(
  // The sourcetable in version 1; tested with its own bytes elsewhere.
  (reason) => reason !== 'unknown_mountpoint',
);

describe('a refusal', () => {
  test.each(REASONS)(
    '%s has its status, its words and its reason in NTRIP 1, NTRIP 2 and HTTP',
    async (reason) => {
      workers().script = () => refusal(reason, 7);
      const { status, text } = REFUSAL_REASONS[reason];
      const headers = [
        ...(status === 401 ? ['WWW-Authenticate: Basic realm="/TEST1"'] : []),
        'Retry-After: 7',
      ];
      const v2 = getRequest(2, 'TEST1', { login: SIGNED });
      const plain = v2.replace('Ntrip-Version: Ntrip/2.0\r\n', '').replace('NTRIP pygnssutils', 'browser');
      const requests = { v1: getRequest(1, 'TEST1', { login: SIGNED }), v2, plain } as const;
      for (const form of ['v1', 'v2', 'plain'] as const) {
        expect(withoutDate(await ask(workers().port, requests[form]))).toBe(
          refusalReply(form, `${status} ${WORDS[status]}`, `${reason}: ${text}`, headers),
        );
      }
    },
  );

  test('to somebody who must wait says how long, to others nothing of waiting', async () => {
    workers().script = () => refusal('login_rate', 41.2);
    expect((await ask(workers().port, getRequest(1, 'TEST1'))).toString()).toContain(
      '\r\nRetry-After: 42\r\n',
    );
    workers().script = () => refusal('app_suspended');
    expect((await ask(workers().port, getRequest(1, 'TEST1'))).toString()).not.toContain('Retry-After');
  });

  test('does not carry the words that an NTRIP 1 base gets', async () => {
    workers().script = () => refusal('signature_wrong');
    expect((await ask(workers().port, getRequest(1, 'TEST1'))).toString()).not.toContain(BAD_PASSWORD.trim());
  });
});
