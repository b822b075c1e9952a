// A PostgreSQL cluster of its own for a test or bench: Debian's server in a folder of its own, on a free TCP port of
// loopback and a socket in that folder, as a user that is not root, with a password. Nothing of it stays.

import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import {
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Client } from 'pg';

const PASSWORD = 'p@ss/of:the test?';
const VERSIONS = '/usr/lib/postgresql';
const READY_MS_MAX = 30_000;

export interface PostgresServer {
  readonly port: number;
  /** Of an empty database made for the caller. */
  newDatabase(options?: string): Promise<string>;
  /** URL of a database of that name, whether it is there or not. */
  url(database: string): string;
  /** As its administrator; runs several statements at once. */
  admin(statements: string): Promise<void>;
  /** Ends it as a crash would, or in order. */
  stop(how: 'at once' | 'in order'): Promise<void>;
  /** Starts it anew on the same port, with what it had. */
  start(): Promise<void>;
  remove(): Promise<void>;
}

/** For `context.skip(reason !== undefined, reason)`. */
export function whyNoPostgres(): string | undefined {
  if (binFolder() === undefined) return `no PostgreSQL under ${VERSIONS} (apt-get install postgresql)`;
  if (process.getuid?.() === 0 && serverUser() === undefined)
    return 'PostgreSQL refuses root, and there is no other user';
  return undefined;
}

function binFolder(): string | undefined {
  if (!existsSync(VERSIONS)) return undefined;
  return readdirSync(VERSIONS)
    .toSorted((a, b) => Number(b) - Number(a))
    .map((version) => path.join(VERSIONS, version, 'bin'))
    .find((folder) => existsSync(path.join(folder, 'initdb')));
}

/** Whom root becomes for it; nobody else where we are not root. */
function serverUser(): { uid: number; gid: number } | undefined {
  const rows = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
  const row = rows.find(([name]) => name === 'postgres') ?? rows.find(([name]) => name === 'nobody');
  return row === undefined ? undefined : { uid: Number(row[2]), gid: Number(row[3]) };
}

/** `durable` only where the time of a commit is what is measured. */
export async function startPostgres({ durable = false } = {}): Promise<PostgresServer> {
  const bin = binFolder();
  if (bin === undefined) throw new Error(whyNoPostgres());
  const folder = mkdtempSync(path.join(tmpdir(), 'rovercast-pg-'));
  const identity = process.getuid?.() === 0 ? serverUser() : undefined;
  const data = path.join(folder, 'data');
  const passwordFile = path.join(folder, 'password');
  mkdirSync(data);
  writeFileSync(passwordFile, `${PASSWORD}\n`);
  if (identity !== undefined)
    for (const file of [folder, data, passwordFile]) chownSync(file, identity.uid, identity.gid);
  const server = new Server({ bin, folder, data, identity, port: await freePort(), durable });
  const args = ['--username=owner', `--pwfile=${passwordFile}`, '--auth=scram-sha-256', '--encoding=UTF8'];
  execFileSync(path.join(bin, 'initdb'), [...args, '--locale=C.UTF-8', '--no-sync', '-D', data], {
    ...identity,
    cwd: folder,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  await server.start();
  return server;
}

interface ServerParts {
  readonly bin: string;
  readonly folder: string;
  readonly data: string;
  readonly identity: { uid: number; gid: number } | undefined;
  readonly port: number;
  readonly durable: boolean;
}

class Server implements PostgresServer {
  readonly port: number;
  readonly #parts: ServerParts;
  #process: ChildProcess | undefined;
  #databases = 0;
  #said = '';

  constructor(parts: ServerParts) {
    this.#parts = parts;
    this.port = parts.port;
  }

  url(database: string): string {
    return `postgres://owner:${encodeURIComponent(PASSWORD)}@127.0.0.1:${this.port}/${database}`;
  }

  async newDatabase(options = ''): Promise<string> {
    const name = `test_${++this.#databases}`;
    await this.admin(`create database ${name} ${options}`);
    return this.url(name);
  }

  async admin(statements: string): Promise<void> {
    const client = new Client({ connectionString: this.url('postgres'), connectionTimeoutMillis: 5000 });
    // A query that the server's end cuts off says so itself.
    client.on('error', () => undefined);
    await client.connect();
    try {
      await client.query(statements);
    } finally {
      await client.end();
    }
  }

  async start(): Promise<void> {
    const { bin, data, folder, identity, durable } = this.#parts;
    const settings = [
      'listen_addresses=127.0.0.1',
      `unix_socket_directories=${folder}`,
      `fsync=${durable ? 'on' : 'off'}`,
    ];
    const child = spawn(
      path.join(bin, 'postgres'),
      ['-D', data, '-p', String(this.port), ...settings.flatMap((setting) => ['-c', setting])],
      { ...identity, cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] },
    );
    this.#process = child;
    child.stderr.on('data', (text: Buffer) => (this.#said = (this.#said + text.toString()).slice(-4000)));
    process.once('exit', () => child.kill('SIGQUIT'));
    await this.#ready(child);
  }

  /** It says so itself. */
  #ready(child: ChildProcess): Promise<void> {
    this.#said = '';
    return new Promise((resolve, reject) => {
      const fail = (): void => reject(new Error(`PostgreSQL did not start: ${this.#said}`));
      const deadline = setTimeout(fail, READY_MS_MAX);
      child.once('exit', fail);
      child.stderr!.on('data', () => {
        if (!this.#said.includes('ready to accept connections')) return;
        clearTimeout(deadline);
        child.off('exit', fail);
        resolve();
      });
    });
  }

  async stop(how: 'at once' | 'in order'): Promise<void> {
    const child = this.#process;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill(how === 'at once' ? 'SIGQUIT' : 'SIGINT');
    await gone;
  }

  async remove(): Promise<void> {
    await this.stop('at once');
    rmSync(this.#parts.folder, { recursive: true, force: true });
  }
}

function freePort(): Promise<number> {
  const probe = createServer();
  return new Promise((resolve, reject) => {
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });
}
