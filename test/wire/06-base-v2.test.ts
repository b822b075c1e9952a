// Tests whether an NTRIP 2 base is taken by POST and PUT, raw and in chunks, waits for 100 Continue where it asks for
// it, and is refused or takes over as the mountpoint says.

import { describe, expect, test } from 'vitest';
import { chunkOf, LAST_CHUNK } from '../support/chunks.ts';
import { refusal, streamHead, withoutDate } from '../support/expected-replies.ts';
import { observationFrame, positionFrame } from '../support/frames.ts';
import { getRequest, sourceRequest, uploadRequest } from '../support/ntrip-requests.ts';
import { eventually, logFromHere, sessionsOf, useCaster } from '../support/use-caster.ts';
import { ask, connectPeer, type WirePeer } from '../support/wire-peer.ts';

const LOGIN = { username: 'base-1', password: 'srcpw-12345' };
const FRAMES = [positionFrame(1, 50, 8), observationFrame(1, 1000, 50), observationFrame(1, 2000, 700)];
const STREAM = Buffer.concat(FRAMES);
const ACCEPTED = streamHead({ rover: false });

const caster = useCaster({
  config: {
    mountpoints: [
      { name: 'TEST1', sourcePassword: 'srcpw-12345', access: 'open' },
      { name: 'NAMED', sourcePassword: 'srcpw-12345', sourceUsername: 'base-1', access: 'open' },
      { name: 'TAKEOVER', sourcePassword: 'srcpw-12345', access: 'open', secondBase: 'takeOver' },
      { name: 'NEAR', nearest: {}, access: 'open' },
    ],
    timing: { baseTakeOverSilentMs: 1500 },
    gates: { failuresPerMinutePerUser: 0, failuresPerMinutePerAddress: 0 },
  },
});

async function roverOf(mountpoint: string): Promise<WirePeer> {
  const rover = await connectPeer(caster().ready.ntrip);
  rover.send(getRequest(1, mountpoint));
  await rover.readHead();
  return rover;
}

async function baseOf(request: string): Promise<WirePeer> {
  const base = await connectPeer(caster().ready.ntrip);
  base.send(request);
  await base.readHead();
  return base;
}

