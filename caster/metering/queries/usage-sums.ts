// Sums of usage, by keys, a page at a time, with the totals of all rows behind the whole list. Page and totals are one
// statement over one state of the table, so they cannot disagree: everything is counted twice there, once in its own
// group and once in the group of all.

import type { ClickHouse, ClickHouseProblem, Row } from '../sink/clickhouse.ts';
import { aboutUsage, behind, type UsageFilter } from './meter-filter.ts';
import { readCursor, writeCursor } from './report-cursor.ts';
import { askSingleRows, countOf, textOf } from './single-rows.ts';

/** Whole numbers. */
export interface UsageSums {
  readonly bytes: number;
  readonly epochs: number;
  readonly frames: number;
  readonly epochsDropped: number;
  readonly framesDropped: number;
  readonly activeSeconds: number;
  readonly durationMs: number;
  /** Different sessions: one that is in several groups counts in each, and once in the totals. */
  readonly sessions: number;
  /** Usage rows that were added up. */
  readonly windows: number;
}

/** Field of an answer -> column of `usage`. */
export const SUMMED = {
  bytes: 'bytes',
  epochs: 'epochs',
  frames: 'frames',
  epochsDropped: 'epochs_dropped',
  framesDropped: 'frames_dropped',
  activeSeconds: 'active_seconds',
  durationMs: 'duration_ms',
} as const;

const COUNTED = Object.values(SUMMED);

/** Of a window, of the windows that a session has in a group, and of all that is in a group. */
const OF_WINDOW = [...COUNTED.map((column) => `${column} AS part_of_${column}`), '1 AS part_of_windows'];
const OF_SESSION = [
  ...COUNTED.map((column) => `sum(${column}) AS part_of_${column}`),
  'count() AS part_of_windows',
];
const OF_GROUP = [
  ...COUNTED.map((column) => `toString(sum(part_of_${column})) AS sum_of_${column}`),
  'toString(uniqExact(session_id)) AS sessions',
  'toString(sum(part_of_windows)) AS windows',
];

export const NO_USAGE: UsageSums = {
  ...{ bytes: 0, epochs: 0, frames: 0, epochsDropped: 0, framesDropped: 0 },
  ...{ activeSeconds: 0, durationMs: 0, sessions: 0, windows: 0 },
};

export interface UsageGroup {
  /** In order of the keys that were asked for. */
  readonly keys: readonly string[];
  readonly sums: UsageSums;
  /** Further columns that were asked for. */
  readonly row: Row;
}

export interface UsageSumsAsk {
  readonly filter: UsageFilter;
  /** Expressions over the columns of `usage` that give text, by which the rows are grouped and the list is in order. */
  readonly keys: readonly string[];
  /**
   * Whether the windows that a session has in a group are added up first: half the time, or twice as much where a session
   * has hardly more than one.
   */
  readonly isBySession: boolean;
  /** Further columns, where a group is one session (`isBySession`): their names with aggregates over the columns of `usage`. */
  readonly further?: Readonly<Record<string, string>>;
  readonly order: 'ascending' | 'descending';
  readonly limit: number;
  readonly cursor?: string | undefined;
}

export type SumsAnswer =
  | {
      readonly ok: true;
      readonly groups: readonly UsageGroup[];
      readonly totals: UsageSums;
      /** Null where this is the last page. */
      readonly nextCursor: string | null;
    }
  | { readonly ok: false; readonly reason: 'invalid_cursor' }
  | ClickHouseProblem;

export async function sumUsage(clickhouse: ClickHouse, ask: UsageSumsAsk): Promise<SumsAnswer> {
  const names = ask.keys.map((_, index) => `key${index}`);
  const further = Object.keys(ask.further ?? {});
  const after = ask.cursor === undefined ? [] : readCursor(ask.cursor, names.length);
  if (after === undefined) return { ok: false, reason: 'invalid_cursor' };
  const place = after.length === 0 ? undefined : behind(names, after, ask.order);
  const direction = ask.order === 'ascending' ? 'ASC' : 'DESC';
  const found = await askSingleRows(
    clickhouse,
    aboutUsage(ask.filter),
    (fromWhere) => `
      SELECT is_total, ${listOf(ask.keys, (_, index) => `if(is_total = 1, '', own${index}) AS key${index}`)},
        ${[...OF_GROUP, ...further.map((name) => `any(one_${name}) AS ${name}`)].join(', ')}
      FROM (SELECT arrayJoin([0, 1]) AS is_total, * FROM (${partsOf(ask, fromWhere)}))
      GROUP BY is_total, ${names.join(', ')}
      ${place === undefined ? '' : `HAVING is_total = 1 OR ${place.sql}`}
      ORDER BY is_total DESC, ${names.map((name) => `${name} ${direction}`).join(', ')}
      LIMIT ${ask.limit + 2}`,
    place?.params,
  );
  if (!found.ok) return found;
  // One more than asked for tells whether there is a next page.
  const [totals, ...more] = found.rows;
  const groups = more.slice(0, ask.limit).map((row) => groupOf(row, names));
  const last = groups.at(-1);
  return {
    ok: true,
    groups,
    totals: totals === undefined ? NO_USAGE : sumsOf(totals),
    nextCursor: more.length > ask.limit && last !== undefined ? writeCursor(last.keys) : null,
  };
}

/** What is added up: windows, or what each session has in each group. */
function partsOf({ keys, isBySession, further = {} }: UsageSumsAsk, fromWhere: string): string {
  const own = listOf(keys, (key, index) => `${key} AS own${index}`);
  if (!isBySession) return `SELECT session_id, ${own}, ${OF_WINDOW.join(', ')} ${fromWhere}`;
  const more = Object.entries(further).map(([name, aggregate]) => `${aggregate} AS one_${name}`);
  return `SELECT session_id, ${own}, ${[...OF_SESSION, ...more].join(', ')} ${fromWhere}
    GROUP BY session_id, ${listOf(keys, (_, index) => `own${index}`)}`;
}

function listOf(keys: readonly string[], write: (key: string, index: number) => string): string {
  return keys.map(write).join(', ');
}

function groupOf(row: Row, names: readonly string[]): UsageGroup {
  return { keys: names.map((name) => textOf(row, name)), sums: sumsOf(row), row };
}

function sumsOf(row: Row): UsageSums {
  return {
    bytes: countOf(row, 'sum_of_bytes'),
    epochs: countOf(row, 'sum_of_epochs'),
    frames: countOf(row, 'sum_of_frames'),
    epochsDropped: countOf(row, 'sum_of_epochs_dropped'),
    framesDropped: countOf(row, 'sum_of_frames_dropped'),
    activeSeconds: countOf(row, 'sum_of_active_seconds'),
    durationMs: countOf(row, 'sum_of_duration_ms'),
    sessions: countOf(row, 'sessions'),
    windows: countOf(row, 'windows'),
  };
}
