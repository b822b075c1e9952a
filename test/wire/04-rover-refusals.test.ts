// Tests whether a rover that is not let in is told why, in the form of its protocol version, and nobody else suffers.

import { describe, expect, test } from 'vitest';
import { ICY_OK, refusal, tableReply, withoutDate } from '../support/expected-replies.ts';
import { browserRequest, getRequest, type Login } from '../support/ntrip-requests.ts';
import { eventually, metricOf, useCaster } from '../support/use-caster.ts';
import { ask, connectPeer, type WirePeer } from '../support/wire-peer.ts';

const GOOD = { username: 'good', password: 'password1' };

describe('requests that are refused', () => {
  const caster = useCaster({
    config: {
      mountpoints: [
        { name: 'TEST1', sourcePassword: 'password1' },
        { name: 'OTHER', sourcePassword: 'password1' },
      ],
      accounts: [
        { ...GOOD, mountpoints: ['TEST1'] },
        { username: 'disabled', password: 'password1', disabled: true },
        { username: 'expired', password: 'password1', validUntil: '2020-01-01T00:00:00Z' },
        { username: 'full', password: 'password1', sessionsMax: 1 },
      ],
      gates: { failuresPerMinutePerUser: 0, failuresPerMinutePerAddress: 0 },
    },
  });
  const authenticate = ['WWW-Authenticate: Basic realm="/TEST1"'];
  const missing = 'credentials_missing: this mountpoint needs a user name and password';
  const malformed = 'credentials_malformed: the Authorization header could not be read';
  const wrong = 'credentials_wrong: user name or password is wrong';
  const disabled = 'account_disabled: this account is disabled';
  const expired = 'account_expired: this account has run out';
  const notAllowed = 'mountpoint_not_allowed: this account may not use this mountpoint';
  const loginOf = (username: string, password = 'password1'): { login: Login } => ({
    login: { username, password },
  });
  const header = (line: string): { headers: string[] } => ({ headers: [line] });

  const CASES = [
    ['no credentials', 'TEST1', {}, '401 Unauthorized', missing, authenticate],
    [
      'an empty Authorization header',
      'TEST1',
      header('Authorization: '),
      '401 Unauthorized',
      missing,
      authenticate,
    ],
    [
      'Digest credentials',
      'TEST1',
      header('Authorization: Digest username="a"'),
      '401 Unauthorized',
      malformed,
      authenticate,
    ],
    [
      'credentials that are no base64',
      'TEST1',
      header('Authorization: Basic !!!'),
      '401 Unauthorized',
      malformed,
      authenticate,
    ],
    [
      'credentials without a colon',
      'TEST1',
      header('Authorization: Basic dXNlcg=='),
      '401 Unauthorized',
      malformed,
      authenticate,
    ],
    [
      'credentials of 300 characters',
      'TEST1',
      loginOf('u'.repeat(300)),
      '401 Unauthorized',
      malformed,
      authenticate,
    ],
    ['a wrong password', 'TEST1', loginOf('good', 'password2'), '401 Unauthorized', wrong, authenticate],
    ['an unknown user', 'TEST1', loginOf('nobody'), '401 Unauthorized', wrong, authenticate],
    ['a user name in other letters', 'TEST1', loginOf('GOOD'), '401 Unauthorized', wrong, authenticate],
    ['an empty user name', 'TEST1', loginOf(''), '401 Unauthorized', wrong, authenticate],
    ['a disabled account', 'TEST1', loginOf('disabled'), '403 Forbidden', disabled, []],
    ['an account that has run out', 'TEST1', loginOf('expired'), '403 Forbidden', expired, []],
    ['a mountpoint the account may not use', 'OTHER', loginOf('good'), '403 Forbidden', notAllowed, []],
  ] as const;

  test.each(CASES)(
    '%s: NTRIP 1, NTRIP 2 and browsers are told',
    async (_what, mountpoint, parts, status, body, headers) => {
      const { ntrip } = caster().ready;
      const v1 = getRequest(1, mountpoint, parts);
      const v2 = getRequest(2, mountpoint, parts);
      const plain = v2.replace('Ntrip-Version: Ntrip/2.0\r\n', '').replace('NTRIP pygnssutils', 'browser');
      expect(withoutDate(await ask(ntrip, v1))).toBe(refusal('v1', status, body, headers));
      expect(withoutDate(await ask(ntrip, v2))).toBe(refusal('v2', status, body, headers));
      expect(withoutDate(await ask(ntrip, plain))).toBe(refusal('plain', status, body, headers));
    },
  );

  test.each(['NOSUCH', 'test1', 'TEST1%2e'])(
    'the unknown mountpoint %s gives version 1 the table, version 2 a 404',
    async (name) => {
      const { ntrip } = caster().ready;
      const table = await ask(ntrip, getRequest(1, ''));
      const body = 'unknown_mountpoint: there is no such mountpoint here';
      expect(withoutDate(await ask(ntrip, getRequest(1, name, loginOf('good'))))).toBe(withoutDate(table));
      expect(withoutDate(await ask(ntrip, getRequest(2, name, loginOf('good'))))).toBe(
        refusal('v2', '404 Not Found', body),
      );
      expect(withoutDate(await ask(ntrip, browserRequest(name)))).toBe(
        refusal('plain', '404 Not Found', body),
      );
      expect(withoutDate(table)).toBe(tableReply('v1', table.toString().split('\r\n\r\n')[1]!));
    },
  );

  test.each(['a b', 'ä', 'x'.repeat(101)])('%s can be no mountpoint', async (name) => {
    const body = 'bad_mountpoint_name: a mountpoint is 1 to 100 of A-Z a-z 0-9 . _ -';
    const reply = await ask(caster().ready.ntrip, getRequest(2, name, loginOf('good')));
    expect(withoutDate(reply)).toBe(refusal('v2', '404 Not Found', body));
  });

  test('a session more than the account may have is refused, and one that ends makes room', async () => {
    const { ntrip } = caster().ready;
    const first = await connectPeer(ntrip);
    first.send(getRequest(1, 'TEST1', loginOf('full')));
    expect((await first.read(ICY_OK.length)).toString()).toBe(ICY_OK);
    const body = 'sessions_full: this account already has as many sessions as it may have';
    expect(withoutDate(await ask(ntrip, getRequest(1, 'TEST1', loginOf('full'))))).toBe(
      refusal('v1', '409 Conflict', body),
    );
    expect(withoutDate(await ask(ntrip, getRequest(2, 'TEST1', loginOf('full'))))).toBe(
      refusal('v2', '409 Conflict', body),
    );
    first.hangUp();
    await caster().waitFor('session_closed', ({ account }) => account === 'full');
    const next = await connectPeer(ntrip);
    next.send(getRequest(1, 'TEST1', loginOf('full')));
    expect((await next.read(ICY_OK.length)).toString()).toBe(ICY_OK);
  });

  test('a refusal is logged once with its reason, the address and what to do, and never with a password', async () => {
    const { ready, log } = caster();
    await ask(ready.ntrip, getRequest(1, 'TEST1', loginOf('logged', 'secret-9431')), { from: '127.0.0.9' });
    const line = await caster().waitFor('refused', ({ account }) => account === 'logged');
    expect(line).toMatchObject({
      level: 'info',
      reason: 'credentials_wrong',
      status: 401,
      mountpoint: 'TEST1',
      address: '127.0.0.9',
      role: 'rover',
      version: 1,
      fix: expect.stringContaining('upper and lower case') as string,
    });
    expect(JSON.stringify(log)).not.toContain('secret-9431');
  });
});

