// Streams that start, stall, vanish and end at random (seeded), so that the kernel hands the same descriptor
// numbers to one socket and file after the other, while epochs go out by the rule of DESIGN §5.4.
// Every stream is a keyed sequence of bytes: whatever reaches the wrong receiver, or reaches it twice, out of
// order or not at all, is seen. Both ends live in one process, so a send to a stranger's descriptor mostly hits
// a socket of ours, and the accepted ends, which expect no byte at all, would notice that too.
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { descriptorOf, type Handle, handleOf } from './descriptor.ts';
import {
  errno,
  ERRNO,
  MSG_DONTWAIT,
  MSG_NOSIGNAL,
  send,
  setSocketOption,
  SO_SNDBUF,
  SOL_SOCKET,
} from './libc.ts';
import { areKeyedBytes, keyedBytes, seededChance } from './seeded.ts';

const KEY_BYTES = 4;
const PAUSE_TURNS = 40;

export interface ChurnOptions {
  readonly seed: number;
  readonly streams: number;
  readonly liveMax: number;
  /**
   * How an epoch leaves: by send(2) on the descriptor read in this tick; by send(2) on a descriptor kept since the start
   * as long as the handle it was read from is the socket's; or by the ordinary socket.
   */
  readonly transport: 'native' | 'native-kept' | 'socket.write';
}

/** What became of one stream. */
export interface StreamResult {
  readonly key: number;
  /** The receiver was told to vanish in the middle; then `received` may fall short of `handedOver`. */
  readonly vanished: boolean;
  readonly handedOver: number;
  readonly received: number;
  /** Every byte received was this stream's own, at its own place. */
  readonly isExact: boolean;
}

export interface ChurnReport {
  readonly seed: number;
  readonly results: StreamResult[];
  /** Bytes that reached an accepted end; receivers send none, so each is one sent to a wrong descriptor. */
  readonly strayBytes: number;
  readonly sends: { whole: number; short: number; refused: number; queued: number };
  /** Sockets that got a descriptor number which an earlier one had had. */
  readonly descriptorsReused: number;
  /** errno of refused sends other than EAGAIN, EPIPE and ECONNRESET. */
  readonly oddErrors: number[];
}

/** What chance has in store for the stream of `key`; a pure function, so that both ends know it. */
function planStream(seed: number, key: number) {
  const chance = seededChance(seed + key * 7919);
  const isTight = chance() < 0.1;
  const epochs = Array.from({ length: 2 + Math.floor(chance() * 30) }, () =>
    isTight ? 30_000 + Math.floor(chance() * 60_000) : 1 + Math.floor(chance() * 3000),
  );
  const total = epochs.reduce((sum, bytes) => sum + bytes);
  const vanishAfter = chance() < 0.25 ? Math.floor(chance() * (total - 1)) : undefined;
  return { epochs, isTight, vanishAfter };
}

