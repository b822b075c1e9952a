// Tests the gates in front of the handshake on real ports: who is turned away, what is counted, and that every
// connection that came is counted as gone once.

import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { type ConfigInput } from '../../../config/schema.ts';
import { CLOSE_REASON_NAMES } from '../../../caster/net/close-reason.ts';
import { Listeners } from '../../../caster/net/listeners.ts';
import { claimPorts } from '../../../workers/claim-ports.ts';
import { configWith, fakeHouse, type FakeHouse } from './fake-house.ts';
import { makeCertificate } from './socket-pair.ts';

const HOST = '127.0.0.1';
const certificate = makeCertificate();
const ends: (() => void)[] = [];

afterEach(() => {
  for (const end of ends.splice(0)) end();
});

interface Listening extends FakeHouse {
  readonly listeners: Listeners;
  readonly connect: (secure?: boolean) => Promise<Socket>;
  /** Waits until as many connections have ended as have come, and tells why. */
  readonly closedBy: () => Promise<Record<string, number>>;
}

async function listen(
  gates: ConfigInput['gates'] = {},
  timing: ConfigInput['timing'] = {},
): Promise<Listening> {
  const config = configWith({ gates, timing, listen: { host: HOST, ntripPort: 0, ntripsPort: 0 } });
  const fake = fakeHouse(config);
  const { house } = fake;
  const claimed = await claimPorts(config, certificate !== undefined);
  if (!claimed.ok) throw new Error(claimed.problem.message);
  const listeners = new Listeners(house, 1);
  await listeners.open(claimed.ports, certificate);
  ends.push(() => {
    listeners.close();
    for (const socket of house.connections.all()) socket.destroy();
  });
  return {
    ...fake,
    listeners,
    connect: async (secure = false) => {
      const port = secure ? claimed.ports.ntripsPort! : claimed.ports.ntripPort!;
      const socket = connect({ port, host: HOST }).on('error', () => undefined);
      ends.push(() => socket.destroy());
      await once(socket, 'connect');
      return socket;
    },
    closedBy: () =>
      vi.waitFor(
        () => {
          const counts = CLOSE_REASON_NAMES.map((_reason, index) => house.counters.readClosed(index));
          const opened = house.counters.read('connectionsOpened');
          if (opened === 0 || counts.reduce((sum, count) => sum + count) < opened)
            throw new Error('some are open');
          return Object.fromEntries(
            CLOSE_REASON_NAMES.map((reason, n) => [reason, counts[n]!] as const).filter(
              ([, count]) => count > 0,
            ),
          );
        },
        { timeout: 1000, interval: 5 },
      ),
  };
}

async function replyOn(socket: Socket): Promise<string> {
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  await new Promise<void>((resolve) => socket.once('close', () => resolve()));
  return Buffer.concat(chunks).toString('latin1');
}

function until(holds: () => boolean): Promise<void> {
  return vi.waitFor(() => expect(holds()).toBe(true), { timeout: 5000, interval: 5 });
}

describe('a full worker', () => {
  test('tells the next one that it is full, and keeps those it has', async () => {
    const caster = await listen({ connectionsMax: 2 });
    await Promise.all([caster.connect(), caster.connect()]);
    await until(() => caster.house.connections.size === 2);
    const reply = await replyOn(await caster.connect());
    expect(reply).toMatch(/^HTTP\/1\.1 503 Service Unavailable\r\n[^]*too_many_connections: /);
    expect(caster.house.connections.size).toBe(2);
  });

  test('has room again when one goes', async () => {
    const caster = await listen({ connectionsMax: 1 });
    const first = await caster.connect();
    await until(() => caster.house.connections.size === 1);
    first.destroy();
    await until(() => caster.house.connections.size === 0);
    await caster.connect();
    await until(() => caster.house.connections.size === 1);
    expect(caster.logged).toEqual([]);
  });
});

describe('the gate for one address', () => {
  test('turns away one more than connectionsPerAddressMax', async () => {
    const caster = await listen({ connectionsPerAddressMax: 1 });
    await caster.connect();
    await until(() => caster.house.connections.size === 1);
    expect(await replyOn(await caster.connect())).toContain(
      'too_many_connections: too many connections from 127.0.0.1',
    );
  });

  test('goes by the address that a trusted proxy names', async () => {
    const proxied = { trustedProxies: [HOST], proxyProtocol: true, connectionsPerAddressMax: 1 };
    const caster = await listen(proxied);
    const sockets = await Promise.all([caster.connect(), caster.connect(), caster.connect()]);
    const replies = sockets.map(replyOn);
    for (const [n, from] of ['203.0.113.1', '203.0.113.2', '203.0.113.1'].entries()) {
      sockets[n]!.write(`PROXY TCP4 ${from} 192.0.2.1 1 2101\r\n`);
      await until(() => caster.house.connections.size === Math.min(n + 1, 2));
    }
    expect(await replies[2]).toContain('too many connections from 203.0.113.1');
  });

  test('goes by the address that a trusted proxy names where X-Forwarded-For is believed too', async () => {
    const caster = await listen({
      trustedProxies: [HOST],
      proxyProtocol: true,
      forwardedFor: true,
      connectionsPerAddressMax: 1,
    });
    for (let n = 0; n < 2; n++) (await caster.connect()).write('PROXY TCP4 203.0.113.1 192.0.2.1 1 2101\r\n');
    await until(() => caster.house.connections.size + caster.logged.length === 2);
    expect(caster.house.connections.size).toBe(1);
  });

  test('goes by X-Forwarded-For where that is believed', async () => {
    const caster = await listen({ trustedProxies: [HOST], forwardedFor: true, connectionsPerAddressMax: 1 });
    const request = 'GET /A HTTP/1.1\r\nNtrip-Version: Ntrip/2.0\r\nX-Forwarded-For: 203.0.113.1\r\n\r\n';
    for (let n = 0; n < 2; n++) (await caster.connect()).write(request);
    await until(() => caster.asks.length + caster.logged.length === 2);
    expect(caster.asks).toHaveLength(1);
  });
});

