// Debian's clickhouse-server, started for one test: its own configuration, users, data folder and free ports.
// Never the machine's own service, never a data folder that outlives the test.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ClickHouseLogLevel, createClient } from '@clickhouse/client';
import { findCommand } from '../../scripts/setup/debian.mjs';
import { type UsageEngine } from './usage-table.ts';

const START_TRIES = 3;
const START_LIMIT_MS = 20_000;
export const READER = { username: 'reader', password: 'only-reads' };

export interface ClickHouseServer extends UsageEngine {
  readonly url: string;
  /** Ends the process as the kernel would; its data stays. */
  kill: () => Promise<void>;
  /** After `kill`: on the same port, with the same data. */
  restart: () => Promise<void>;
}

/** The server's program, or undefined where it is not installed. */
export function findClickHouseServer(): string | undefined {
  return findCommand('clickhouse-server') as string | undefined;
}

async function freePort(): Promise<number> {
  const server = createServer().listen({ port: 0, host: '127.0.0.1' });
  await once(server, 'listening');
  // A TCP server's address is always an AddressInfo.
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

function serverConfig(folder: string, httpPort: number, tcpPort: number): string {
  return `<yandex>
  <logger><level>warning</level><log>${folder}/log</log><errorlog>${folder}/error-log</errorlog></logger>
  <listen_host>127.0.0.1</listen_host>
  <http_port>${httpPort}</http_port>
  <tcp_port>${tcpPort}</tcp_port>
  <timezone>Asia/Shanghai</timezone>
  <mark_cache_size>67108864</mark_cache_size>
  <path>${folder}/data/</path>
  <tmp_path>${folder}/tmp/</tmp_path>
  <users_config>${folder}/users.xml</users_config>
  <default_profile>default</default_profile>
  <default_database>default</default_database>
</yandex>
`;
}

/** A user who writes and one who reads, as an old server wants them: in a file, since it has no CREATE USER. */
const USERS = `<yandex>
  <profiles>
    <default></default>
    <reader><readonly>1</readonly></reader>
  </profiles>
  <quotas><default></default></quotas>
  <users>
    <default>
      <password></password><profile>default</profile><quota>default</quota>
      <networks><ip>127.0.0.1</ip></networks>
    </default>
    <${READER.username}>
      <password>${READER.password}</password><profile>reader</profile><quota>default</quota>
      <networks><ip>127.0.0.1</ip></networks>
    </${READER.username}>
  </users>
</yandex>
`;

async function isAnswering(url: string, server: ChildProcess): Promise<boolean> {
  const deadline = performance.now() + START_LIMIT_MS;
  while (server.exitCode === null && performance.now() < deadline) {
    const answer = await fetch(`${url}/ping`).catch(() => undefined);
    if (answer?.ok === true) return true;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return false;
}

/**
 * Starts the server and a connection to it as the writing user. Throws where it does not come up. `moreUsers` are files
 * of its folder users.d, by name.
 */
export async function startClickHouseServer(
  program: string,
  moreUsers: Readonly<Record<string, string>> = {},
): Promise<ClickHouseServer> {
  const folder = mkdtempSync(path.join(tmpdir(), 'rovercast-clickhouse-'));
  for (const name of ['data', 'tmp', 'users.d']) mkdirSync(path.join(folder, name));
  writeFileSync(path.join(folder, 'users.xml'), USERS);
  for (const [name, text] of Object.entries(moreUsers))
    writeFileSync(path.join(folder, 'users.d', name), text);
  for (let attempt = 1; attempt <= START_TRIES; attempt += 1) {
    const [httpPort, tcpPort] = [await freePort(), await freePort()];
    writeFileSync(path.join(folder, 'config.xml'), serverConfig(folder, httpPort, tcpPort));
    const server = spawnServer(program, folder);
    const url = `http://127.0.0.1:${httpPort}`;
    if (await isAnswering(url, server)) return connectTo(url, server, folder, program);
    server.kill('SIGKILL');
  }
  const log = readFileSync(path.join(folder, 'error-log'), 'utf8');
  rmSync(folder, { recursive: true });
  throw new Error(`clickhouse-server did not start:\n${log}`);
}

function spawnServer(program: string, folder: string): ChildProcess {
  return spawn(program, [`--config-file=${folder}/config.xml`], { stdio: 'ignore' });
}

async function endServer(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const exited = once(server, 'exit');
  server.kill('SIGKILL');
  await exited;
}

function connectTo(url: string, first: ChildProcess, folder: string, program: string): ClickHouseServer {
  let server = first;
  const connection = createClient({ url, log: { level: ClickHouseLogLevel.OFF } });
  return {
    url,
    run: async (statement) => {
      await connection.command({ query: statement });
    },
    insert: async (rows) => {
      await connection.insert({ table: 'usage', values: rows, format: 'JSONEachRow' });
    },
    query: async (statement) => {
      const result = await connection.query({
        query: statement,
        format: 'JSONEachRow',
        // Without it an old server reports an error in the middle of a result inside the result.
        clickhouse_settings: { wait_end_of_query: 1 },
      });
      return result.json<Record<string, unknown>>();
    },
    stop: async () => {
      await connection.close();
      await endServer(server);
      rmSync(folder, { recursive: true });
    },
    kill: () => endServer(server),
    restart: async () => {
      server = spawnServer(program, folder);
      if (!(await isAnswering(url, server))) throw new Error('clickhouse-server did not start again');
    },
  };
}
