// Makes the tables of config/clickhouse: numbered files in their order, each statement harmless where it has been made
// before. Files are added and never changed, as the store's migrations.

import { readdirSync, readFileSync } from 'node:fs';
import type { MeterTable } from '../usage-row.ts';
import type { ClickHouse, CommandAnswer } from './clickhouse.ts';
import { problem } from './engine-error.ts';

const FOLDER = new URL('../../../config/clickhouse/', import.meta.url);
const NUMBERED = /^\d{3}-.*\.sql$/;
const ADD_COLUMN = /^\s*ALTER TABLE (\w+) ADD COLUMN (\w+) /;

/** What rows are sent to; also what retention looks after. */
export const METER_TABLES: readonly MeterTable[] = [
  'usage',
  'sessions',
  'charges',
  'logins',
  'stream_quality',
  'stream_health',
];

export function tableStatements(): string[] {
  const files = readdirSync(FOLDER).filter((name) => NUMBERED.test(name));
  return files.toSorted().flatMap((file) => {
    const text = readFileSync(new URL(file, FOLDER), 'utf8').replaceAll(/^\s*--.*$/gm, '');
    return text.split(';').filter((statement) => statement.trim() !== '');
  });
}

/** Stops at the first statement that is not taken; all of them may be tried again. */
export async function makeTables(clickhouse: ClickHouse): Promise<CommandAnswer> {
  for (const statement of tableStatements()) {
    const answer = await clickhouse.command(statement);
    if (!answer.ok && !(await isAdded(clickhouse, statement))) return answer;
  }
  return clickhouse.kind === 'embedded' ? await makeDurable(clickhouse) : { ok: true };
}

/** Whether the statement was to add a column that is there. */
async function isAdded(clickhouse: ClickHouse, statement: string): Promise<boolean> {
  const [, table, column] = ADD_COLUMN.exec(statement) ?? [];
  if (table === undefined) return false;
  const description = await clickhouse.query(`DESCRIBE TABLE ${table}`);
  return description.ok && description.rows.some(({ name }) => name === column);
}

/**
 * What the embedded engine has taken stays after a loss of power, as it then leaves the spool. A server's durability is
 * its operator's, and one of 2018 knows no such setting.
 */
async function makeDurable(clickhouse: ClickHouse): Promise<CommandAnswer> {
  for (const table of METER_TABLES) {
    const answer = await clickhouse.command(
      `ALTER TABLE ${table} MODIFY SETTING fsync_after_insert = 1, fsync_part_directory = 1`,
    );
    if (!answer.ok) return answer;
  }
  return { ok: true };
}

/**
 * Why rows like this line cannot be stored whatever they hold: a table of another version lacks a column. Undefined where
 * it has them all.
 */
export async function missingColumn(
  clickhouse: ClickHouse,
  table: MeterTable,
  line: Uint8Array,
): Promise<CommandAnswer | undefined> {
  const description = await clickhouse.query(`DESCRIBE TABLE ${table}`);
  if (!description.ok) return description;
  const columns = new Set(description.rows.map(({ name }) => name));
  const lacking = fieldsOf(line).find((field) => !columns.has(field));
  return lacking === undefined ? undefined : problem('refused', `table ${table} has no column ${lacking}`);
}

function fieldsOf(line: Uint8Array): string[] {
  try {
    const row: unknown = JSON.parse(Buffer.from(line).toString());
    return typeof row === 'object' && row !== null ? Object.keys(row) : [];
  } catch {
    return [];
  }
}
