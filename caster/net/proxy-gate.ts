// In front of the handshake where a trusted load balancer puts the device's address first (PROXY protocol 1 and 2).
// Once the header is read the socket goes on, with what came behind it.

import type { Socket } from 'node:net';
import { parseProxyHeader } from '../ntrip/proxy-protocol.ts';
import { ignoreError } from './peer-socket.ts';
import { plainAddress } from './trusted-prefixes.ts';

type ProxyOutcome = { ok: true; address: string | undefined; rest: Buffer } | { ok: false; detail: string };

/**
 * Reads the header and calls `done` once: with the address it names (undefined where the proxy speaks for itself),
 * or with what is wrong. Not called where the connection ends first or `timeoutMs` passes without a header: then it
 * is destroyed.
 */
export function readProxyHeader(
  socket: Socket,
  timeoutMs: number,
  done: (outcome: ProxyOutcome) => void,
): void {
  let held: Buffer = Buffer.alloc(0);
  const giveUp = setTimeout(() => socket.destroy(), timeoutMs);
  const finish = (outcome: ProxyOutcome): void => {
    clearTimeout(giveUp);
    socket.off('data', take);
    socket.off('close', stop);
    socket.pause();
    done(outcome);
  };
  const take = (chunk: Buffer): void => {
    held = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
    const header = parseProxyHeader(held);
    if ('need' in header) return;
    if ('none' in header) return finish({ ok: false, detail: 'no PROXY header' });
    if ('bad' in header) return finish({ ok: false, detail: header.bad });
    const address = header.address === undefined ? undefined : plainAddress(header.address);
    finish({ ok: true, address, rest: held.subarray(header.bytesUsed) });
  };
  const stop = (): void => clearTimeout(giveUp);
  socket.on('data', take);
  socket.on('close', stop);
  socket.on('error', ignoreError);
}
