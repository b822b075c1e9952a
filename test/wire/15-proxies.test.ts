// Tests whether the address of a device behind a load balancer is learned from a trusted proxy, from nobody else, and
// whether a proxy that says nothing or nonsense is named.

import { describe, expect, test } from 'vitest';
import { makeCertificate } from '../support/certificates.ts';
import { ICY_OK, refusal, withoutDate } from '../support/expected-replies.ts';
import { getRequest } from '../support/ntrip-requests.ts';
import { useTempFolder } from '../support/temp-folder.ts';
import { logFromHere, metricOf, sessionsOf, useCaster } from '../support/use-caster.ts';
import { ask, connectPeer, type PeerOptions } from '../support/wire-peer.ts';

const PROXY = '127.0.0.2';
const STRANGER = '127.0.0.3';
const ROVER = getRequest(1, 'OPEN');
const certificate = makeCertificate(useTempFolder(), 'localhost');

const BASE_CONFIG = {
  streamWorkers: 1,
  mountpoints: [
    { name: 'OPEN', sourcePassword: 'password1', access: 'open' },
    { name: 'CLOSED', sourcePassword: 'password1' },
  ],
  accounts: [{ username: 'good', password: 'password1' }],
};

const V1_LINE = 'PROXY TCP4 203.0.113.7 192.0.2.1 51234 2101\r\n';

/** The binary header (haproxy.org, "The PROXY protocol", §2.2). */
function v2Header(command: 0 | 1, family: number, addresses: Buffer): Buffer {
  const signature = Buffer.from('0d0a0d0a000d0a515549540a', 'hex');
  const length = Buffer.alloc(2);
  length.writeUInt16BE(addresses.length);
  return Buffer.concat([signature, Buffer.from([0x20 | command, family]), length, addresses]);
}

const V2_IPV4 = v2Header(1, 0x11, Buffer.from('cb007108c0000201c8220835', 'hex'));
const V2_IPV6 = v2Header(
  1,
  0x21,
  Buffer.from(`20010db8${'00'.repeat(11)}09${'00'.repeat(15)}01c8220835`, 'hex'),
);
/** With a TLV of three bytes behind the addresses, as AWS sends its own. */
const V2_TLV = v2Header(1, 0x11, Buffer.from('cb00710ac0000201c8220835ea0003616263', 'hex'));
const V2_LOCAL = v2Header(0, 0, Buffer.alloc(0));

