// Tests a connection from its first byte to the hand-over or the refusal, on a real socket. What the refusals look
// like is held against docs/refusals.md in test/unit/accounts.

import { once } from 'node:events';
import { afterEach, describe, expect, test } from 'vitest';
import { LOGIN_UNHEARD_MS, REPLY_LINGER_MS } from '../../../config/limits.ts';
import { type BaseGrant, type RoverGrant } from '../../../caster/accounts/admission.ts';
import { REFUSAL_REASON_NAMES } from '../../../caster/accounts/refusal-reason.ts';
import { CLOSE_REASON_NAMES } from '../../../caster/net/close-reason.ts';
import { ggaLine } from '../../support/ntrip-requests.ts';
import { connectHandshake, type ConnectedHandshake } from './connected-handshake.ts';

const ROVER_GRANT: RoverGrant = {
  ok: true,
  role: 'rover',
  sessionId: 'ses_a',
  mountpoint: 'A',
  account: undefined,
  limits: {},
};
const BASE_GRANT: BaseGrant = { ok: true, role: 'base', sessionId: 'ses_b', mountpoint: 'A', generation: 1 };
const ROVER = 'GET /A HTTP/1.1\r\nUser-Agent: NTRIP test/1\r\nNtrip-Version: Ntrip/2.0\r\n\r\n';
const TABLE = 'GET / HTTP/1.0\r\nUser-Agent: NTRIP test/1\r\n\r\n';

const connections: ConnectedHandshake[] = [];

afterEach(async () => {
  for (const connection of connections.splice(0)) await connection.close();
});

