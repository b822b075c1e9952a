// Tests opening and closing: that a port that cannot be had is told by name, and that closing waits for nobody who is
// only listening or idle.

import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { EventFeed } from '../../../../platform/http/event-feed.ts';
import { listenHttp } from '../../../../platform/http/listen.ts';
import { listenProblem } from '../../../../platform/start-problem.ts';
import { appUnderTest, OWNER_KEY, type AppUnderTest } from './app-under-test.ts';
import { EventStream } from './event-stream.ts';

const LOOPBACK = '127.0.0.1';

async function openApp(): ReturnType<typeof listenHttp> {
  return listenHttp((await appUnderTest()).app, { host: LOOPBACK, port: 0 });
}

describe('listening', () => {
  test('port 0 is any free port, and the answer says which', async () => {
    const listening = await openApp();
    expect(listening).toMatchObject({ ok: true, host: LOOPBACK });
    const port = listening.ok ? listening.port : 0;
    expect((await fetch(`http://${LOOPBACK}:${port}/livez`)).status).toBe(200);
  });

  test('a port in use is told with the port and the setting that chose it', async () => {
    const other = createServer().listen(0, LOOPBACK);
    onTestFinished(() => void other.close());
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    expect(await listenHttp((await appUnderTest()).app, { host: LOOPBACK, port })).toEqual({
      ok: false,
      problem: {
        code: 'port_in_use',
        message: `cannot listen on ${LOOPBACK}:${port} (listen.httpPort): EADDRINUSE`,
        fix: 'stop the other program, or choose another port; 0 is any free one',
      },
    });
  });

  test('after a port in use the same app can take another', async () => {
    const first = await openApp();
    const { app } = await appUnderTest();
    await listenHttp(app, { host: LOOPBACK, port: first.ok ? first.port : 0 });
    expect(await listenHttp(app, { host: LOOPBACK, port: 0 })).toMatchObject({ ok: true });
  });

  test('an address of another machine is told as not available', async () => {
    const listening = await listenHttp((await appUnderTest()).app, { host: '203.0.113.7', port: 0 });
    expect(listening).toMatchObject({ ok: false, problem: { code: 'address_not_available' } });
  });

  test.each([
    ['EACCES', 'port_not_permitted'],
    ['EADDRINUSE', 'port_in_use'],
    ['EAFNOSUPPORT', 'address_not_available'],
    ['EMFILE', 'listen_failed'],
  ])('%s of the system is told as %s', (errno, code) => {
    const problem = listenProblem(errno, { host: '::', port: 80, setting: 'listen.ntripPort' });
    expect([problem.code, problem.message]).toEqual([
      code,
      `cannot listen on [::]:80 (listen.ntripPort): ${errno}`,
    ]);
  });
});

describe('closing', () => {
  async function connected(origin: string, bytes: string): Promise<Socket> {
    const socket = connect(Number(new URL(origin).port), LOOPBACK);
    onTestFinished(() => void socket.destroy());
    socket.on('error', () => undefined);
    socket.write(bytes);
    await once(socket, 'connect');
    return socket;
  }

  async function closingMs(under: AppUnderTest): Promise<number> {
    const startMs = performance.now();
    await under.app.close();
    return performance.now() - startMs;
  }

  test('closing ends event streams and idle connections at once, after the last event', async () => {
    const under = await appUnderTest();
    const origin = await under.app.listen({ host: LOOPBACK, port: 0 });
    const stream = await EventStream.open(origin);
    const idle = await connected(origin, 'GET /livez HTTP/1.1\r\nhost: a\r\n\r\n');
    await once(idle, 'data');
    const gone = once(idle, 'close');
    idle.resume();
    under.journal.record('info', 'stopping');
    const tookMs = await closingMs(under);
    await gone;
    await stream.until(1);
    expect(stream.events().at(-1)).toMatchObject({ event: 'stopping' });
    // Well below the grace that a request under way is given.
    expect(tookMs).toBeLessThan(1500);
  });

  test('a request that never comes in whole is waited for no longer than the grace', async () => {
    const under = await appUnderTest();
    const origin = await under.app.listen({ host: LOOPBACK, port: 0 });
    const asked = once(under.app.server, 'request');
    const head = [
      'POST /v1/customers HTTP/1.1',
      'host: a',
      `authorization: Bearer ${OWNER_KEY}`,
      'content-type: application/json',
      'content-length: 100',
    ];
    await connected(origin, `${head.join('\r\n')}\r\n\r\n{"half":`);
    await asked;
    // Node's own limit on such a request is HTTP_REQUEST_TIMEOUT_MS.
    expect(await closingMs(under)).toBeLessThan(10_000);
  });

  test('no event stream is begun once the feed is closed', async () => {
    const feed = new EventFeed((await appUnderTest()).journal);
    expect(feed.refusal()).toBeUndefined();
    feed.close();
    expect(feed.refusal()).toBe('shutting_down');
  });
});