describe('a trusted proxy', () => {
  const gates = { trustedProxies: [HOST], proxyProtocol: true };

  test('that sends no header is told so', async () => {
    const caster = await listen(gates);
    const socket = await caster.connect();
    const reply = replyOn(socket);
    socket.write('GET / HTTP/1.0\r\n\r\n');
    expect(await reply).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n[^]*bad_proxy_header: no PROXY header/);
    expect(await caster.closedBy()).toEqual({ bad_proxy_header: 1 });
  });

  test('may send header and request in one piece', async () => {
    const caster = await listen(gates);
    (await caster.connect()).write(
      'PROXY TCP4 203.0.113.1 192.0.2.1 1 2101\r\nGET /A HTTP/1.1\r\nNtrip-Version: Ntrip/2.0\r\n\r\n',
    );
    await until(() => caster.asks.length === 1);
    expect(caster.asks[0]?.request.address).toBe('203.0.113.1');
  });

  test('may put its header in front of TLS', async (context) => {
    if (certificate === undefined) context.skip('openssl is not installed');
    const caster = await listen(gates);
    const socket = await caster.connect(true);
    socket.write('PROXY TCP4 203.0.113.1 192.0.2.1 1 2102\r\n');
    const secure = connectTls({ socket, rejectUnauthorized: false });
    secure.write('GET /A HTTP/1.1\r\nNtrip-Version: Ntrip/2.0\r\n\r\n');
    await until(() => caster.asks.length === 1);
    expect(caster.asks[0]?.request).toMatchObject({ address: '203.0.113.1', secure: true });
  });

  test('that hangs up before its header is counted as gone', async () => {
    const caster = await listen(gates);
    (await caster.connect()).destroy();
    expect(await caster.closedBy()).toEqual({ peer_closed: 1 });
  });

  test('that sends nothing is counted as gone after handshakeTimeoutMs', async () => {
    const caster = await listen(gates, { handshakeTimeoutMs: 100 });
    await replyOn(await caster.connect());
    expect(await caster.closedBy()).toEqual({ handshake_timeout: 1 });
  });
});

describe('the TLS port', () => {
  test('turns plain NTRIP away as a TLS failure', async (context) => {
    if (certificate === undefined) context.skip('openssl is not installed');
    const caster = await listen();
    (await caster.connect(true)).write('GET / HTTP/1.0\r\n\r\n');
    expect(await caster.closedBy()).toEqual({ tls_failed: 1 });
    expect(caster.house.counters.read('tlsFailures')).toBe(1);
  });

  test('survives a reset in the middle of the handshake', async (context) => {
    if (certificate === undefined) context.skip('openssl is not installed');
    const caster = await listen();
    const socket = await caster.connect(true);
    socket.write(Buffer.from([0x16, 0x03, 0x01, 0x02]));
    await until(() => caster.house.counters.read('connectionsOpened') === 1);
    socket.resetAndDestroy();
    expect(await caster.closedBy()).toEqual({ tls_failed: 1 });
  });

  test('counts a peer that hangs up before its handshake as gone', async (context) => {
    if (certificate === undefined) context.skip('openssl is not installed');
    const caster = await listen();
    (await caster.connect(true)).end();
    expect(await caster.closedBy()).toEqual({ tls_failed: 1 });
  });

  test('counts a peer that sends nothing as gone after handshakeTimeoutMs', async (context) => {
    if (certificate === undefined) context.skip('openssl is not installed');
    const caster = await listen({}, { handshakeTimeoutMs: 100 });
    await replyOn(await caster.connect(true));
    expect(await caster.closedBy()).toEqual({ tls_failed: 1 });
  });

  test('uses a new certificate for new connections', async (context) => {
    const renewed = makeCertificate(60);
    if (renewed === undefined) context.skip('openssl is not installed');
    const caster = await listen();
    caster.listeners.useTls(renewed!);
    const secure = connectTls({ socket: await caster.connect(true), rejectUnauthorized: false });
    await once(secure, 'secureConnect');
    const { raw } = secure.getPeerCertificate();
    expect(renewed!.certificate.replaceAll(/\s|-----[A-Z ]+-----/g, '')).toBe(raw.toString('base64'));
  });
});

test('closing ends what is not yet in the table and leaves the rest to its peers', async () => {
  const caster = await listen({ trustedProxies: [HOST], proxyProtocol: true });
  const waiting = await caster.connect();
  const arrived = await caster.connect();
  arrived.write('PROXY UNKNOWN\r\n');
  await until(() => caster.house.connections.size === 1);
  caster.listeners.close();
  await replyOn(waiting);
  expect(caster.house.connections.size).toBe(1);
});
