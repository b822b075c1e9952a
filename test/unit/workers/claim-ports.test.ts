// Tests that ports are found out before any worker starts: taken ones are an error with a name, 0 becomes a number,
// and what was claimed is free again.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { networkInterfaces } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, describe, expect, test } from 'vitest';
import { type ConfigInput } from '../../../config/schema.ts';
import { type ClaimedPorts, claimPorts } from '../../../workers/claim-ports.ts';
import { configWith } from '../net/fake-house.ts';

const HOST = '127.0.0.1';
const servers: Server[] = [];
const hasIpv6 = Object.values(networkInterfaces()).some((all) =>
  all?.some(({ family }) => family === 'IPv6'),
);

afterEach(async () => {
  for (const server of servers.splice(0)) await new Promise((resolve) => server.close(resolve));
});

/** A server on a free port, or on this one. */
async function serve(host: string, port = 0, reusePort = false): Promise<number> {
  const server = createServer();
  servers.push(server);
  server.listen({ host, port, reusePort });
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

function claim(listen: ConfigInput['listen'], secure = false): Promise<ClaimedPorts> {
  return claimPorts(configWith({ listen: { host: HOST, ntripPort: 0, ntripsPort: 0, ...listen } }), secure);
}

async function claimed(listen: ConfigInput['listen'], secure = false) {
  const outcome = await claim(listen, secure);
  if (!outcome.ok) throw new Error(outcome.problem.message);
  return outcome.ports;
}

describe('port 0', () => {
  test('becomes a port that every worker can then listen on', async () => {
    const { host, ntripPort } = await claimed({});
    expect(ntripPort).toBeGreaterThan(0);
    expect(await serve(host, ntripPort, true)).toBe(ntripPort);
    expect(await serve(host, ntripPort, true)).toBe(ntripPort);
  });

  test('is another port for TLS', async () => {
    const { ntripPort, ntripsPort } = await claimed({}, true);
    expect(ntripsPort).toBeGreaterThan(0);
    expect(ntripsPort).not.toBe(ntripPort);
  });
});

describe('a port', () => {
  test('that is off is not claimed', async () => {
    expect(await claimed({ ntripPort: 'off', ntripsPort: 'off' }, true)).toEqual({
      host: HOST,
      ntripPort: undefined,
      ntripsPort: undefined,
    });
  });

  test('for TLS is not claimed without a certificate', async () => {
    expect((await claimed({})).ntripsPort).toBe(undefined);
  });

  test('that is free is claimed as it is', async () => {
    const { ntripPort } = await claimed({});
    expect((await claimed({ ntripPort: ntripPort! })).ntripPort).toBe(ntripPort);
  });
});

describe('a port in use', () => {
  test('is named with its setting', async () => {
    const port = await serve(HOST);
    const outcome = await claim({ ntripPort: port });
    expect(outcome).toMatchObject({
      ok: false,
      problem: {
        code: 'port_in_use',
        message: `cannot listen on ${HOST}:${port} (listen.ntripPort): EADDRINUSE`,
      },
    });
  });

  test('is named with its setting where it is the TLS port', async () => {
    const port = await serve(HOST);
    const outcome = await claim({ ntripsPort: port }, true);
    expect(outcome).toMatchObject({ ok: false, problem: { code: 'port_in_use' } });
    expect(!outcome.ok && outcome.problem.message).toContain('listen.ntripsPort');
  });

  test('is in use also where its owner lets others share it, as another Rovercast does', async () => {
    const port = await serve(HOST, 0, true);
    expect(await claim({ ntripPort: port })).toMatchObject({ ok: false, problem: { code: 'port_in_use' } });
  });

  test('leaves the other port free again', async () => {
    const { ntripPort } = await claimed({});
    const taken = await serve(HOST);
    expect((await claim({ ntripPort: ntripPort!, ntripsPort: taken }, true)).ok).toBe(false);
    expect(await serve(HOST, ntripPort)).toBe(ntripPort);
  });
});

describe('an address', () => {
  test('that this machine does not have is named', async () => {
    // TEST-NET-1 (RFC 5737) belongs to nobody.
    expect(await claim({ host: '192.0.2.1' })).toMatchObject({
      ok: false,
      problem: { code: 'address_not_available' },
    });
  });

  test('of IPv6 stands in brackets where it is in use', async (context) => {
    if (!hasIpv6) context.skip('this machine has no IPv6');
    const port = await serve('::1');
    const outcome = await claim({ host: '::1', ntripPort: port });
    expect(!outcome.ok && outcome.problem.message).toContain(`[::1]:${port}`);
  });

  test('of IPv6 can be claimed', async (context) => {
    if (!hasIpv6) context.skip('this machine has no IPv6');
    expect(await claimed({ host: '::1' })).toMatchObject({ host: '::1' });
  });

  test('of both families falls back to IPv4 only where there is no IPv6', async () => {
    const { host } = await claimed({ host: '::' });
    expect(host).toBe(hasIpv6 ? '::' : '0.0.0.0');
  });

  test('of both families meets an IPv4 server on the same port', async (context) => {
    if (!hasIpv6) context.skip('this machine has no IPv6');
    const port = await serve('0.0.0.0');
    expect(await claim({ host: '::', ntripPort: port })).toMatchObject({
      ok: false,
      problem: { code: 'port_in_use' },
    });
  });
});

describe('a port that another Rovercast has claimed and does not listen on yet', () => {
  const PROGRAM = `
    const { claimPorts } = await import(process.argv[1]);
    const listen = { host: process.argv[2], ntripPort: Number(process.argv[3]), ntripsPort: 'off' };
    console.log(JSON.stringify(await claimPorts({ listen }, false)));
    process.stdin.resume();
  `;
  const MODULE = pathToFileURL(path.resolve(import.meta.dirname, '../../../workers/claim-ports.ts')).href;

  /** Whether this process can claim a port on `host` that another one has claimed on `theirs`. */
  async function canClaim(theirs: string, host: string): Promise<boolean> {
    const ntripPort = await serve(HOST);
    await new Promise((resolve) => servers.pop()!.close(resolve));
    const script = ['--input-type=module', '--eval', PROGRAM, MODULE, theirs, String(ntripPort)];
    const other = spawn(process.execPath, script, { stdio: ['pipe', 'pipe', 'inherit'] });
    try {
      const [said] = (await once(other.stdout, 'data')) as [Buffer];
      expect(JSON.parse(said.toString())).toMatchObject({ ok: true });
      return (await claim({ host, ntripPort })).ok;
    } finally {
      other.kill();
      await once(other, 'close');
    }
  }

  test.each([
    ['::', '0.0.0.0'],
    ['0.0.0.0', '::'],
    ['localhost', '127.0.0.1'],
    ['127.0.0.2', '127.0.0.2'],
  ])('on %s is in use on %s', async (theirs, host) => {
    expect(await canClaim(theirs, host)).toBe(false);
  });

  test('on one address is free on another', async () => {
    expect(await canClaim('127.0.0.2', '127.0.0.3')).toBe(true);
  });
});