describe('accepted bases', () => {
  test.each([
    ['POST', 'raw', { method: 'POST' }, STREAM],
    ['PUT', 'raw', { method: 'PUT' }, STREAM],
    [
      'POST',
      'with a Content-Length',
      { method: 'POST', headers: [`Content-Length: ${STREAM.length + 1000}`] },
      STREAM,
    ],
    ['POST', 'in chunks', { chunked: true }, Buffer.concat([...FRAMES.map(chunkOf)])],
    [
      'PUT',
      'in chunks that cut through frames',
      { method: 'PUT', chunked: true },
      Buffer.concat([
        chunkOf(STREAM.subarray(0, 10)),
        chunkOf(STREAM.subarray(10, 77)),
        chunkOf(STREAM.subarray(77)),
      ]),
    ],
    ['POST', 'raw although chunks are declared', { chunked: true }, STREAM],
  ] as const)('%s %s: the rover gets every frame', async (_method, _form, parts, body) => {
    const rover = await roverOf('TEST1');
    const base = await connectPeer(caster().ready.ntrip);
    base.send(Buffer.concat([Buffer.from(uploadRequest('TEST1', { login: LOGIN, ...parts })), body]));
    expect(withoutDate(await base.readHead())).toBe(ACCEPTED);
    expect(await rover.read(STREAM.length)).toEqual(STREAM);
  });

  test('a base that expects 100 Continue gets it first, and then its acceptance', async () => {
    const request = uploadRequest('TEST1', {
      login: LOGIN,
      chunked: true,
      headers: ['Expect: 100-continue'],
    });
    const base = await connectPeer(caster().ready.ntrip);
    base.send(request);
    expect(await base.readHead()).toBe('HTTP/1.1 100 Continue\r\n\r\n');
    expect(withoutDate(await base.readHead())).toBe(ACCEPTED);
  });

  test('a base that expects 100 Continue and has a wrong password gets no 100', async () => {
    const login = { username: '', password: 'srcpw-54321' };
    const reply = await ask(
      caster().ready.ntrip,
      uploadRequest('TEST1', { login, headers: ['Expect: 100-continue'] }),
    );
    expect(reply.toString()).toMatch(/^HTTP\/1\.1 401 /);
  });

  test('the last chunk ends the base, after what it had begun to say', async () => {
    const rover = await roverOf('TEST1');
    const base = await baseOf(uploadRequest('TEST1', { login: LOGIN, chunked: true }));
    base.send(Buffer.concat([chunkOf(STREAM), LAST_CHUNK]));
    expect(await base.readToEnd()).toHaveLength(0);
    expect(await rover.read(STREAM.length)).toEqual(STREAM);
  });

  test('broken chunks end the base by name, and the frames before them arrive', async () => {
    const closed = logFromHere(caster());
    const rover = await roverOf('TEST1');
    const base = await baseOf(uploadRequest('TEST1', { login: LOGIN, chunked: true }));
    base.send(Buffer.concat([chunkOf(STREAM), Buffer.from('no size\r\n')]));
    expect(await base.readToEnd()).toHaveLength(0);
    expect(await rover.read(STREAM.length)).toEqual(STREAM);
    expect((await closed('session_closed', ({ role }) => role === 'base'))['reason']).toBe(
      'stream_malformed',
    );
  });

  test('a base is done when it has sent as much as its Content-Length says', async () => {
    const closed = logFromHere(caster());
    const rover = await roverOf('TEST1');
    const base = await connectPeer(caster().ready.ntrip);
    const headers = [`Content-Length: ${STREAM.length}`];
    base.send(Buffer.concat([Buffer.from(uploadRequest('TEST1', { login: LOGIN, headers })), STREAM]));
    expect(withoutDate(await base.readHead())).toBe(ACCEPTED);
    expect(await rover.read(STREAM.length)).toEqual(STREAM);
    expect((await closed('session_closed', ({ role }) => role === 'base'))['reason']).toBe('peer_closed');
  });

  test('a base that sends its whole stream with its request and hangs up at once is heard', async () => {
    const { process: child } = caster();
    const closed = logFromHere(caster());
    const rover = await roverOf('TEST1');
    const base = await connectPeer(caster().ready.ntrip);
    // Held up, the caster finds request, stream and FIN at once when it goes on.
    child.kill('SIGSTOP');
    base.send(Buffer.concat([Buffer.from(sourceRequest('srcpw-12345', 'TEST1')), STREAM]));
    base.finish();
    child.kill('SIGCONT');
    const end = await closed('session_closed', ({ role }) => role === 'base');
    expect([end['frames'], end['reason']]).toEqual([FRAMES.length, 'peer_closed']);
    expect(await rover.read(STREAM.length)).toEqual(STREAM);
  });
});

describe('refused bases', () => {
  const authenticate = (name: string): string[] => [`WWW-Authenticate: Basic realm="/${name}"`];
  const wrong = 'base_password_wrong: the source password of this mountpoint is wrong';
  const taken = 'mountpoint_taken: another base is streaming to this mountpoint';

  test.each([
    [
      'no credentials',
      'TEST1',
      {},
      '401 Unauthorized',
      'credentials_missing: this mountpoint needs a user name and password',
      authenticate('TEST1'),
    ],
    [
      'unreadable credentials',
      'TEST1',
      { headers: ['Authorization: Bearer x'] },
      '401 Unauthorized',
      'credentials_malformed: the Authorization header could not be read',
      authenticate('TEST1'),
    ],
    [
      'a wrong password',
      'TEST1',
      { login: { ...LOGIN, password: 'srcpw-54321' } },
      '401 Unauthorized',
      wrong,
      authenticate('TEST1'),
    ],
    [
      'a wrong user name where one is demanded',
      'NAMED',
      { login: { ...LOGIN, username: 'base-2' } },
      '401 Unauthorized',
      wrong,
      authenticate('NAMED'),
    ],
    [
      'an unknown mountpoint',
      'NOSUCH',
      { login: LOGIN },
      '404 Not Found',
      'unknown_mountpoint: there is no such mountpoint here',
      [],
    ],
    [
      'a mountpoint that takes no base',
      'NEAR',
      { login: LOGIN },
      '409 Conflict',
      'mountpoint_takes_no_base: this mountpoint gives what other bases send and takes none itself',
      [],
    ],
    [
      'a Content-Length that is none',
      'TEST1',
      { login: LOGIN, headers: ['Content-Length: many'] },
      '400 Bad Request',
      'bad_content_length: Content-Length is not a number of bytes',
      [],
    ],
  ] as const)('%s', async (_what, mountpoint, parts, status, body, headers) => {
    const reply = await ask(caster().ready.ntrip, uploadRequest(mountpoint, parts));
    expect(withoutDate(reply)).toBe(refusal('v2', status, body, headers));
  });

  test('the user name and password that are demanded are taken', async () => {
    const base = await connectPeer(caster().ready.ntrip);
    base.send(uploadRequest('NAMED', { login: LOGIN }));
    expect(withoutDate(await base.readHead())).toBe(ACCEPTED);
  });

  test.each(['Content-Encoding: gzip', 'Transfer-Encoding: gzip, chunked', 'Content-Encoding: deflate'])(
    'a body of %s, which no rover could read, is refused rather than swallowed',
    async (header) => {
      const reply = await ask(
        caster().ready.ntrip,
        uploadRequest('TEST1', { login: LOGIN, headers: [header] }),
      );
      const body = 'coding_unsupported: compressed streams are not taken';
      expect(withoutDate(reply)).toBe(refusal('v2', '501 Not Implemented', body));
    },
  );

  test('a second base is refused with 409 while the first sends', async () => {
    const first = await baseOf(uploadRequest('TEST1', { login: LOGIN }));
    const reply = await ask(caster().ready.ntrip, uploadRequest('TEST1', { login: LOGIN }));
    expect(withoutDate(reply)).toBe(refusal('v2', '409 Conflict', taken));
    expect(first.ended).toBe(false);
  });
});

