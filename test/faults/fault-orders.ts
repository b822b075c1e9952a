// Loaded into a caster's process before its own code (`--import`), in the main thread and in every worker: takes orders
// over a Unix socket to hurt it from inside, in ways that happen by themselves only after years. The caster knows
// nothing of it. It must never do anything without an order, and never keep the process running.

import { createServer, type ListenOptions, Server } from 'node:net';
import { createInterface } from 'node:readline';
import koffi from 'koffi';
import workerThreads, { BroadcastChannel, isMainThread, threadName, Worker } from 'node:worker_threads';
import { syncBuiltinESMExports } from 'node:module';
import { HEAP_VARIABLE, BACKLOG_VARIABLE, SOCKET_VARIABLE, type FaultOrder } from './fault-order.ts';

interface Posted {
  readonly number: number;
  readonly order: FaultOrder;
}

/** From a worker: it takes orders from now on, or what was ordered begins. */
type Said = { readonly ready: string } | { readonly begun: number };

const channel = new BroadcastChannel('rovercast-fault-orders');
channel.unref();
if (isMainThread) commandWorkers();
else obeyMainThread();

function commandWorkers(): void {
  const heapMib = Number(process.env[HEAP_VARIABLE] ?? 0);
  if (heapMib > 0) boundHeaps(heapMib);

  /** Not yet told to end. */
  const alive = new Map<string, Worker>();
  const ready = new Set<string>();
  process.on('worker', (worker) => alive.set(worker.threadName ?? '', worker));
  const answers = new Map<number, () => void>();
  channel.onmessage = (event): void => {
    const said = event.data as Said;
    if ('ready' in said) ready.add(said.ready);
    else answers.get(said.begun)?.();
  };

  let orders = 0;
  function command(order: FaultOrder, answer: (began: boolean) => void): void {
    if (order.worker === 'main') {
      answer(true);
      setImmediate(() => block(order.ms));
      return;
    }
    const name = `stream-${order.worker}`;
    const worker = alive.get(name);
    if (worker === undefined || (order.fault !== 'terminate' && !ready.has(name))) {
      answer(false);
      return;
    }
    if (order.fault !== 'block' && order.fault !== 'hang') {
      alive.delete(name);
      ready.delete(name);
    }
    if (order.fault === 'terminate') {
      void worker.terminate();
      answer(true);
      return;
    }
    const number = (orders += 1);
    answers.set(number, () => answers.delete(number) && answer(true));
    channel.postMessage({ number, order } satisfies Posted);
  }

  const server = createServer((socket) => {
    createInterface({ input: socket }).on('line', (line) => {
      command(JSON.parse(line) as FaultOrder, (began) => void socket.write(`${began}\n`));
    });
  });
  server.listen(process.env[SOCKET_VARIABLE]);
  server.unref();
}

function obeyMainThread(): void {
  const backlog = Number(process.env[BACKLOG_VARIABLE] ?? 0);
  if (backlog > 0) boundBacklogs(backlog);
  channel.onmessage = (event): void => {
    const message = event.data as Posted | Said;
    if (!('order' in message) || threadName !== `stream-${message.order.worker}`) return;
    const { number, order } = message;
    channel.postMessage({ begun: number } satisfies Said);
    // A turn later, so that the answer is out, and outside this handler, which catches.
    setImmediate(() => {
      if (order.fault === 'block') block(order.ms);
      else if (order.fault === 'hang') hang(order.seconds);
      else if (order.fault === 'exit') process.exit(3);
      else if (order.fault === 'hoard') hoard();
      else throw new Error('thrown by order');
    });
  };
  channel.postMessage({ ready: threadName ?? '' } satisfies Said);
}

function block(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

function hang(seconds: number): void {
  const sleep = koffi.load('libc.so.6').func('unsigned int sleep(unsigned int seconds)') as (
    s: number,
  ) => number;
  sleep(seconds);
}

function hoard(): never {
  const hoarded: object[] = [];
  for (;;) hoarded.push({ hoarded: [hoarded.length] });
}

/** So that a worker that hoards dies of it before the machine does. */
function boundHeaps(maxOldGenerationSizeMb: number): void {
  workerThreads.Worker = class extends Worker {
    constructor(...[file, options]: ConstructorParameters<typeof Worker>) {
      super(file, { ...options, resourceLimits: { ...options?.resourceLimits, maxOldGenerationSizeMb } });
    }
  };
  syncBuiltinESMExports();
}

/** So that a few thousand connections overflow the kernel's queues. */
function boundBacklogs(backlog: number): void {
  const { listen } = Server.prototype as { listen: (options: ListenOptions, done?: () => void) => Server };
  Server.prototype.listen = function (this: Server, options: ListenOptions, done?: () => void): Server {
    return listen.call(this, { ...options, backlog }, done);
  } as Server['listen'];
}
