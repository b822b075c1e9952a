// What each app used on each day, as each of those says it who add it up: the rows themselves, the roll-up and the API.

import type { UsageEngine } from '../../proof/usage-table.ts';
import type { CasterProcess } from '../../support/caster-process.ts';
import { getAsOwner } from '../../support/owner-answers.ts';
import { dayOf, type UsedWindow } from './second-calculation.ts';

/** `<app> <day>`, of no app `- <day>` -> bytes, epochs, seconds with data, milliseconds, sessions. */
export type UsageByDay = Readonly<Record<string, readonly string[]>>;

export function daysOfWindows(windows: readonly UsedWindow[]): UsageByDay {
  const groups = Map.groupBy(windows, ({ appId, startedMs }) => keyOf(appId, dayOf(startedMs)));
  const sumOf = (rows: readonly UsedWindow[], of: 'bytes' | 'epochs' | 'activeSeconds' | 'durationMs') =>
    String(rows.reduce((sum, row) => sum + row[of], 0n));
  return sorted(
    Array.from(groups, ([key, rows]) => [
      key,
      [
        ...[sumOf(rows, 'bytes'), sumOf(rows, 'epochs'), sumOf(rows, 'activeSeconds')],
        ...[sumOf(rows, 'durationMs'), String(new Set(rows.map(({ sessionId }) => sessionId)).size)],
      ],
    ]),
  );
}

export async function daysOfRollUp(engine: Pick<UsageEngine, 'query'>): Promise<UsageByDay> {
  const rows = await engine.query(
    `SELECT app_id, day, sum(bytes) AS bytes, sum(epochs) AS epochs, sum(active_seconds) AS active_seconds,
       sum(duration_ms) AS duration_ms, sum(sessions) AS sessions FROM usage_day WHERE role = 'rover'
       GROUP BY app_id, day FORMAT JSONEachRow`,
  );
  const names = ['bytes', 'epochs', 'active_seconds', 'duration_ms', 'sessions'];
  return sorted(
    rows.map((row) => [
      keyOf(String(row['app_id']), String(row['day'])),
      names.map((name) => String(row[name])),
    ]),
  );
}

export async function daysOfApi(caster: CasterProcess): Promise<UsageByDay> {
  const { data } = await getAsOwner<{
    data: (Readonly<Record<'bytes' | 'epochs' | 'activeSeconds' | 'durationMs' | 'sessions', number>> & {
      readonly appId: string | null;
      readonly at: string;
    })[];
  }>(caster, '/v1/usage?groupBy=app,day&role=rover&limit=100');
  return sorted(
    data.map((row) => [
      keyOf(row.appId ?? '', row.at.slice(0, 10)),
      [row.bytes, row.epochs, row.activeSeconds, row.durationMs, row.sessions].map(String),
    ]),
  );
}

function keyOf(appId: string, day: string): string {
  return `${appId || '-'} ${day}`;
}

function sorted(groups: readonly (readonly [string, readonly string[]])[]): UsageByDay {
  return Object.fromEntries(groups.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
