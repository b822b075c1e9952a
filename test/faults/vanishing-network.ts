// A network of its own (ip-netns(8)) whose end can vanish: from then on every packet to it is lost in silence, with no
// FIN, no RST and no ICMP, as when a rover drives into a tunnel. Needs root.

import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { run, type Running } from '../integration/interop/programs.ts';

/** From the block for tests of networks (RFC 2544). */
const CASTER_ADDRESS = '198.18.77.1';
const PEER_ADDRESS = '198.18.77.2';

export interface VanishingNetwork {
  /** Connects to `port` of the caster from inside, sends `request` and then all that is written to its stdin. */
  connect(port: number, request: string): Running;
  vanish(): void;
  remove(): void;
}

/** Undefined where this process may not make networks. */
export function makeVanishingNetwork(): VanishingNetwork | undefined {
  const name = `rc${process.pid}`;
  const inside = ['netns', 'exec', name];
  const ip = (...args: string[]): string =>
    execFileSync('ip', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  const remove = (): void => {
    // By itself it would go only when the last connection inside has given up.
    ip('link', 'delete', `${name}a`);
    ip('netns', 'delete', name);
  };
  try {
    ip('netns', 'add', name);
  } catch {
    return undefined;
  }
  try {
    ip('link', 'add', `${name}a`, 'type', 'veth', 'peer', 'name', `${name}b`, 'netns', name);
    ip('address', 'add', `${CASTER_ADDRESS}/30`, 'dev', `${name}a`);
    ip('link', 'set', `${name}a`, 'up');
    ip('-n', name, 'address', 'add', `${PEER_ADDRESS}/30`, 'dev', `${name}b`);
    ip('-n', name, 'link', 'set', `${name}b`, 'up');
    // Known for good, so that no unanswered question for the address (ARP) gives the loss away.
    const ether = /link\/ether (\S+)/.exec(ip('-n', name, 'link', 'show', `${name}b`))![1]!;
    ip('neighbor', 'replace', PEER_ADDRESS, 'lladdr', ether, 'dev', `${name}a`, 'nud', 'permanent');
  } catch {
    ip('netns', 'delete', name);
    return undefined;
  }
  return {
    connect(port, request) {
      const script = path.join(import.meta.dirname, 'pipe-to-socket.ts');
      const peer = run('ip', [...inside, process.execPath, script, CASTER_ADDRESS, String(port)]);
      peer.process.stdin?.write(request);
      return peer;
    },
    vanish: () => void ip('-n', name, 'address', 'delete', `${PEER_ADDRESS}/30`, 'dev', `${name}b`),
    remove,
  };
}
