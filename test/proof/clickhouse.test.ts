// Proves what DESIGN §8 says of ClickHouse: one table, one set of statements, taken alike by a server of 2018 through
// the official package and by the embedded engine in a process of its own; every batch may be sent twice, and again
// after a crash, and every sum stays exact.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ClickHouseLogLevel, createClient } from '@clickhouse/client';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { CHDB_CHILD, startChdb } from './chdb-engine.ts';
import {
  type ClickHouseServer,
  findClickHouseServer,
  READER,
  startClickHouseServer,
} from './clickhouse-server.ts';
import { seededChance } from './seeded.ts';
import {
  CREATE_DAILY,
  CREATE_USAGE,
  dropDay,
  LAST_TOTAL_BY_SESSION,
  SUM_AS_STORED,
  SUM_BY_APP,
  SUM_BY_ARG_MAX,
  SUM_BY_FINAL,
  type UsageEngine,
  type UsageRow,
} from './usage-table.ts';

const DAYS = ['2026-11-20', '2026-11-21'] as const;
const SESSIONS = 12;
const WINDOWS = 40;

const serverProgram = findClickHouseServer();
const hasChdb = canResolve('chdb');

function canResolve(name: string): boolean {
  try {
    createRequire(import.meta.url).resolve(name);
    return true;
  } catch {
    return false;
  }
}

/** The rows of all sessions, window after window; some deltas beyond what a double can hold. */
function usageRows(): UsageRow[] {
  const chance = seededChance(81);
  const totals = new Map<string, bigint>();
  return Array.from({ length: SESSIONS * WINDOWS }, (_, i) => {
    const [session, window] = [i % SESSIONS, Math.floor(i / SESSIONS)];
    const id = `session-${session}`;
    const delta = BigInt(Math.floor(chance() * 1e6)) + (session === 0 ? 2n ** 53n : 0n);
    totals.set(id, (totals.get(id) ?? 0n) + delta);
    return {
      session_id: id,
      window_number: window,
      revision: 1,
      session_day: DAYS[session % 2]!,
      // The session of the first day runs past midnight, so its windows end on the next day.
      window_end: `2026-11-21 ${String(window % 24).padStart(2, '0')}:00:10`,
      app_id: `app-${session % 3}`,
      bytes_total: String(totals.get(id)),
      bytes_delta: String(delta),
    };
  });
}

function sumOf(rows: readonly UsageRow[]): string {
  return String(rows.reduce((sum, row) => sum + BigInt(row.bytes_delta), 0n));
}

/** Sums by a column, computed here and not by any engine. */
function sumsBy(rows: readonly UsageRow[], column: 'app_id' | 'session_id'): Record<string, string>[] {
  const names = [...new Set(rows.map((row) => row[column]))].sort();
  return names.map((name) => ({ [column]: name, bytes: sumOf(rows.filter((row) => row[column] === name)) }));
}

/** Sends every batch twice, the second time cut elsewhere, as a spool does after a lost answer. */
async function sendTwice(engine: UsageEngine, rows: readonly UsageRow[]): Promise<void> {
  for (const batch of [100, 77]) {
    for (let at = 0; at < rows.length; at += batch) await engine.insert(rows.slice(at, at + batch));
  }
}

/** One row of `n` and `bytes`, with the count as a number whichever way the engine writes it. */
async function sumFrom(engine: UsageEngine, statement: string): Promise<{ n: number; bytes: unknown }> {
  const [row] = await engine.query(statement);
  return { n: Number(row!.n), bytes: row!.bytes };
}

interface EngineCase {
  readonly name: string;
  readonly missing: string | undefined;
  readonly start: () => Promise<UsageEngine>;
}

const temporary: string[] = [];

function temporaryFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'rovercast-chdb-'));
  temporary.push(folder);
  return folder;
}

afterAll(() => {
  for (const folder of temporary) rmSync(folder, { recursive: true, force: true });
});

