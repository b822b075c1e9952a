// What one send of an epoch costs the thread that does it: send(2) through koffi against socket.write, on real loopback
// connections whose far ends another process reads. `node bench/micro/native-send.bench.ts`, a few seconds. The time
// is CPU time of this thread; the kernel's share, about 4 us, is in both. The last rows make no connection busy: they
// are the bare cost of a call into the C library, and of one that fails and asks for errno.

import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import path from 'node:path';
import { Bench } from 'tinybench';
import { loadNativeSocket } from '../../caster/net/native-socket.ts';
import { descriptorOf } from '../../caster/net/peer-socket.ts';
import { killAll, startProgram } from '../children.ts';

const CONNECTIONS = 400;
const ROUNDS = 40;
const PAUSE_MS = 10;
const EPOCH = Buffer.alloc(2000, 0xd3);
const NO_DESCRIPTOR = -1;

const loaded = loadNativeSocket();
if (!loaded.ok) {
  console.log(`no native sends here: ${loaded.detail}`);
  process.exit();
}
const { native } = loaded;
const sockets = await connectMany(CONNECTIONS);

let failed = 0;

function sendNative(): void {
  for (const socket of sockets) {
    if (native.send(descriptorOf(socket), EPOCH, EPOCH.length) !== EPOCH.length) failed += 1;
  }
}

function sendThroughNode(): void {
  for (const socket of sockets) {
    if (!socket.write(EPOCH)) failed += 1;
  }
}

/** CPU us of this thread per send; the far ends get time to read between rounds. */
async function measureSends(send: () => void): Promise<number> {
  // A pause in front of each reading: the kernel brings a thread's account up to date when it sleeps.
  await pause();
  const before = process.threadCpuUsage();
  for (let round = 0; round < ROUNDS; round++) {
    send();
    await pause();
  }
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / (ROUNDS * CONNECTIONS);
}

/** Also lets the callbacks of socket.write come, which belong to its cost. */
function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
}

// Once each to warm up; then one after the other, twice, so that neither has the warmer machine.
await measureSends(sendNative);
await measureSends(sendThroughNode);
const native1 = await measureSends(sendNative);
const node1 = await measureSends(sendThroughNode);
const native2 = await measureSends(sendNative);
const node2 = await measureSends(sendThroughNode);
killAll();

const bench = new Bench({ time: 200, warmupTime: 50, throws: true });
bench
  .add('send to no descriptor (fails, reads errno)', () => native.send(NO_DESCRIPTOR, EPOCH, EPOCH.length))
  .add('unacknowledgedBytes of no descriptor', () => native.unacknowledgedBytes(NO_DESCRIPTOR))
  .add('descriptorOf', () => descriptorOf(sockets[0]!));
await bench.run();
console.table([
  { case: 'native send, 2000 B', 'CPU us': round(Math.min(native1, native2)) },
  { case: 'socket.write, 2000 B', 'CPU us': round(Math.min(node1, node2)) },
  ...bench.tasks.map(({ name, result }) => ({
    case: name,
    'CPU us': 'latency' in result ? round(result.latency.p50 * 1000) : NaN,
  })),
]);
if (failed > 0) console.log(`${failed} of ${6 * ROUNDS * CONNECTIONS} sends were not taken whole at once`);
process.exit();

function round(us: number): number {
  return Number(us.toFixed(2));
}

/** Connections whose far ends are in a process that only reads. */
async function connectMany(count: number): Promise<Socket[]> {
  const accepted: Socket[] = [];
  const server = createServer({ noDelay: true }, (socket) => accepted.push(socket));
  server.listen({ port: 0, host: '127.0.0.1', backlog: count });
  await once(server, 'listening');
  const reader = path.join(import.meta.dirname, '../swarm/reader-process.ts');
  const port = String((server.address() as AddressInfo).port);
  startProgram(process.execPath, [reader, port, String(count)], { stdio: 'inherit' });
  while (accepted.length < count) await once(server, 'connection');
  server.close();
  return accepted;
}