describe('an account whose newest session replaces the oldest', () => {
  const caster = useCaster({
    config: {
      streamWorkers: 1,
      mountpoints: [{ name: 'TEST1', sourcePassword: 'password1' }],
      accounts: [{ ...GOOD, sessionsMax: 2, onExtraSession: 'replaceOldest' }],
    },
  });

  async function login(): Promise<WirePeer> {
    const rover = await connectPeer(caster().ready.ntrip);
    rover.send(getRequest(1, 'TEST1', { login: GOOD }));
    expect((await rover.read(ICY_OK.length)).toString()).toBe(ICY_OK);
    return rover;
  }

  test('the oldest ends, the others go on, and its end is called session_replaced', async () => {
    const [oldest, second] = [await login(), await login()];
    const third = await login();
    expect(await oldest.readToEnd()).toHaveLength(0);
    expect(
      (await caster().waitFor('session_closed', ({ reason }) => reason === 'session_replaced'))['account'],
    ).toBe('good');
    expect([second.ended, third.ended]).toEqual([false, false]);
  });

  test('of thirty that log in at the same moment exactly as many as allowed stay', async () => {
    const { ready, process: child } = caster();
    const rovers = await Promise.all(Array.from({ length: 30 }, () => connectPeer(ready.ntrip)));
    // Held up, the caster finds all thirty requests at once when it goes on.
    child.kill('SIGSTOP');
    for (const rover of rovers) rover.send(getRequest(1, 'TEST1', { login: GOOD }));
    child.kill('SIGCONT');
    await Promise.all(rovers.map((rover) => rover.read(ICY_OK.length)));
    await eventually(
      'twenty-eight sessions have been replaced',
      () => (rovers.filter((rover) => rover.ended).length >= 28 ? true : undefined),
      3000,
    );
    expect(rovers.filter((rover) => !rover.ended)).toHaveLength(2);
  });
});

