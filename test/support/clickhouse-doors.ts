// Both kinds of ClickHouse behind the caster's own door, each with what a test does to it: end it as the kernel would,
// and have it back.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { ClickHouse } from '../../caster/metering/sink/clickhouse.ts';
import { openEmbedded } from '../../caster/metering/sink/clickhouse-embedded.ts';
import { connectServer } from '../../caster/metering/sink/clickhouse-server.ts';
import { Journal } from '../../platform/observe/journal.ts';
import { entryUrl } from '../../workers/entry-url.ts';
import { findClickHouseServer, startClickHouseServer } from '../proof/clickhouse-server.ts';
import { memoryLog } from '../unit/platform/observe/memory-log.ts';

export interface MeteringEngine {
  readonly clickhouse: ClickHouse;
  /** As `metering.url` would say; `chdb:` for the embedded one. */
  readonly url: string;
  /** Events that the door told. */
  readonly events: () => string[];
  /** SIGKILL. */
  readonly kill: () => Promise<void>;
  /** Has it back where it does not come by itself. */
  readonly restart: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

export interface EngineKind {
  readonly name: string;
  /** Why a test of it has to be left out. */
  readonly missing: string | undefined;
  readonly start: () => Promise<MeteringEngine>;
}

const server = findClickHouseServer();

export const ENGINES: readonly EngineKind[] = [
  { name: 'embedded', missing: undefined, start: startEmbedded },
  {
    name: 'a server of 2018',
    missing: server === undefined ? 'clickhouse-server is not installed' : undefined,
    start: () => startServer(server!),
  },
];

async function startEmbedded(): Promise<MeteringEngine> {
  const folder = mkdtempSync(path.join(tmpdir(), 'rovercast-engine-'));
  const { log, lines } = memoryLog();
  const clickhouse = openEmbedded({
    folder,
    program: entryUrl('chdb-process'),
    journal: new Journal(log),
  });
  const up = await clickhouse.ping();
  if (!up.ok) throw new Error(up.detail);
  return {
    clickhouse,
    url: 'chdb:',
    events: () => lines().map(({ event }) => String(event)),
    kill: () => {
      killProcessesOf(folder);
      return Promise.resolve();
    },
    restart: () => Promise.resolve(),
    stop: async () => {
      await clickhouse.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The engine's processes that have this folder as their argument. */
export function engineProcesses(folder: string): number[] {
  return execFileSync('ps', ['-eo', 'pid=,args='], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line.includes('chdb-process') && line.includes(folder))
    .map((line) => Number.parseInt(line, 10));
}

export function killProcessesOf(folder: string): void {
  for (const pid of engineProcesses(folder)) process.kill(pid, 'SIGKILL');
}

async function startServer(program: string): Promise<MeteringEngine> {
  const running = await startClickHouseServer(program);
  const clickhouse = connectServer(running.url);
  return {
    clickhouse,
    url: running.url,
    events: () => [],
    kill: running.kill,
    restart: running.restart,
    stop: async () => {
      await clickhouse.close();
      await running.stop();
    },
  };
}
