// A stand-in for a stream worker: its own listening socket on a shared port, greets with its name, echoes.
// Never passes its listening descriptor to anybody: that is what aborts a process (DESIGN §4).
import { createServer } from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';
import { type EchoWorkerData, type Order } from './reuseport-group.ts';

// workerData is whatever the starting side passed; reuseport-group.ts is the only one that starts this file.
const { port, name } = workerData as EchoWorkerData;

const server = createServer({ noDelay: true }, (socket) => {
  socket.on('error', () => undefined);
  socket.on('data', (bytes) => socket.write(bytes));
  socket.write(`${name}\n`);
});

const hoardedObjects: object[] = [];
const hoardedBytes: Buffer[] = [];

/** A leak as servers have it: some objects more with every turn of the event loop. */
function leakObjects(): void {
  for (let i = 0; i < 20_000; i += 1) hoardedObjects.push({ leaked: i });
  setImmediate(leakObjects);
}

/** Twice what the thread's limits allow, in one go, outside the JavaScript heap. */
function leakBytes(): void {
  while (hoardedBytes.length < 80) hoardedBytes.push(Buffer.alloc(1_000_000));
  parentPort!.postMessage('hoarded');
}

parentPort!.on('message', (order: Order) => {
  switch (order) {
    case 'leak objects':
      leakObjects();
      break;
    case 'leak bytes':
      leakBytes();
      break;
    case 'throw':
      throw new Error('thrown by order');
  }
});
server.listen({ port, host: '127.0.0.1', reusePort: true }, () => parentPort!.postMessage('listening'));