describe('the PROXY protocol', () => {
  const caster = useCaster({
    config: {
      ...BASE_CONFIG,
      tls: { certFile: certificate.certFile, keyFile: certificate.keyFile },
      gates: { trustedProxies: [`${PROXY}/32`, '2001:db8::/32'], proxyProtocol: true },
      timing: { handshakeTimeoutMs: 1500 },
    },
  });

  /** The address of a session opened through these options, as log and interface tell it. */
  async function addressOf(port: number, options: PeerOptions, request = ROVER): Promise<unknown[]> {
    const opened = logFromHere(caster());
    const rover = await connectPeer(port, options);
    rover.send(request);
    expect((await rover.read(ICY_OK.length)).toString()).toBe(ICY_OK);
    const { address } = await opened('session_opened');
    return [address, ...(await sessionsOf(caster())).map((session) => session.address)];
  }

  test.each([
    ['version 1', V1_LINE, '203.0.113.7'],
    ['version 1 over IPv6', 'PROXY TCP6 2001:db8::7 2001:db8::1 51234 2101\r\n', '2001:db8::7'],
    ['version 1 for an unknown family', 'PROXY UNKNOWN\r\n', PROXY],
    ['version 2', V2_IPV4, '203.0.113.8'],
    ['version 2 over IPv6', V2_IPV6, '2001:db8::9'],
    ['version 2 with more than addresses', V2_TLV, '203.0.113.10'],
    ['version 2 for a connection of its own', V2_LOCAL, PROXY],
  ])('%s from a trusted proxy gives the address in log and interface', async (_version, preface, address) => {
    expect(await addressOf(caster().ready.ntrip, { from: PROXY, preface })).toEqual([address, address]);
  });

  test.each([
    ['version 1', Buffer.from(V1_LINE), '203.0.113.7'],
    ['version 2', V2_IPV4, '203.0.113.8'],
  ])(
    '%s is understood wherever it is cut, with the request in the same writes',
    async (_version, header, address) => {
      const { ntrip } = caster().ready;
      const opened = logFromHere(caster());
      const bytes = Buffer.concat([header, Buffer.from(ROVER)]);
      const peers = await Promise.all(
        Array.from({ length: header.length + 3 }, () => connectPeer(ntrip, { from: PROXY })),
      );
      for (const [n, peer] of peers.entries()) peer.send(bytes.subarray(0, n + 1));
      await ask(ntrip, getRequest(1, ''), { from: STRANGER });
      for (const [n, peer] of peers.entries()) peer.send(bytes.subarray(n + 1));
      const replies = await Promise.all(peers.map((peer) => peer.read(ICY_OK.length)));
      expect(new Set(replies.map(String))).toEqual(new Set([ICY_OK]));
      await opened('session_opened');
      const addresses = (await sessionsOf(caster())).map((session) => session.address);
      expect(new Set(addresses)).toEqual(new Set([address]));
      expect(addresses).toHaveLength(peers.length);
    },
  );

  test.each([
    ['version 1', V1_LINE],
    ['version 2', V2_IPV4],
  ])('TLS behind %s is taken, and the address with it', async (_version, preface) => {
    const options = { from: PROXY, preface, tls: { ca: certificate.pem } };
    expect(new Set(await addressOf(caster().ready.ntrips, options)).size).toBe(1);
    expect((await addressOf(caster().ready.ntrips, options))[0]).toMatch(/^203\.0\.113\.[78]$/);
  });

  test('the header of a stranger is no header, but a bad request of its own', async () => {
    const { ntrip } = caster().ready;
    const reply = await ask(ntrip, V1_LINE + ROVER, { from: STRANGER });
    expect(reply.toString()).toMatch(/^HTTP\/1\.1 501 Not Implemented\r\n/);
    expect(
      (await ask(ntrip, Buffer.concat([V2_IPV4, Buffer.from(ROVER)]), { from: STRANGER })).toString(),
    ).toMatch(/^HTTP\/1\.1 400 /);
    expect(await sessionsOf(caster())).toEqual([]);
  });

  test('a stranger without a header is served as ever', async () => {
    expect(await addressOf(caster().ready.ntrip, { from: STRANGER })).toEqual([STRANGER, STRANGER]);
  });

  test('X-Forwarded-For is not read unless it is switched on', async () => {
    const request = getRequest(1, 'OPEN', { headers: ['X-Forwarded-For: 198.51.100.1'] });
    expect((await addressOf(caster().ready.ntrip, { from: PROXY, preface: V1_LINE }, request))[0]).toBe(
      '203.0.113.7',
    );
  });

  test.each([
    ['no header', ROVER, 'no PROXY header'],
    ['a version there is none of', V2_IPV4.map((byte, at) => (at === 12 ? 0x31 : byte)), 'bad_version'],
    ['no addresses', 'PROXY TCP4\r\n', 'bad_addresses'],
    ['a port that is none', 'PROXY TCP4 203.0.113.7 192.0.2.1 99999 2101\r\n', 'bad_addresses'],
    ['a line without an end', `PROXY TCP4 ${'1'.repeat(200)}`, 'line_too_long'],
  ])('a trusted proxy that sends %s is turned away by name', async (_what, bytes, detail) => {
    const reasons = { reason: 'bad_proxy_header' };
    const before = await metricOf(caster(), 'caster_connections_closed_total', reasons);
    const refused = logFromHere(caster());
    const reply = await ask(caster().ready.ntrip, Buffer.from(bytes), { from: PROXY });
    expect(withoutDate(reply)).toBe(
      refusal('plain', '400 Bad Request', `bad_proxy_header: ${detail}`).replace('Date: *\r\n', ''),
    );
    expect(await refused('connection_refused')).toMatchObject({ address: PROXY, detail, level: 'warn' });
    expect(await metricOf(caster(), 'caster_connections_closed_total', reasons)).toBe(before + 1);
  });

  test('a trusted proxy that says nothing is let go in time', async () => {
    const peer = await connectPeer(caster().ready.ntrip, { from: PROXY });
    peer.send('PROXY TC');
    expect(await peer.readToEnd()).toHaveLength(0);
  });
});