const engines: EngineCase[] = [
  {
    name: 'clickhouse-server, through the official package',
    missing: serverProgram === undefined ? 'clickhouse-server is not installed' : undefined,
    start: () => startClickHouseServer(serverProgram!),
  },
  {
    name: 'chDB, in a process of its own',
    missing: hasChdb ? undefined : 'chdb is not installed',
    start: () => startChdb(temporaryFolder()),
  },
];

describe.each(engines)('$name', ({ missing, start }) => {
  const rows = usageRows();
  let engine: UsageEngine;

  beforeAll(async () => {
    if (missing !== undefined) return;
    engine = await start();
    await engine.run(CREATE_USAGE);
    await engine.run(CREATE_DAILY);
    // Duplicates shall stay to be seen when the sums are asked for.
    await engine.run('SYSTEM STOP MERGES');
    await sendTwice(engine, rows);
  });

  beforeEach(({ skip }) => {
    skip(missing !== undefined, missing);
  });

  afterAll(async () => {
    if (missing === undefined) await engine.stop();
  });

  test('stores what is sent twice twice, so that the sums below have something to do', async () => {
    expect(await sumFrom(engine, SUM_AS_STORED)).toHaveProperty('n', 2 * rows.length);
  });

  test.each([
    ['FINAL', SUM_BY_FINAL],
    ['argMax', SUM_BY_ARG_MAX],
  ])('counts each window once, to the byte, when read by %s', async (_, statement) => {
    expect(await sumFrom(engine, statement)).toEqual({ n: rows.length, bytes: sumOf(rows) });
  });

  test('gives exact sums by app through a roll-up that is a view', async () => {
    expect(await engine.query(SUM_BY_APP)).toEqual(sumsBy(rows, 'app_id'));
  });

  test('gives the cumulative value of the last window of each session', async () => {
    expect(await engine.query(LAST_TOTAL_BY_SESSION)).toEqual(sumsBy(rows, 'session_id'));
  });

  test('reads times as UTC, whatever zone the server is set to', async () => {
    expect(await engine.query('SELECT DISTINCT toString(day) AS day FROM usage_daily')).toEqual([
      { day: '2026-11-21' },
    ]);
  });

  test('puts every window of a session into the partition of the day it started', async () => {
    const partitions = await engine.query(
      `SELECT DISTINCT partition FROM system.parts
       WHERE database = currentDatabase() AND table = 'usage' AND active ORDER BY partition`,
    );
    expect(partitions).toEqual(DAYS.map((partition) => ({ partition })));
  });

  test('says what is wrong with a statement by number', async () => {
    await expect(engine.query('SELECT nosuch FROM usage')).rejects.toThrow(/Code: 47\b/);
  });

  test('takes a corrected row for its window, whichever of the two arrives last', async () => {
    const original = { ...rows[0]!, session_id: 'corrected', session_day: '2026-11-22', bytes_delta: '100' };
    const corrected = { ...original, revision: 2, bytes_delta: '70' };
    await engine.insert([original]);
    await engine.insert([corrected]);
    await engine.insert([original]);
    const readBack = `SELECT toString(bytes_delta) AS bytes FROM usage FINAL WHERE session_id = 'corrected'`;
    expect(await engine.query(readBack)).toEqual([{ bytes: '70' }]);
  });

  test('forgets a day by dropping its partition and nothing else', async () => {
    await engine.run(dropDay('2026-11-22'));
    await engine.run(dropDay(DAYS[0]));
    const kept = rows.filter((row) => row.session_day === DAYS[1]);
    expect(await sumFrom(engine, SUM_BY_FINAL)).toEqual({ n: kept.length, bytes: sumOf(kept) });
  });

  test('keeps the sums when the duplicates are merged away', async () => {
    const before = await sumFrom(engine, SUM_BY_FINAL);
    await engine.run('SYSTEM START MERGES');
    await engine.run('OPTIMIZE TABLE usage FINAL');
    expect(await sumFrom(engine, SUM_AS_STORED)).toEqual(before);
  });
});