async function connect(...args: Parameters<typeof connectHandshake>): Promise<ConnectedHandshake> {
  const connection = await connectHandshake(...args);
  connections.push(connection);
  return connection;
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function closedBy({ house }: ConnectedHandshake): Record<string, number> {
  const counts = CLOSE_REASON_NAMES.map(
    (reason, index) => [reason, house.counters.readClosed(index)] as const,
  );
  return Object.fromEntries(counts.filter(([, count]) => count > 0));
}

describe('the question', () => {
  test('says who asks for what, from where', async () => {
    const caster = await connect();
    const authorization = `Basic ${Buffer.from('anna:secret').toString('base64')}`;
    caster.send(`GET /A HTTP/1.0\r\nUser-Agent: NTRIP test/1\r\nAuthorization: ${authorization}\r\n\r\n`);
    const { request } = await caster.asked();
    expect(request).toEqual({
      role: 'rover',
      version: 1,
      mountpoint: 'A',
      path: '/A',
      username: 'anna',
      password: 'secret',
      credentials: 'basic',
      address: '192.0.2.7',
      userAgent: 'NTRIP test/1',
      secure: false,
      worker: 0,
    });
  });

  test('of a version 1 base has its password and no user name', async () => {
    const caster = await connect();
    caster.send('SOURCE choose-one /A\r\nSource-Agent: NTRIP test/1\r\n\r\n');
    const { request } = await caster.asked();
    expect(request).toMatchObject({ role: 'base', version: 1, username: '', password: 'choose-one' });
  });

  test('is asked for the sourcetable only where the device wants to know what it may use', async () => {
    const caster = await connect();
    caster.send('GET /?auth HTTP/1.1\r\nNtrip-Version: Ntrip/2.0\r\n\r\n');
    expect((await caster.asked()).request).toMatchObject({ role: 'table', mountpoint: '' });
  });

  test('is asked for the sourcetable where the device says who it is, and what it gets may differ', async () => {
    const caster = await connect();
    caster.send('GET / HTTP/1.0\r\nUser-Agent: NTRIP test/1\r\nAuthorization: Basic dXNlcjpwYXNz\r\n\r\n');
    const { request } = await caster.asked();
    expect(request).toMatchObject({ role: 'table', isDemanded: false, username: 'user', password: 'pass' });
  });

  test.each([
    ['not from just anybody', undefined, '192.0.2.7'],
    ['from a trusted proxy, as to its last address', () => true, '198.51.100.9'],
  ])('believes X-Forwarded-For: %s', async (_what, enterForwarded, address) => {
    const caster = await connect({}, { enterForwarded });
    caster.send(ROVER.replace('\r\n\r\n', '\r\nX-Forwarded-For: 203.0.113.1, 198.51.100.9\r\n\r\n'));
    expect((await caster.asked()).request.address).toBe(address);
  });

  test('is asked once, whatever comes behind the request', async () => {
    const caster = await connect();
    caster.send(`${ROVER}${ROVER}`);
    await caster.asked();
    caster.send(ROVER);
    await turn();
    expect(caster.asks).toHaveLength(1);
  });
});

describe('a question that takes long', () => {
  const listening = async (request: string): Promise<ConnectedHandshake> => {
    const caster = await connect();
    caster.send(request);
    await caster.asked();
    caster.near.peer.onSweep(caster.house.clock.nowMs + LOGIN_UNHEARD_MS);
    return caster;
  };

  test('is withdrawn where its rover hangs up', async () => {
    const caster = await listening(ROVER);
    await caster.hangUp();
    expect(caster.withdrawn).toEqual([0]);
    expect(closedBy(caster)).toEqual({ peer_closed: 1 });
  });

  test('is not withdrawn where it has been answered', async () => {
    const caster = await listening(ROVER);
    caster.asks[0]!.answer({ ok: false, reason: 'credentials_wrong', retryAfterS: undefined });
    await caster.hangUp();
    expect(caster.withdrawn).toEqual([]);
  });

  test('is withdrawn where nobody answers it within handshakeTimeoutMs', async () => {
    const caster = await listening(ROVER);
    caster.near.peer.onSweep(caster.house.clock.nowMs + caster.house.settings.timing.handshakeTimeoutMs);
    await once(caster.near, 'close');
    expect(caster.withdrawn).toEqual([0]);
  });

  test('loses nothing of what its rover says meanwhile', async () => {
    const caster = await listening(ROVER);
    const read = once(caster.near, 'data');
    caster.send(ggaLine(47.5, 9.7));
    await read;
    caster.asks[0]!.answer(ROVER_GRANT);
    await turn();
    expect(caster.house.sessions.get('ses_a')?.facts().fix).toMatchObject({ longitudeDeg: 9.7 });
  });

  test('of a base leaves what it sends where it is', async () => {
    const caster = await listening('SOURCE choose-one /A\r\nSource-Agent: NTRIP test/1\r\n\r\n');
    expect(caster.near.isPaused()).toBe(true);
  });
});

describe('a grant', () => {
  test('hands the socket on to a session', async () => {
    const caster = await connect();
    caster.send(ROVER);
    (await caster.asked()).answer(ROVER_GRANT);
    expect([...caster.house.sessions.keys()]).toEqual(['ses_a']);
  });

  test('hands on what the base has sent behind its request', async () => {
    const caster = await connect();
    caster.send('SOURCE choose-one /A\r\n\r\nnot a frame');
    (await caster.asked()).answer(BASE_GRANT);
    expect(caster.house.counters.read('baseBytesReceived')).toBe('not a frame'.length);
  });

  test('for a device that has gone away ends before it began', async () => {
    const caster = await connect();
    caster.send(ROVER);
    const { answer } = await caster.asked();
    caster.near.destroy();
    answer(ROVER_GRANT);
    expect(caster.ends).toMatchObject([
      { sessionId: 'ses_a', reason: 'peer_closed', durationMs: 0, bytes: 0 },
    ]);
    expect(caster.house.sessions.size).toBe(0);
  });

  test('that comes while the worker drains ends with shutdown like every other session', async () => {
    const caster = await connect();
    caster.send(ROVER);
    const { answer } = await caster.asked();
    caster.house.draining = true;
    caster.near.peer.drain();
    answer(ROVER_GRANT);
    await caster.hangUp();
    expect(caster.ends.map(({ reason }) => reason)).toEqual(['shutdown']);
  });
});

describe('an ending', () => {
  test('by a peer that says nothing comes after handshakeTimeoutMs', async () => {
    const caster = await connect({ timing: { handshakeTimeoutMs: 700 } });
    const openedMs = caster.house.clock.nowMs;
    caster.near.peer.onSweep(openedMs + 699);
    expect(caster.near.destroyed).toBe(false);
    caster.near.peer.onSweep(openedMs + 700);
    await once(caster.near, 'close');
    expect(closedBy(caster)).toEqual({ handshake_timeout: 1 });
  });

  test('by a question that nobody answers comes after handshakeTimeoutMs', async () => {
    const caster = await connect({ timing: { handshakeTimeoutMs: 700 } });
    caster.send(ROVER);
    await caster.asked();
    caster.near.peer.onSweep(caster.house.clock.nowMs + 700);
    await once(caster.near, 'close');
    expect(closedBy(caster)).toEqual({ handshake_timeout: 1 });
  });

  test('by a peer that does not hang up after its answer comes after REPLY_LINGER_MS', async () => {
    const caster = await connect();
    caster.send(TABLE);
    await caster.reply();
    const answeredMs = caster.house.clock.nowMs;
    caster.near.peer.onSweep(answeredMs + REPLY_LINGER_MS - 1);
    expect(caster.near.destroyed).toBe(false);
    caster.near.peer.onSweep(answeredMs + REPLY_LINGER_MS);
    expect(caster.near.destroyed).toBe(true);
  });

  test.each([
    ['a sourcetable', 'answered', TABLE],
    ['what is no request', 'bad_request', 'HELO there\r\n\r\n'],
    [
      'a filter that cannot be read',
      'bad_request',
      'GET /?strict&filter=XYZ HTTP/1.1\r\nNtrip-Version: Ntrip/2.0\r\n\r\n',
    ],
  ])('after %s is counted as %s', async (_what, reason, request) => {
    const caster = await connect();
    caster.send(request);
    await caster.reply();
    await caster.hangUp();
    expect(closedBy(caster)).toEqual({ [reason]: 1 });
  });

  test('after a refusal is counted as refused', async () => {
    const caster = await connect();
    caster.send(ROVER);
    (await caster.asked()).answer({ ok: false, reason: 'sessions_full', retryAfterS: undefined });
    await caster.reply();
    await caster.hangUp();
    expect(closedBy(caster)).toEqual({ refused: 1 });
  });

  test('of a peer that hangs up before it has asked is counted as peer_closed', async () => {
    const caster = await connect();
    await caster.hangUp();
    expect(closedBy(caster)).toEqual({ peer_closed: 1 });
  });

  test('while the worker drains is counted as shutdown where nothing was asked yet', async () => {
    const caster = await connect();
    caster.near.peer.drain();
    await once(caster.near, 'close');
    expect(closedBy(caster)).toEqual({ shutdown: 1 });
  });

  test('of one that asks while the worker drains is counted as a refusal, too, with its reason', async () => {
    const caster = await connect();
    caster.house.draining = true;
    caster.send(ROVER);
    expect(await caster.reply()).toContain('stopping: the caster is stopping');
    const { counters } = caster.house;
    const counted = REFUSAL_REASON_NAMES.filter((_reason, index) => counters.readRefused(index) > 0);
    expect([counted, caster.asks]).toEqual([['stopping'], []]);
  });

  test('takes the connection out of the table', async () => {
    const caster = await connect();
    caster.near.destroy();
    await once(caster.near, 'close');
    expect(caster.house.connections.size).toBe(0);
  });
});