describe('X-Forwarded-For', () => {
  const caster = useCaster({
    config: {
      ...BASE_CONFIG,
      gates: {
        trustedProxies: [PROXY],
        forwardedFor: true,
        failuresPerMinutePerAddress: 3,
        connectionsPerAddressMax: 2,
      },
    },
  });

  async function addressOf(from: string, ...headers: string[]): Promise<unknown> {
    const opened = logFromHere(caster());
    const rover = await connectPeer(caster().ready.ntrip, { from });
    rover.send(getRequest(1, 'OPEN', { headers }));
    await rover.read(ICY_OK.length);
    return (await opened('session_opened'))['address'];
  }

  test.each([
    ['of a trusted proxy gives the address', PROXY, ['X-Forwarded-For: 203.0.113.9'], '203.0.113.9'],
    [
      'counts with its last hop, which the proxy has seen itself',
      PROXY,
      ['X-Forwarded-For: 198.51.100.1, 203.0.113.9'],
      '203.0.113.9',
    ],
    [
      'counts with the last hop of its last line',
      PROXY,
      ['X-Forwarded-For: 198.51.100.1', 'X-Forwarded-For: 203.0.113.9'],
      '203.0.113.9',
    ],
    ['may hold an IPv6 address', PROXY, ['X-Forwarded-For: 2001:db8::5'], '2001:db8::5'],
    ['that is no address counts for nothing', PROXY, ['X-Forwarded-For: unknown'], PROXY],
    ['that is missing leaves the address of the proxy', PROXY, [], PROXY],
    ['of a stranger counts for nothing', STRANGER, ['X-Forwarded-For: 203.0.113.9'], STRANGER],
  ])('%s', async (_what, from, headers, address) => {
    expect(await addressOf(from, ...headers)).toBe(address);
  });

  test('limits on logins hold for the addresses behind the proxy, not for the proxy', async () => {
    const login = { username: 'good', password: 'wrong-password' };
    const statusFor = async (address: string): Promise<string> => {
      const request = getRequest(2, 'CLOSED', { login, headers: [`X-Forwarded-For: ${address}`] });
      return (await ask(caster().ready.ntrip, request, { from: PROXY })).toString().slice(9, 12);
    };
    const statuses: string[] = [];
    for (let n = 0; n < 4; n++) statuses.push(await statusFor('203.0.113.50'));
    expect(statuses).toEqual(['401', '401', '401', '429']);
    expect(await statusFor('203.0.113.51')).toBe('401');
  });

  test('many connections of the proxy are not taken for many of one device', async () => {
    const rovers = await Promise.all(
      Array.from({ length: 6 }, () => connectPeer(caster().ready.ntrip, { from: PROXY })),
    );
    for (const [n, rover] of rovers.entries()) {
      rover.send(getRequest(1, 'OPEN', { headers: [`X-Forwarded-For: 203.0.113.${100 + n}`] }));
    }
    const replies = await Promise.all(rovers.map((rover) => rover.read(ICY_OK.length)));
    expect(new Set(replies.map(String))).toEqual(new Set([ICY_OK]));
  });
});
