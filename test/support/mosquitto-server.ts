// Debian's mosquitto as a broker of a test's own, by a configuration that is given: free ports, a folder of its own. It can
// be ended, in order or not, and started again where it was, with what it has kept.

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const START_LIMIT_MS = 10_000;

/** Why tests with it skip on this machine; undefined where they need not. */
export const mosquittoMissing: string | undefined =
  spawnSync('mosquitto', ['-h']).error === undefined
    ? undefined
    : 'mosquitto is not installed (Debian: apt-get install mosquitto)';

export class MosquittoServer {
  readonly #configFile: string;
  readonly #port: number;
  #process: ChildProcess | undefined;
  #said = '';

  /** `port` is one of those that the configuration opens on 127.0.0.1. */
  constructor(folder: string, config: string, port: number) {
    this.#configFile = path.join(folder, 'mosquitto.conf');
    // As root it would become somebody who may not read the folder.
    writeFileSync(this.#configFile, process.getuid?.() === 0 ? `user root\n${config}` : config);
    this.#port = port;
  }

  /** Resolves when it takes connections. */
  async start(): Promise<void> {
    const child = spawn('mosquitto', ['-c', this.#configFile], { stdio: ['ignore', 'ignore', 'pipe'] });
    child.stderr.on('data', (text: Buffer) => (this.#said = (this.#said + text.toString()).slice(-4000)));
    const deadline = performance.now() + START_LIMIT_MS;
    while (!(await accepts(this.#port))) {
      if (child.exitCode !== null || performance.now() > deadline)
        throw new Error(`mosquitto did not start: ${this.#said}`);
      await delay(20);
    }
    this.#process = child;
  }

  /** It reads certificates and lists anew. */
  reload(): void {
    this.#process?.kill('SIGHUP');
  }

  async stop(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    if (child === undefined || child.exitCode !== null) return;
    const exited = once(child, 'exit');
    child.kill(signal);
    await exited;
  }
}

export async function freePort(): Promise<number> {
  const server = createServer().listen({ port: 0, host: '127.0.0.1' });
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
