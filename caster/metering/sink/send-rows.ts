// Hands rows of one table to the engine. Where it cannot read them, they are halved until the bad ones stand alone: those
// are kept aside, and all others get in.

import type { MeterTable } from '../usage-row.ts';
import type { ClickHouse, ClickHouseProblem } from './clickhouse.ts';
import { problem } from './engine-error.ts';
import type { RefusedRows } from './refused-rows.ts';
import { missingColumn } from './tables.ts';

export interface RowsDoor {
  readonly clickhouse: ClickHouse;
  readonly refused: RefusedRows;
  /** Of each row that was kept aside. */
  readonly onRefused: (row: { table: MeterTable; file: string; detail: string }) => void;
}

/** `ok` says that each row is stored or kept aside. After a problem all of them may be sent again. */
export type RowsSent = { readonly ok: true } | ClickHouseProblem;

export async function sendRows(door: RowsDoor, table: MeterTable, lines: Buffer): Promise<RowsSent> {
  const answer = await door.clickhouse.insert(table, lines);
  if (answer.ok || answer.reason !== 'bad_data') return answer;
  // A table that lacks a column would refuse every row: that is no row's fault.
  const lacking = await missingColumn(door.clickhouse, table, lines.subarray(0, lines.indexOf(LINE_END) + 1));
  return lacking ?? (await isolate(door, table, lines, answer));
}

const LINE_END = 0x0a;

async function isolate(
  door: RowsDoor,
  table: MeterTable,
  lines: Buffer,
  why: ClickHouseProblem,
): Promise<RowsSent> {
  const halves = halvesOf(lines);
  if (halves === undefined) {
    const file = door.refused.keep(table, lines);
    if (file === undefined)
      return problem('refused', `a row of ${table} can neither be stored nor kept aside`);
    door.onRefused({ table, file, detail: why.detail });
    return { ok: true };
  }
  for (const half of halves) {
    const answer = await door.clickhouse.insert(table, half);
    if (answer.ok) continue;
    if (answer.reason !== 'bad_data') return answer;
    const isolated = await isolate(door, table, half, answer);
    if (!isolated.ok) return isolated;
  }
  return { ok: true };
}

/** Undefined where it is one row. */
function halvesOf(lines: Buffer): readonly [Buffer, Buffer] | undefined {
  const middle = lines.length >> 1;
  const after = lines.indexOf(LINE_END, middle) + 1;
  const end = after > 0 && after < lines.length ? after : lines.lastIndexOf(LINE_END, middle - 1) + 1;
  return end > 0 ? [lines.subarray(0, end), lines.subarray(end)] : undefined;
}
