// The terminal in TypeScript against a server that answers what a test says: what it makes of refusals, of answers that
// are none, of a clock that is off, and when it asks for a new login.

import { createServer } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import {
  keepLoggedIn,
  renewInMs,
  retryAfterMs,
} from '../../caster/accounts/terminal-client/keep-logged-in.ts';
import { Terminal } from '../../caster/accounts/terminal-client/terminal.ts';
import type {
  TerminalCredentials,
  TerminalFailure,
} from '../../caster/accounts/terminal-client/terminal-reply.ts';
import { rc1Header } from '../support/rc1.ts';
import { type Answer, type Asked, RecordingHttpServer } from './recording-http-server.ts';

let server: RecordingHttpServer;
afterEach(() => server.close());

const APP = { appKey: 'ak_demo', appSecret: 'demo-secret-0123456789', deviceId: 'dev-1' };

async function terminalBefore(answer: (asked: Asked, index: number) => Answer): Promise<Terminal> {
  server = await RecordingHttpServer.start(answer);
  return new Terminal({ ...APP, server: server.url });
}

const LOGIN = { username: 'u', password: 'p', host: 'caster.example', port: 2101, mountpoint: 'TEST1' };
const loginUntil = (ms: number): Answer => ({ body: { ...LOGIN, expiresAt: new Date(ms).toISOString() } });
const refusal = (code: string, status = 401, headers = {}): Answer => ({
  status,
  headers,
  body: { type: `urn:rovercast:error:${code}`, status, code, detail: 'what is wrong' },
});

describe('a call', () => {
  test('is signed as the design says, over the very body that is sent', async () => {
    const terminal = await terminalBefore(() => loginUntil(Date.now() + 60_000));
    await terminal.login({ mountpoint: 'TEST1', position: { latitudeDeg: 48.1, longitudeDeg: 11.5 } });
    await terminal.activate();
    await terminal.status();
    expect(server.asked.map(({ method, path, body }) => `${method} ${path} ${body}`)).toEqual([
      'POST /v1/terminal/login {"mountpoint":"TEST1","position":{"latitudeDeg":48.1,"longitudeDeg":11.5}}',
      'POST /v1/terminal/activate ',
      'GET /v1/terminal/status ',
    ]);
    for (const { authorization, method, path, body } of server.asked) {
      const [, ts = '', nonce = ''] = /ts=(\d+),nonce=([\w-]+),/.exec(authorization) ?? [];
      expect(Math.abs(Number(ts) - Date.now() / 1000)).toBeLessThan(60);
      const parts = { ts: Number(ts), nonce, device: 'dev-1', method, path, body };
      expect(authorization).toBe(rc1Header(APP.appKey, APP.appSecret, parts));
    }
    expect(new Set(server.asked.map(({ authorization }) => authorization)).size).toBe(3);
  });

  test('never carries the secret', async () => {
    const terminal = await terminalBefore(() => loginUntil(Date.now() + 60_000));
    await terminal.login();
    expect(JSON.stringify([server.asked, terminal.ntripLogin('TEST1')])).not.toContain('demo-secret');
  });

  test('gives the refusal of the server by its code, with the pause that it asks for', async () => {
    const terminal = await terminalBefore(() => refusal('login_rate', 429, { 'retry-after': '17' }));
    expect(await terminal.login()).toEqual({
      ok: false,
      failure: {
        kind: 'refused',
        status: 429,
        code: 'login_rate',
        detail: 'what is wrong',
        retryAfterS: 17,
      },
    });
    expect(server.asked).toHaveLength(1);
  });

  test.each<[string, Answer]>([
    ['the page of a proxy', { status: 502, body: '<html>Bad Gateway</html>' }],
    ['a good status with a page', { body: '<html>log in to this hotspot</html>' }],
    [
      'a login without a password',
      { body: { ...LOGIN, password: undefined, expiresAt: '2026-01-01T00:00:00Z' } },
    ],
    ['a login whose end is no time', { body: { ...LOGIN, expiresAt: 'soon' } }],
    ['a list', { body: [LOGIN] }],
  ])('finds %s unreadable and says so', async (_what, answer) => {
    const terminal = await terminalBefore(() => answer);
    expect(await terminal.login()).toEqual({
      ok: false,
      failure: { kind: 'unreadable', status: answer.status ?? 200 },
    });
  });

  test('to a port where nobody listens is told as unreachable', async () => {
    await terminalBefore(() => ({ body: {} }));
    const free = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => free.once('listening', resolve));
    const { port } = free.address() as { port: number };
    await new Promise((resolve) => free.close(resolve));
    const reply = await new Terminal({ ...APP, server: `http://127.0.0.1:${port}` }).status();
    expect(reply).toMatchObject({
      ok: false,
      failure: { kind: 'unreachable', message: expect.stringContaining('ECONNREFUSED') as string },
    });
  });
});

