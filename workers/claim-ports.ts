// Finds out, before any worker starts, that the NTRIP ports can be had, and which ones port 0 stands for: the main
// thread binds each exclusively and lets go, then every worker listens on a socket of its own. A listening descriptor
// is never shared between workers: ending one of them would abort the process.

import { type AddressInfo, createServer, type Server } from 'node:net';
import type { Config } from '../config/schema.ts';
import { listenProblem, type StartProblem, systemErrorCode } from '../platform/start-problem.ts';
import type { ListenPorts } from '../caster/net/listeners.ts';

export type ClaimedPorts = { ok: true; ports: ListenPorts } | { ok: false; problem: StartProblem };

/** `secure` says whether there is a certificate; without one the TLS port stays closed. */
export async function claimPorts({ listen }: Config, secure: boolean): Promise<ClaimedPorts> {
  let host: string = listen.host;
  const claimed: Record<'ntripPort' | 'ntripsPort', number | undefined> = {
    ntripPort: undefined,
    ntripsPort: undefined,
  };
  const held: Server[] = [];
  try {
    for (const name of ['ntripPort', 'ntripsPort'] as const) {
      const port = listen[name];
      if (port === 'off' || (name === 'ntripsPort' && !secure)) continue;
      let claim = await bind(host, port);
      if (!claim.ok && host === '::' && isNoIpv6(claim.errno)) {
        host = '0.0.0.0';
        claim = await bind(host, port);
      }
      if (!claim.ok) {
        return { ok: false, problem: listenProblem(claim.errno, { host, port, setting: `listen.${name}` }) };
      }
      if (!(await lockPort(claim.address, claim.port))) {
        claim.server.close();
        return { ok: false, problem: listenProblem('EADDRINUSE', { host, port, setting: `listen.${name}` }) };
      }
      // Held until all are bound: two free ports asked for must not be the same one.
      held.push(claim.server);
      claimed[name] = claim.port;
    }
  } finally {
    await Promise.all(held.map((server) => new Promise((resolve) => server.close(resolve))));
  }
  return { ok: true, ports: { host, ...claimed } };
}

function isNoIpv6(errno: string): boolean {
  return errno === 'EAFNOSUPPORT' || errno === 'EADDRNOTAVAIL';
}

function bind(
  host: string,
  port: number,
): Promise<{ ok: true; server: Server; address: string; port: number } | { ok: false; errno: string }> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error) => resolve({ ok: false, errno: systemErrorCode(error) ?? error.message }));
    server.listen({ host, port, exclusive: true }, () => {
      // A TCP server's address is always an AddressInfo.
      const bound = server.address() as AddressInfo;
      resolve({ ok: true, server, address: bound.address, port: bound.port });
    });
  });
}

/**
 * Between our letting go of a port and the workers' listening, another Rovercast could find it free, and `reusePort`
 * would then let both have it. So the port is also held as a name that only one process can have and that goes with it:
 * a socket in Linux's abstract namespace, which is of one network namespace as ports are. True elsewhere. The address is
 * the one that was bound, and all addresses of either family have one name: `localhost` is 127.0.0.1, `::` is 0.0.0.0.
 */
function lockPort(address: string, port: number): Promise<boolean> {
  const name = `rovercast-${address === '::' || address === '0.0.0.0' ? '*' : address}-${port}`;
  if (process.platform !== 'linux' || LOCKED.has(name)) return Promise.resolve(true);
  return new Promise((resolve) => {
    const lock = createServer();
    lock.once('error', () => resolve(false));
    lock.listen(`\0${name}`, () => {
      lock.unref();
      LOCKED.add(name);
      resolve(true);
    });
  });
}

/** By this process, until it ends. */
const LOCKED = new Set<string>();
