// Both engines that hold what is metered, started for one test, and the tables of config/clickhouse in them.

import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { onTestFinished, type TestContext } from 'vitest';
import { startChdb } from '../proof/chdb-engine.ts';
import { findClickHouseServer, startClickHouseServer } from '../proof/clickhouse-server.ts';
import type { UsageEngine } from '../proof/usage-table.ts';

export const CLICKHOUSE_FOLDER = path.join(import.meta.dirname, '../../config/clickhouse');

const server = findClickHouseServer();

/** Each with its name and how it is started; it has to be stopped. Skips the test where it is not installed. */
export const METER_ENGINES: readonly [string, (context: TestContext) => Promise<UsageEngine>][] = [
  ['embedded', startEmbedded],
  [
    'a server of 2018',
    (context) => startClickHouseServer(server ?? context.skip('clickhouse-server is not installed')),
  ],
];

/** Whose data folder goes when the test is over; it has to be stopped. */
export async function startEmbedded(): Promise<UsageEngine> {
  const folder = mkdtempSync(path.join(tmpdir(), 'rovercast-tables-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return await startChdb(folder);
}

/** Of the numbered files, in their order. */
export function tableStatements(): string[] {
  const files = readdirSync(CLICKHOUSE_FOLDER).filter((name) => /^\d{3}-.*\.sql$/.test(name));
  return files.toSorted().flatMap((file) => {
    const text = readFileSync(path.join(CLICKHOUSE_FOLDER, file), 'utf8').replace(/^--.*$/gm, '');
    return text.split(';').filter((statement) => statement.trim() !== '');
  });
}
