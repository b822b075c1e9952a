// Tests the gate that reads PROXY headers, on real sockets. What a header may look like is tested with its parser.

import { once } from 'node:events';
import { type Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { readProxyHeader } from '../../../caster/net/proxy-gate.ts';
import { type SocketPair, socketPair } from './socket-pair.ts';

type Outcome = Parameters<Parameters<typeof readProxyHeader>[2]>[0];

const HEADER = 'PROXY TCP4 203.0.113.7 192.0.2.1 51234 2101\r\n';
const pairs: SocketPair[] = [];

afterEach(async () => {
  for (const pair of pairs.splice(0)) await pair.close();
});

async function gate(
  timeoutMs = 10_000,
): Promise<SocketPair & { outcome: Promise<Outcome>; calls: () => number }> {
  const pair = await socketPair();
  pairs.push(pair);
  let calls = 0;
  const outcome = new Promise<Outcome>((resolve) =>
    readProxyHeader(pair.near, timeoutMs, (one) => {
      calls += 1;
      resolve(one);
    }),
  );
  return { ...pair, outcome, calls: () => calls };
}

function summaryOf(outcome: Outcome): unknown {
  return outcome.ok ? { address: outcome.address, rest: outcome.rest.toString('latin1') } : outcome;
}

/** Like once(), which would take the error of a reset for its own. */
function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.once('close', () => resolve()));
}

async function readAll(socket: Socket): Promise<string> {
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk)).resume();
  await once(socket, 'end');
  return Buffer.concat(chunks).toString('latin1');
}

describe('a header', () => {
  test('tells the address of the device and what came behind it', async () => {
    const { far, outcome } = await gate();
    far.write(`${HEADER}GET / HTTP/1.0\r\n`);
    expect(summaryOf(await outcome)).toEqual({ address: '203.0.113.7', rest: 'GET / HTTP/1.0\r\n' });
  });

  test('may come byte by byte', async () => {
    const { far, near, outcome, calls } = await gate();
    for (const character of HEADER) {
      far.write(character);
      if (calls() === 0) await once(near, 'data');
    }
    expect(summaryOf(await outcome)).toEqual({ address: '203.0.113.7', rest: '' });
  });

  test('in which the proxy speaks for itself names nobody', async () => {
    const { far, outcome } = await gate();
    far.write('PROXY UNKNOWN\r\n');
    expect(summaryOf(await outcome)).toEqual({ address: undefined, rest: '' });
  });

  test('that names an IPv4 address in the form of IPv6 gives the IPv4 address', async () => {
    const { far, outcome } = await gate();
    far.write('PROXY TCP6 ::ffff:203.0.113.7 ::1 51234 2101\r\n');
    expect(summaryOf(await outcome)).toMatchObject({ address: '203.0.113.7' });
  });

  test('leaves the socket paused, so that nothing behind it is lost before somebody listens', async () => {
    const { far, near, outcome } = await gate();
    far.write(HEADER);
    const first = await outcome;
    far.end('more');
    await new Promise((resolve) => setImmediate(resolve));
    if (first.ok && first.rest.length > 0) near.unshift(first.rest);
    expect(await readAll(near)).toBe('more');
  });
});

describe('a connection without a header', () => {
  test.each([
    ['a request', 'GET / HTTP/1.0\r\n\r\n', 'no PROXY header'],
    ['a header that is none', 'PROXY TCP4 203.0.113.700 192.0.2.1 1 2\r\n', 'bad_addresses'],
    ['a line without end', `PROXY ${'x'.repeat(200)}`, 'line_too_long'],
  ])('that begins with %s is told apart by what is wrong', async (_what, bytes, detail) => {
    const { far, outcome } = await gate();
    far.write(bytes);
    expect(await outcome).toEqual({ ok: false, reason: 'bad_proxy_header', detail });
  });

  test('is told so when the time is over', async () => {
    const { outcome } = await gate(20);
    expect(await outcome).toMatchObject({ ok: false, reason: 'handshake_timeout' });
  });

  test('that ends first is told so, once', async () => {
    const { near, far, outcome, calls } = await gate(20);
    far.destroy();
    await closed(near);
    expect(await outcome).toMatchObject({ ok: false, reason: 'peer_closed' });
    expect(calls()).toBe(1);
  });

  test('that is reset harms nobody', async () => {
    const { near, far, outcome } = await gate();
    far.resetAndDestroy();
    await closed(near);
    expect(await outcome).toMatchObject({ ok: false, reason: 'peer_closed' });
  });
});