describe('a clock that is off', () => {
  const SERVER_MS = 1_795_291_200_000;

  test('is set by the server’s, and the call is signed anew, once', async () => {
    const terminal = await terminalBefore(({ path }, index) => {
      if (path === '/v1/time') return { body: { unixMs: SERVER_MS, unixSeconds: SERVER_MS / 1000 } };
      return index === 0 ? refusal('clock_outside_window') : loginUntil(SERVER_MS + 60_000);
    });
    expect(await terminal.login()).toMatchObject({ ok: true, value: LOGIN });
    expect(server.asked.map(({ path }) => path)).toEqual([
      '/v1/terminal/login',
      '/v1/time',
      '/v1/terminal/login',
    ]);
    const seconds = Number(/ts=(\d+)/.exec(server.asked[2]!.authorization)?.[1]);
    expect(seconds - SERVER_MS / 1000).toBeLessThan(60);
    expect(seconds).toBeGreaterThanOrEqual(SERVER_MS / 1000);
  });

  test('that stays off is not asked about again and again', async () => {
    const terminal = await terminalBefore(({ path }) =>
      path === '/v1/time' ? { body: { unixMs: SERVER_MS } } : refusal('clock_outside_window'),
    );
    expect(await terminal.login()).toMatchObject({ ok: false, failure: { code: 'clock_outside_window' } });
    expect(server.asked).toHaveLength(3);
  });
});

describe('a kept login', () => {
  test('is renewed before it ends, and failures in between are told and tried again', async () => {
    const terminal = await terminalBefore((_asked, index) => {
      if (index === 1) return refusal('store_down', 503, { 'retry-after': '0' });
      return loginUntil(Date.now() + 1500);
    });
    const logins: TerminalCredentials[] = [];
    const failures: TerminalFailure[] = [];
    await new Promise<void>((resolve) => {
      const keeper = keepLoggedIn(
        terminal,
        { mountpoint: 'TEST1' },
        {
          onLogin: (login) => {
            logins.push(login);
            if (logins.length < 3) return;
            keeper.stop();
            resolve();
          },
          onFailure: (failure) => failures.push(failure),
        },
      );
    });
    expect(failures).toMatchObject([{ kind: 'refused', code: 'store_down' }]);
    expect(logins.map(({ username }) => username)).toEqual(['u', 'u', 'u']);
    expect(server.asked).toHaveLength(4);
  });

  test('is renewed after 70 to 90 % of its time', () => {
    expect([0, 0.5, 0.999].map((draw) => Math.round(renewInMs(900_000, draw) / 1000))).toEqual([
      630, 720, 810,
    ]);
    expect(renewInMs(-5000, 0)).toBe(1000);
  });

  test('waits longer after each failure, as long as the server asks, and never as long as its neighbors', () => {
    const away: TerminalFailure = { kind: 'unreachable', message: 'away' };
    expect([0, 1, 2, 6, 50].map((before) => retryAfterMs(away, before, 0) / 1000)).toEqual([1, 2, 4, 60, 60]);
    const asked = {
      kind: 'refused',
      status: 429,
      code: 'login_rate',
      detail: undefined,
      retryAfterS: 17,
    } as const;
    expect([0, 0.5].map((draw) => retryAfterMs(asked, 9, draw) / 1000)).toEqual([17, 25.5]);
  });
});
