// Two ends of one loopback connection in one process. Never leaves a listener behind.
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface SocketPair {
  /** The accepted end, where the caster stands. */
  readonly ours: Socket;
  /** The connecting end, where the rover stands; it reads nothing until resumed. */
  readonly theirs: Socket;
  close: () => void;
}

/** Connects a pair; errors of either end are swallowed, since the proofs break them on purpose. */
export async function connectPair(): Promise<SocketPair> {
  const server = createServer({ noDelay: true });
  const accepted = new Promise<Socket>((resolve) => {
    server.once('connection', resolve);
  });
  server.listen({ port: 0, host: '127.0.0.1' });
  await once(server, 'listening');
  // A TCP server's address is always an AddressInfo.
  const theirs = connect({ port: (server.address() as AddressInfo).port, host: '127.0.0.1' });
  theirs.on('error', () => undefined).pause();
  const [ours] = await Promise.all([accepted, once(theirs, 'connect')]);
  ours.on('error', () => undefined);
  server.close();
  return {
    ours,
    theirs,
    close: () => {
      ours.destroy();
      theirs.destroy();
    },
  };
}

/** Lets the event loop turn until `isTrue`; throws after `limitMs`, saying what it waited for. */
export async function turnUntil(what: string, isTrue: () => boolean, limitMs = 10_000): Promise<void> {
  const deadline = performance.now() + limitMs;
  while (!isTrue()) {
    if (performance.now() > deadline) throw new Error(`waited ${limitMs} ms in vain: ${what}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}
