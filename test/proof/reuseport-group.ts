// Three workers on one port, each with a listening socket of its own, and the visitors who connect to it.
//
//   main: bind exclusively, learn the port, let go
//           │
//           ├── worker 0  reusePort socket ─┐
//           ├── worker 1  reusePort socket ─┼─ the kernel spreads connections by address and port
//           └── worker 2  reusePort socket ─┘
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { Worker } from 'node:worker_threads';

export interface EchoWorkerData {
  readonly port: number;
  readonly name: string;
}
export type Order = 'throw' | 'leak objects' | 'leak bytes';

export interface EchoWorker {
  readonly name: string;
  readonly worker: Worker;
  /** Resolves when the thread is gone, with the error that ended it where there was one. */
  readonly ended: Promise<Error | undefined>;
}

/** Binds `port` (0: any) with no sharing and lets go of it; rejects with EADDRINUSE where somebody has it. */
export async function resolvePort(port: number): Promise<number> {
  const server = createServer();
  server.listen({ port, host: '127.0.0.1', exclusive: true });
  await once(server, 'listening');
  // A TCP server's address is always an AddressInfo.
  const resolved = (server.address() as AddressInfo).port;
  server.close();
  await once(server, 'close');
  return resolved;
}

let workersStarted = 0;

/** Starts a worker on `port` and waits until it listens. */
export async function startEchoWorker(port: number): Promise<EchoWorker> {
  workersStarted += 1;
  const name = `worker-${workersStarted}`;
  const worker = new Worker(new URL('reuseport-worker.ts', `file://${import.meta.dirname}/`), {
    workerData: { port, name } satisfies EchoWorkerData,
    resourceLimits: { maxOldGenerationSizeMb: 32, maxYoungGenerationSizeMb: 8 },
  });
  let cause: Error | undefined;
  const ended = new Promise<Error | undefined>((resolve) => {
    worker.on('error', (error: Error) => (cause = error));
    worker.once('exit', () => {
      resolve(cause);
    });
  });
  await once(worker, 'message');
  return { name, worker, ended };
}

/** A connection that some worker has greeted. */
export interface Visit {
  readonly servedBy: string;
  readonly socket: Socket;
}

/** Connects and waits for the greeting; undefined where the connection broke first. */
export function visit(port: number): Promise<Visit | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    let greeting = '';
    const onData = (bytes: Buffer): void => {
      greeting += bytes.toString('latin1');
      if (!greeting.endsWith('\n')) return;
      socket.off('data', onData);
      resolve({ servedBy: greeting.trimEnd(), socket });
    };
    socket.on('data', onData);
    socket.on('error', () => undefined);
    socket.once('close', () => {
      resolve(undefined);
    });
  });
}

/** Sends `text` and tells whether exactly that came back. */
export function doesEcho({ socket }: Visit, text: string): Promise<boolean> {
  return new Promise((resolve) => {
    let heard = '';
    const finish = (isEcho: boolean): void => {
      socket.off('data', onData).off('close', onClose);
      resolve(isEcho);
    };
    const onData = (bytes: Buffer): void => {
      heard += bytes.toString('latin1');
      if (heard.length >= text.length) finish(heard === text);
    };
    const onClose = (): void => {
      finish(false);
    };
    socket.on('data', onData).once('close', onClose);
    if (socket.destroyed) finish(false);
    else socket.write(text);
  });
}

/** Visitors who come and go without a pause, `atOnce` of them, until `stop` is called. */
export function keepVisiting(port: number, atOnce: number): { stop: () => Promise<VisitCount> } {
  const count = { served: 0, broken: 0 };
  let isStopping = false;
  async function comeAndGo(): Promise<void> {
    while (!isStopping) {
      const visitor = await visit(port);
      if (visitor !== undefined && (await doesEcho(visitor, 'x'))) count.served += 1;
      else count.broken += 1;
      visitor?.socket.destroy();
    }
  }
  const visitors = Array.from({ length: atOnce }, comeAndGo);
  return {
    stop: async () => {
      isStopping = true;
      await Promise.all(visitors);
      return count;
    },
  };
}

export interface VisitCount {
  readonly served: number;
  readonly broken: number;
}