/** Runs `streams` streams to their ends, at most `liveMax` at a time. Ends by itself; leaves nothing open. */
export async function runChurn({ seed, streams, liveMax, transport }: ChurnOptions): Promise<ChurnReport> {
  const chance = seededChance(seed);
  const results: StreamResult[] = [];
  const live: { socket: Socket; key: number; epochs: number[]; handedOver: number }[] = [];
  const handedOver = new Map<number, number>();
  const sends = { whole: 0, short: 0, refused: 0, queued: 0 };
  const seenDescriptors = new Set<number>();
  const oddErrors: number[] = [];
  const stalled = new Map<Socket, number>();
  const kept = new Map<Socket, { handle: Handle | null; fd: number }>();
  let descriptorsReused = 0;
  let strayBytes = 0;
  let started = 0;
  let openSockets = 0;
  let turn = 0;

  function sendableDescriptor(socket: Socket): number | undefined {
    if (transport === 'socket.write' || socket.writableLength > 0) return undefined;
    if (transport === 'native') return descriptorOf(socket);
    const { handle, fd } = kept.get(socket)!;
    return handle !== null && handleOf(socket) === handle ? fd : undefined;
  }

  function deliver(socket: Socket, bytes: Buffer): void {
    const fd = sendableDescriptor(socket);
    if (fd === undefined) {
      sends.queued += 1;
      socket.write(bytes);
      return;
    }
    const taken = send(fd, bytes, bytes.length, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (taken === bytes.length) {
      sends.whole += 1;
      return;
    }
    if (taken < 0) {
      const reason = errno();
      sends.refused += 1;
      if (![ERRNO.EAGAIN, ERRNO.EPIPE, ERRNO.ECONNRESET].includes(reason)) oddErrors.push(reason);
    } else sends.short += 1;
    socket.write(taken > 0 ? bytes.subarray(taken) : bytes);
  }

  const server = createServer({ noDelay: true }, (socket) => {
    const key = handedOver.size + 1;
    const { epochs, isTight } = planStream(seed, key);
    const fd = descriptorOf(socket);
    if (seenDescriptors.has(fd)) descriptorsReused += 1;
    seenDescriptors.add(fd);
    kept.set(socket, { handle: handleOf(socket), fd });
    if (isTight) setSocketOption(fd, SOL_SOCKET, SO_SNDBUF, 4096);
    openSockets += 1;
    handedOver.set(key, 0);
    socket.on('error', () => undefined).on('data', (bytes) => (strayBytes += bytes.length));
    socket.on('close', () => (openSockets -= 1));
    const greeting = Buffer.alloc(KEY_BYTES);
    greeting.writeUInt32LE(key);
    socket.write(greeting);
    live.push({ socket, key, epochs, handedOver: 0 });
  });
  server.listen({ port: 0, host: '127.0.0.1' });
  await once(server, 'listening');
  // A TCP server's address is always an AddressInfo.
  const { port } = server.address() as AddressInfo;

  function startReceiver(): void {
    const socket = connect({ port, host: '127.0.0.1' });
    openSockets += 1;
    started += 1;
    let head = Buffer.alloc(0);
    let key = 0;
    let received = 0;
    let isExact = true;
    let vanishAfter: number | undefined;
    function hear(bytes: Buffer): void {
      if (key === 0) {
        head = Buffer.concat([head, bytes]);
        if (head.length < KEY_BYTES) return;
        key = head.readUInt32LE();
        bytes = head.subarray(KEY_BYTES);
        const plan = planStream(seed, key);
        vanishAfter = plan.vanishAfter;
        if (plan.isTight) stalled.set(socket.pause(), turn + PAUSE_TURNS);
      }
      isExact &&= areKeyedBytes(key, received, bytes);
      received += bytes.length;
      if (vanishAfter !== undefined && received >= vanishAfter) {
        if (key % 2 === 0) socket.resetAndDestroy();
        else socket.destroy();
      }
    }
    socket.on('data', hear).on('error', () => undefined);
    socket.on('close', () => {
      openSockets -= 1;
      stalled.delete(socket);
      results.push({
        key,
        vanished: vanishAfter !== undefined,
        handedOver: handedOver.get(key) ?? 0,
        received,
        isExact,
      });
    });
  }

  function serveOneTurn(): void {
    for (const stream of live.splice(0)) {
      const { socket, key } = stream;
      if (socket.destroyed) continue;
      const length = stream.epochs.shift();
      if (length === undefined) {
        if (socket.writableLength > 0) socket.end();
        else socket.destroy();
        continue;
      }
      deliver(socket, keyedBytes(key, stream.handedOver, length));
      stream.handedOver += length;
      handedOver.set(key, stream.handedOver);
      live.push(stream);
    }
  }

  while (results.length < streams || openSockets > 0) {
    turn += 1;
    while (started < streams && started - results.length < liveMax && chance() < 0.7) startReceiver();
    const file = chance() < 0.3 ? openSync('/dev/null', 'w') : undefined;
    serveOneTurn();
    if (file !== undefined) closeSync(file);
    for (const [socket, until] of stalled) if (turn >= until) socket.resume();
    await new Promise((resolve) => setImmediate(resolve));
  }
  server.close();
  return {
    seed,
    results: results.sort((a, b) => a.key - b.key),
    strayBytes,
    sends,
    descriptorsReused,
    oddErrors,
  };
}
