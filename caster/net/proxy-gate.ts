// In front of the handshake where a trusted load balancer puts the device's address first (PROXY protocol 1 and 2).
// Once the header is read the socket goes on, with what came behind it.

import type { Socket } from 'node:net';
import { parseProxyHeader } from '../ntrip/proxy-protocol.ts';
import { ignoreError } from './peer-socket.ts';
import { plainAddress } from './trusted-prefixes.ts';

type ProxyOutcome =
  | { ok: true; address: string | undefined; rest: Buffer }
  | { ok: false; reason: 'bad_proxy_header' | 'peer_closed' | 'handshake_timeout'; detail: string };

/**
 * Reads the header and calls `done` once: with the address it names (undefined where the proxy speaks for itself), or
 * with why there is none.
 */
export function readProxyHeader(
  socket: Socket,
  timeoutMs: number,
  done: (outcome: ProxyOutcome) => void,
): void {
  let held: Buffer = Buffer.alloc(0);
  const finish = (outcome: ProxyOutcome): void => {
    clearTimeout(giveUp);
    socket.off('data', take);
    socket.off('close', close);
    socket.pause();
    done(outcome);
  };
  const giveUp = setTimeout(
    () => finish({ ok: false, reason: 'handshake_timeout', detail: 'no PROXY header in time' }),
    timeoutMs,
  );
  const take = (chunk: Buffer): void => {
    held = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
    const header = parseProxyHeader(held);
    if ('need' in header) return;
    if ('none' in header) return finish({ ok: false, reason: 'bad_proxy_header', detail: 'no PROXY header' });
    if ('bad' in header) return finish({ ok: false, reason: 'bad_proxy_header', detail: header.bad });
    const address = header.address === undefined ? undefined : plainAddress(header.address);
    finish({ ok: true, address, rest: held.subarray(header.bytesUsed) });
  };
  const close = (): void =>
    finish({ ok: false, reason: 'peer_closed', detail: 'hung up before a PROXY header' });
  socket.on('data', take);
  socket.on('close', close);
  socket.on('error', ignoreError);
}
