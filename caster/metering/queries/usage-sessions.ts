// The sessions behind a sum of usage: each with what it used within the range that is asked about.

import type { ClickHouse, ClickHouseProblem, Row } from '../sink/clickhouse.ts';
import type { UsageOwner } from '../usage-row.ts';
import type { UsageFilter } from './meter-filter.ts';
import { ownerOf, OWNER_COLUMNS } from './owner-columns.ts';
import { countOf, textOf } from './single-rows.ts';
import { sumUsage, type UsageSums } from './usage-sums.ts';

export interface UsageSession extends UsageOwner {
  readonly sessionId: string;
  readonly role: string;
  readonly node: string;
  /** Of its latest window within the range. */
  readonly mountpoint: string;
  readonly shape: string;
  readonly startedAtMs: number;
  /** Of its windows within the range. */
  readonly firstWindowAtMs: number;
  readonly lastWindowEndedAtMs: number;
  /** Empty where its last window is not within the range, or there is none yet. */
  readonly reason: string;
  readonly sums: UsageSums;
}

export type SessionsAnswer =
  | {
      readonly ok: true;
      readonly sessions: readonly UsageSession[];
      readonly totals: UsageSums;
      readonly nextCursor: string | null;
    }
  | { readonly ok: false; readonly reason: 'invalid_cursor' }
  | ClickHouseProblem;

export interface UsageSessionsAsk {
  readonly filter: UsageFilter;
  readonly order: 'newest' | 'oldest';
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/** Ids of sessions sort by age. */
export async function sessionsOfUsage(
  clickhouse: ClickHouse,
  ask: UsageSessionsAsk,
): Promise<SessionsAnswer> {
  const { filter, limit, cursor, order } = ask;
  const found = await sumUsage(clickhouse, {
    filter,
    keys: ['session_id'],
    isBySession: true,
    further: {
      ...Object.fromEntries(
        ['role', 'node', ...OWNER_COLUMNS].map((column) => [`of_${column}`, `any(${column})`]),
      ),
      last_mountpoint: 'argMax(mountpoint, window_number)',
      last_shape: 'argMax(shape, window_number)',
      last_reason: 'argMax(reason, window_number)',
      started: 'toString(min(session_started_ms))',
      first_window: 'toString(min(window_started_ms))',
      last_window_ended: 'toString(max(window_ended_ms))',
    },
    order: order === 'newest' ? 'descending' : 'ascending',
    limit,
    cursor,
  });
  if (!found.ok) return found;
  const sessions = found.groups.map(({ keys, sums, row }) => sessionOf(keys[0]!, sums, row));
  return { ok: true, sessions, totals: found.totals, nextCursor: found.nextCursor };
}

function sessionOf(sessionId: string, sums: UsageSums, row: Row): UsageSession {
  return {
    ...ownerOf(row, 'of_'),
    sessionId,
    role: textOf(row, 'of_role'),
    node: textOf(row, 'of_node'),
    mountpoint: textOf(row, 'last_mountpoint'),
    shape: textOf(row, 'last_shape'),
    startedAtMs: countOf(row, 'started'),
    firstWindowAtMs: countOf(row, 'first_window'),
    lastWindowEndedAtMs: countOf(row, 'last_window_ended'),
    reason: textOf(row, 'last_reason'),
    sums,
  };
}
