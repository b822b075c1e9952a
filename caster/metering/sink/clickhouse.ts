// ClickHouse as the rest of the program sees it: a server, the embedded engine, or none, all behind one door. What the
// engine can do wrong comes back as a closed union; nothing here throws for an engine that is away.

import type { MeterTable } from '../usage-row.ts';
import type { SqlValue } from './sql-values.ts';

/** A row of an answer: 64-bit numbers, dates and times as text, smaller numbers as numbers. */
export type Row = Readonly<Record<string, unknown>>;

export interface ClickHouseProblem {
  readonly ok: false;
  /**
   * off: the configuration wants none. missing: the embedded engine is not installed. away: no answer, or it broke off.
   * too_slow: not within its time. bad_data: rows that no column takes. refused: anything else that it says no to.
   */
  readonly reason: 'off' | 'missing' | 'away' | 'too_slow' | 'bad_data' | 'refused';
  /** In its own words, cut to a length. */
  readonly detail: string;
  /** Number of its error, where it said one. */
  readonly code: number | undefined;
}

export type QueryAnswer = { readonly ok: true; readonly rows: readonly Row[] } | ClickHouseProblem;
export type CommandAnswer = { readonly ok: true } | ClickHouseProblem;

export interface ClickHouse {
  readonly kind: 'server' | 'embedded' | 'off';
  /** Names in braces stand for values: `… WHERE app_id = {app}` with `{ app }`; see sql-values.ts. */
  query(sql: string, params?: Readonly<Record<string, SqlValue>>): Promise<QueryAnswer>;
  /** A statement without rows as its answer. */
  command(sql: string): Promise<CommandAnswer>;
  /** One JSON object a line, by column names. After anything but ok, none, some or all of them may be stored. */
  insert(table: MeterTable, lines: Uint8Array): Promise<CommandAnswer>;
  ping(): Promise<CommandAnswer>;
  close(): Promise<void>;
}
