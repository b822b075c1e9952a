// A redis-server of a test's own: a free port, a folder of its own, nothing kept on disk unless it is asked for. It can be
// killed, started again on the same port (empty, or with what it has kept), paused and continued.

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const START_TRIES = 5;
const START_LIMIT_MS = 10_000;

/** Why tests with Redis skip on this machine; undefined where they need not. */
export const redisMissing: string | undefined =
  spawnSync('redis-server', ['--version']).status === 0
    ? undefined
    : 'redis-server is not installed (Debian: apt-get install redis-server)';

export interface RedisServerOptions {
  /** PEM files; with them the port speaks TLS alone. */
  readonly tls?: { readonly cert: string; readonly key: string };
  readonly password?: string;
  /** What was written is on the disk, and there again after a kill. */
  readonly isKept?: boolean;
}

export class RedisServer {
  readonly #folder = mkdtempSync(path.join(tmpdir(), 'rovercast-redis-'));
  readonly #options: RedisServerOptions;
  #port = 0;
  #process: ChildProcess | undefined;

  private constructor(options: RedisServerOptions) {
    this.#options = options;
  }

  static async start(options: RedisServerOptions = {}): Promise<RedisServer> {
    const server = new RedisServer(options);
    for (let attempt = 1; attempt <= START_TRIES; attempt++) {
      server.#port = await freePort();
      if (await server.#launch()) return server;
    }
    rmSync(server.#folder, { recursive: true });
    throw new Error('redis-server did not start');
  }

  get url(): string {
    const { tls, password } = this.#options;
    const login = password === undefined ? '' : `:${password}@`;
    return `${tls === undefined ? 'redis' : 'rediss'}://${login}127.0.0.1:${this.#port}`;
  }

  /** Starts it again where it was: empty, unless it keeps what it has. */
  async restart(): Promise<void> {
    const deadline = performance.now() + START_LIMIT_MS;
    while (!(await this.#launch())) {
      if (performance.now() > deadline) throw new Error('redis-server did not start again');
    }
  }

  async kill(): Promise<void> {
    const server = this.#process;
    if (server === undefined) return;
    this.#process = undefined;
    const exited = once(server, 'exit');
    server.kill('SIGKILL');
    await exited;
  }

  pause(): void {
    this.#process?.kill('SIGSTOP');
  }

  continue(): void {
    this.#process?.kill('SIGCONT');
  }

  async stop(): Promise<void> {
    await this.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #launch(): Promise<boolean> {
    const { tls, password, isKept = false } = this.#options;
    const ports =
      tls === undefined
        ? ['--port', String(this.#port)]
        : ['--port', '0', '--tls-port', String(this.#port), '--tls-cert-file', tls.cert];
    const args = [
      ...ports,
      ...(tls === undefined ? [] : ['--tls-key-file', tls.key, '--tls-auth-clients', 'no']),
      ...(password === undefined ? [] : ['--requirepass', password]),
      ...['--bind', '127.0.0.1', '--save', '', '--appendonly', isKept ? 'yes' : 'no', '--dir', this.#folder],
    ];
    const server = spawn('redis-server', args, { stdio: 'ignore' });
    const exited = once(server, 'exit');
    const deadline = performance.now() + START_LIMIT_MS;
    while (isRunning(server) && performance.now() < deadline) {
      if (await accepts(this.#port)) {
        // Somebody else may have taken the port meanwhile, and then ours has ended.
        if (!isRunning(server)) break;
        this.#process = server;
        return true;
      }
      await delay(10);
    }
    server.kill('SIGKILL');
    await exited;
    return false;
  }
}

const isRunning = (server: ChildProcess): boolean => server.exitCode === null;

async function freePort(): Promise<number> {
  const server = createServer().listen({ port: 0, host: '127.0.0.1' });
  await once(server, 'listening');
  // A TCP server's address is always an AddressInfo.
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