describe('a second base that takes over', () => {
  test('where the mountpoint says so the newer one speaks, and the older one ends as base_replaced', async () => {
    const closed = logFromHere(caster());
    const rover = await roverOf('TAKEOVER');
    const older = await baseOf(uploadRequest('TAKEOVER', { login: LOGIN }));
    older.send(FRAMES[1]!);
    expect(await rover.read(FRAMES[1]!.length)).toEqual(FRAMES[1]);
    const newer = await baseOf(sourceRequest('srcpw-12345', 'TAKEOVER'));
    expect(await older.readToEnd()).toHaveLength(0);
    expect((await closed('session_closed', ({ role }) => role === 'base'))['reason']).toBe('base_replaced');
    newer.send(FRAMES[2]!);
    expect(await rover.read(FRAMES[2]!.length)).toEqual(FRAMES[2]);
  });

  test('what the older one had said of its place is not told to those who join the newer one', async () => {
    const older = await baseOf(uploadRequest('TAKEOVER', { login: LOGIN }));
    const listener = await roverOf('TAKEOVER');
    older.send(STREAM);
    await listener.read(STREAM.length);
    await baseOf(uploadRequest('TAKEOVER', { login: LOGIN }));
    const late = await roverOf('TAKEOVER');
    await older.readToEnd();
    const newer = await baseOf(uploadRequest('TAKEOVER', { login: LOGIN }));
    newer.send(FRAMES[1]!);
    expect(await late.read(FRAMES[1]!.length)).toEqual(FRAMES[1]);
  });

  test('a base that has fallen silent gives way even where a second one is refused', async () => {
    const closed = logFromHere(caster());
    const silent = await baseOf(uploadRequest('TEST1', { login: LOGIN }));
    silent.send(STREAM);
    const rover = await roverOf('TEST1');
    const newer = await eventually('the silent base gives way', async () => {
      const base = await connectPeer(caster().ready.ntrip);
      base.send(uploadRequest('TEST1', { login: LOGIN }));
      return (await base.readHead()).startsWith('HTTP/1.1 200') ? base : undefined;
    });
    expect((await closed('session_closed', ({ role }) => role === 'base'))['reason']).toBe('base_replaced');
    const again = observationFrame(1, 9000, 40);
    newer.send(again);
    expect((await rover.read(rover.waitingBytes + again.length)).subarray(-again.length)).toEqual(again);
    expect((await sessionsOf(caster())).filter(({ role }) => role === 'base')).toHaveLength(1);
  });

  test('of many bases that come at the same moment one stays', async () => {
    const { ready, process: child } = caster();
    const bases = await Promise.all(Array.from({ length: 10 }, () => connectPeer(ready.ntrip)));
    child.kill('SIGSTOP');
    for (const base of bases) base.send(uploadRequest('TAKEOVER', { login: LOGIN }));
    child.kill('SIGCONT');
    await Promise.all(bases.map((base) => base.readHead()));
    await eventually(
      'nine have been replaced',
      () => bases.filter(({ ended }) => ended).length === 9 || undefined,
      3000,
    );
    expect((await sessionsOf(caster())).filter(({ mountpoint }) => mountpoint === 'TAKEOVER')).toHaveLength(
      1,
    );
  });
});
