// Windows added up by day. Pure. A window belongs to the day (UTC) on which it began; one that comes twice counts once.

import type { UsageDaysTable } from '../../../platform/store/tables/usage-tables.ts';
import type { UsageRow } from '../usage-row.ts';

/** Up to where a session is counted. */
export interface DayMark {
  readonly window: number;
  /** On which that window began. */
  readonly day: string;
}

export interface DaySums {
  /** To be added to what there is under their keys, in order of these. */
  readonly days: readonly UsageDaysTable[];
  /** Of the sessions that have got further. */
  readonly marks: ReadonlyMap<string, DayMark>;
}

export function dayOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

export function sumByDay(rows: readonly UsageRow[], marks: ReadonlyMap<string, DayMark>): DaySums {
  const moved = new Map<string, DayMark>();
  const days = new Map<string, UsageDaysTable>();
  for (const row of rows) {
    const { sessionId, window } = row;
    const mark = moved.get(sessionId) ?? marks.get(sessionId);
    if (mark !== undefined && window <= mark.window) continue;
    const own = dayRow(row, mark);
    moved.set(sessionId, { window, day: own.day });
    const key = keyOf(own);
    const before = days.get(key);
    days.set(key, before === undefined ? own : added(before, own));
  }
  // Who adds to several rows does so in one order, so that no two wait for one another.
  const sorted = [...days].toSorted(([a], [b]) => (a < b ? -1 : 1));
  return { days: sorted.map(([, row]) => row), marks: moved };
}

function dayRow(row: UsageRow, mark: DayMark | undefined): UsageDaysTable {
  const { role, mountpoint, delta } = row;
  const day = dayOf(row.windowStartedAtMs);
  return {
    ...{ day, role, mountpoint, account: row.account },
    customer_id: row.customerId,
    app_id: row.appId,
    account_id: row.accountId,
    bytes: delta.bytes,
    epochs: delta.epochs,
    frames: delta.frames,
    epochs_dropped: delta.epochsDropped,
    frames_dropped: delta.framesDropped,
    active_seconds: delta.activeSeconds,
    duration_ms: delta.durationMs,
    sessions: mark?.day === day ? 0 : 1,
    sessions_begun: mark === undefined ? 1 : 0,
    windows: 1,
  };
}

function keyOf(row: UsageDaysTable): string {
  const { day, role, customer_id, app_id, account_id, account, mountpoint } = row;
  return JSON.stringify([day, role, customer_id, app_id, account_id, account, mountpoint]);
}

function added(a: UsageDaysTable, b: UsageDaysTable): UsageDaysTable {
  return {
    ...a,
    bytes: a.bytes + b.bytes,
    epochs: a.epochs + b.epochs,
    frames: a.frames + b.frames,
    epochs_dropped: a.epochs_dropped + b.epochs_dropped,
    frames_dropped: a.frames_dropped + b.frames_dropped,
    active_seconds: a.active_seconds + b.active_seconds,
    duration_ms: a.duration_ms + b.duration_ms,
    sessions: a.sessions + b.sessions,
    sessions_begun: a.sessions_begun + b.sessions_begun,
    windows: a.windows + b.windows,
  };
}