describe('throttled logins', () => {
  const caster = useCaster({
    config: {
      mountpoints: [
        { name: 'TEST1', sourcePassword: 'password1' },
        { name: 'OPEN', sourcePassword: 'password1', access: 'open' },
      ],
      accounts: [GOOD, { username: 'better', password: 'password1' }],
      gates: { failuresPerMinutePerUser: 3, failuresPerMinutePerAddress: 8 },
    },
  });
  const body = 'too_many_failures: too many failed logins; try again later';

  async function reply(version: 1 | 2, username: string, password: string, from: string): Promise<string> {
    const rover = await connectPeer(caster().ready.ntrip, { from });
    rover.send(getRequest(version, 'TEST1', { login: { username, password } }));
    const head = await rover.readHead();
    if (head === ICY_OK) return head;
    return withoutDate(head + (await rover.readToEnd()).toString()).replace(
      /^Retry-After: \d+\r\n/m,
      'Retry-After: *\r\n',
    );
  }

  test('after three wrong passwords even the right one has to wait, and is told how long', async () => {
    for (let n = 0; n < 3; n++)
      expect(await reply(1, 'good', 'wrong-password', '127.0.0.2')).toContain('401');
    expect(await reply(1, 'good', 'password1', '127.0.0.2')).toBe(
      refusal('v1', '429 Too Many Requests', body, ['Retry-After: *']),
    );
    expect(await reply(2, 'good', 'password1', '127.0.0.2')).toBe(
      refusal('v2', '429 Too Many Requests', body, ['Retry-After: *']),
    );
    const line = await caster().waitFor('refused', ({ reason }) => reason === 'too_many_failures');
    expect(line['retryAfterS']).toBeGreaterThan(0);
    expect(line['retryAfterS']).toBeLessThanOrEqual(60);
  });

  test('nobody else is held up: other users there, the same user elsewhere, open mountpoints', async () => {
    for (let n = 0; n < 3; n++) await reply(1, 'good', 'wrong-password', '127.0.0.3');
    expect(await reply(1, 'better', 'password1', '127.0.0.3')).toBe(ICY_OK);
    expect(await reply(1, 'good', 'password1', '127.0.0.4')).toBe(ICY_OK);
    const rover = await connectPeer(caster().ready.ntrip, { from: '127.0.0.3' });
    rover.send(getRequest(1, 'OPEN'));
    expect(await rover.readHead()).toBe(ICY_OK);
  });

  test('an address that guesses names is stopped too', async () => {
    for (let n = 0; n < 8; n++)
      expect(await reply(1, `guess-${n}`, 'password1', '127.0.0.5')).toContain('401');
    expect(await reply(1, 'guess-9', 'password1', '127.0.0.5')).toContain('429');
  });
});

describe('limits on connections', () => {
  const caster = useCaster({ config: { streamWorkers: 1, gates: { connectionsMax: 4 } } });
  const full = refusal(
    'plain',
    '503 Service Unavailable',
    'too_many_connections: this server is full; try again later',
  ).replace('Date: *\r\n', '');

  test('a connection beyond the limit is told so, although it has asked already', async () => {
    const { ntrip } = caster().ready;
    const silent = await Promise.all(Array.from({ length: 4 }, () => connectPeer(ntrip)));
    const replies = await Promise.all(Array.from({ length: 20 }, () => ask(ntrip, getRequest(1, ''))));
    expect(new Set(replies.map(String))).toEqual(new Set([full]));
    silent[0]!.hangUp();
    await eventually('there is room again', async () =>
      (await ask(ntrip, getRequest(1, ''))).toString().startsWith('SOURCETABLE 200 OK') ? true : undefined,
    );
  });

  test('the metric counts who was turned away', async () => {
    const turnedAway = await metricOf(caster(), 'caster_connections_closed_total', {
      reason: 'too_many_connections',
    });
    expect(turnedAway).toBeGreaterThanOrEqual(20);
    const reason = { reason: 'too_many_connections' };
    expect(await metricOf(caster(), 'caster_refusals_total', reason)).toBe(turnedAway);
  });
});

describe('limits of one address', () => {
  const caster = useCaster({
    config: { streamWorkers: 1, gates: { connectionsPerAddressMax: 2, connectsPerMinutePerAddress: 5 } },
  });
  const tooMany = (address: string): string =>
    refusal(
      'plain',
      '503 Service Unavailable',
      `too_many_connections: too many connections from ${address}`,
    ).replace('Date: *\r\n', '');

  test('an address has so many connections at a time, another its own', async () => {
    const { ntrip } = caster().ready;
    await Promise.all([connectPeer(ntrip, { from: '127.0.0.2' }), connectPeer(ntrip, { from: '127.0.0.2' })]);
    expect((await ask(ntrip, getRequest(1, ''), { from: '127.0.0.2' })).toString()).toBe(
      tooMany('127.0.0.2'),
    );
    expect((await ask(ntrip, getRequest(1, ''), { from: '127.0.0.3' })).toString()).toContain('SOURCETABLE');
  });

  test('an address has so many connections in a minute', async () => {
    const { ntrip } = caster().ready;
    for (let n = 0; n < 5; n++)
      expect((await ask(ntrip, getRequest(1, ''), { from: '127.0.0.4' })).toString()).toContain(
        'SOURCETABLE',
      );
    expect((await ask(ntrip, getRequest(1, ''), { from: '127.0.0.4' })).toString()).toBe(
      tooMany('127.0.0.4'),
    );
  });
});