describe('a server that knows users only from a file', () => {
  let server: ClickHouseServer;

  beforeAll(async () => {
    if (serverProgram !== undefined) server = await startClickHouseServer(serverProgram);
  });

  beforeEach(({ skip }) => {
    skip(serverProgram === undefined, 'clickhouse-server is not installed');
  });

  afterAll(async () => {
    if (serverProgram !== undefined) await server.stop();
  });

  test('lets the reading user read and not write', async () => {
    await server.run(CREATE_USAGE);
    const reader = createClient({ url: server.url, ...READER, log: { level: ClickHouseLogLevel.OFF } });
    const read = await reader.query({ query: SUM_BY_FINAL, format: 'JSONEachRow' });
    expect(await read.json()).toEqual([{ n: '0', bytes: '0' }]);
    const write = reader.insert({ table: 'usage', values: usageRows().slice(0, 1), format: 'JSONEachRow' });
    await expect(write).rejects.toThrow(/readonly/i);
    await reader.close();
  });

  test('takes and gives compressed bodies', async () => {
    const compressing = createClient({
      url: server.url,
      compression: { request: true, response: true },
      log: { level: ClickHouseLogLevel.OFF },
    });
    const rows = usageRows();
    await server.run('CREATE TABLE compressed AS usage');
    await compressing.insert({ table: 'compressed', values: rows, format: 'JSONEachRow' });
    const back = await compressing.query({ query: 'SELECT * FROM compressed', format: 'JSONEachRow' });
    const received = await back.json<UsageRow>();
    expect({ n: received.length, bytes: sumOf(received) }).toEqual({ n: rows.length, bytes: sumOf(rows) });
    await compressing.close();
  });
});

describe('the process of the embedded engine', () => {
  beforeEach(({ skip }) => {
    skip(!hasChdb, 'chdb is not installed');
  });

  test.each(['SIGKILL', 'SIGSEGV'] as const)(
    'may die by %s between batches: what it took is there, and all of it sent again is counted once',
    async (signal) => {
      const folder = temporaryFolder();
      const rows = usageRows();
      const first = await startChdb(folder);
      await first.run(CREATE_USAGE);
      const taken: UsageRow[] = [];
      const batches = Array.from({ length: 24 }, (_, i) => rows.slice(20 * i, 20 * i + 20));
      const outcomes = await Promise.allSettled(
        batches.map(async (batch) => {
          await first.insert(batch);
          taken.push(...batch);
          if (taken.length === 100) first.process.kill(signal);
        }),
      );
      expect(outcomes.at(-1)).toMatchObject({ reason: { message: `chDB ended: ${signal}` } });

      const second = await startChdb(folder);
      const stored = await second.query('SELECT session_id, window_number FROM usage');
      const nameOf = ({ session_id, window_number }: Record<string, unknown> | UsageRow) =>
        `${String(session_id)} ${String(window_number)}`;
      expect(stored.map(nameOf)).toEqual(expect.arrayContaining(taken.map(nameOf)));
      await second.insert(rows);
      expect(await sumFrom(second, SUM_BY_FINAL)).toEqual({ n: rows.length, bytes: sumOf(rows) });
      await second.stop();
    },
  );

  test('ends by itself when its standard input closes', async () => {
    const engine = await startChdb(temporaryFolder());
    await engine.stop();
    expect(engine.process.exitCode).toBe(0);
  });

  test('does not outlive a parent that is killed', async () => {
    const parentScript = `
      const { spawn } = require('node:child_process');
      const stdio = ['pipe', 'inherit', 'inherit', 'ipc'];
      const child = spawn(process.execPath, ${JSON.stringify([CHDB_CHILD, temporaryFolder()])}, { stdio });
      child.on('message', () => console.log('ready'));
    `;
    const parent = spawn(process.execPath, ['-e', parentScript], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(parent.stdout, 'data');
    parent.kill('SIGKILL');
    // The engine holds the same pipe as its parent, so the pipe ends with the last of the two.
    await once(parent, 'close');
    expect(parent.signalCode).toBe('SIGKILL');
  });
});
