// The rows of usage themselves: each window of each session, once.

import type { ClickHouse, ClickHouseProblem, Row } from '../sink/clickhouse.ts';
import type { UsageOwner, UsageTotals } from '../usage-row.ts';
import { aboutUsage, type UsageFilter } from './meter-filter.ts';
import { orderedRows } from './ordered-rows.ts';
import { ownerOf, OWNER_COLUMNS } from './owner-columns.ts';
import { countOf, textOf } from './single-rows.ts';

export interface UsageWindow extends UsageOwner {
  readonly sessionId: string;
  readonly window: number;
  readonly role: string;
  readonly node: string;
  readonly mountpoint: string;
  readonly shape: string;
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  readonly delta: UsageTotals;
  readonly total: UsageTotals;
  readonly isLast: boolean;
  readonly reason: string;
}

export type WindowsAnswer =
  | { readonly ok: true; readonly windows: readonly UsageWindow[]; readonly nextCursor: string | null }
  | { readonly ok: false; readonly reason: 'invalid_cursor' }
  | ClickHouseProblem;

export interface UsageWindowsAsk {
  readonly filter: UsageFilter;
  readonly order: 'newest' | 'oldest';
  readonly limit: number;
  readonly cursor?: string | undefined;
}

const COUNTS = [
  'bytes',
  'epochs',
  'frames',
  'epochs_dropped',
  'frames_dropped',
  'active_seconds',
  'duration_ms',
];

/** By session, which sort by age, and within each by its windows. */
export async function windowsOfUsage(clickhouse: ClickHouse, ask: UsageWindowsAsk): Promise<WindowsAnswer> {
  const page = await orderedRows(clickhouse, {
    question: aboutUsage(ask.filter),
    columns: [
      'session_id',
      'window_number',
      'role',
      'node',
      'mountpoint',
      'shape',
      'is_last',
      'reason',
      ...OWNER_COLUMNS,
    ],
    wide: ['window_started_ms', 'window_ended_ms', ...COUNTS, ...COUNTS.map((column) => `${column}_total`)],
    orderBy: [
      { name: 'session_id', isNumber: false },
      { name: 'window_number', isNumber: true },
    ],
    order: ask.order,
    limit: ask.limit,
    cursor: ask.cursor,
  });
  if (!page.ok) return page;
  return { ok: true, windows: page.rows.map(windowOf), nextCursor: page.nextCursor };
}

function windowOf(row: Row): UsageWindow {
  return {
    ...ownerOf(row),
    sessionId: textOf(row, 'session_id'),
    window: countOf(row, 'window_number'),
    role: textOf(row, 'role'),
    node: textOf(row, 'node'),
    mountpoint: textOf(row, 'mountpoint'),
    shape: textOf(row, 'shape'),
    startedAtMs: countOf(row, 'text_of_window_started_ms'),
    endedAtMs: countOf(row, 'text_of_window_ended_ms'),
    delta: countsOf(row, ''),
    total: countsOf(row, '_total'),
    isLast: countOf(row, 'is_last') === 1,
    reason: textOf(row, 'reason'),
  };
}

function countsOf(row: Row, end: '' | '_total'): UsageTotals {
  return {
    bytes: countOf(row, `text_of_bytes${end}`),
    epochs: countOf(row, `text_of_epochs${end}`),
    frames: countOf(row, `text_of_frames${end}`),
    epochsDropped: countOf(row, `text_of_epochs_dropped${end}`),
    framesDropped: countOf(row, `text_of_frames_dropped${end}`),
    activeSeconds: countOf(row, `text_of_active_seconds${end}`),
    durationMs: countOf(row, `text_of_duration_ms${end}`),
  };
}
