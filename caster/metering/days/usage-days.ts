// What was used on each day, in the store: for casters that have no ClickHouse. The sums and up to where each session is
// in them move in one transaction, so windows may come again after a crash.

import { USAGE_DAY_MARKS_KEPT_MS, USAGE_DAYS_AT_ONCE } from '../../../config/limits.ts';
import { oneOf } from '../../../platform/store/one-of.ts';
import { sql, type Transaction } from '../../../platform/store/sql.ts';
import type { Store } from '../../../platform/store/store.ts';
import type { Tables } from '../../../platform/store/tables.ts';
import type { UsageDaysTable } from '../../../platform/store/tables/usage-tables.ts';
import { breather } from '../../accounts/bulk/pace.ts';
import { type ColumnKind, jsonRows } from '../../accounts/json-rows.ts';
import { upsertAll } from '../charging/upsert-all.ts';
import type { UsageRow } from '../usage-row.ts';
import { type DayMark, dayOf, sumByDay } from './day-sums.ts';

const KEY = {
  ...{ day: 'text', role: 'text', customer_id: 'text', app_id: 'text', account_id: 'text', account: 'text' },
  mountpoint: 'text',
} as const satisfies Partial<Record<keyof UsageDaysTable, ColumnKind>>;

const COUNTS = {
  ...{ bytes: 'integer', epochs: 'integer', frames: 'integer', epochs_dropped: 'integer' },
  ...{ frames_dropped: 'integer', active_seconds: 'integer', duration_ms: 'integer' },
  ...{ sessions: 'integer', sessions_begun: 'integer', windows: 'integer' },
} as const satisfies Partial<Record<keyof UsageDaysTable, ColumnKind>>;

export async function addToDays(store: Store, rows: readonly UsageRow[], nowMs: number): Promise<void> {
  if (rows.length === 0) return;
  const sessionIds = [...new Set(rows.map(({ sessionId }) => sessionId))];
  // Whoever is killed finds the rows in the ledger again.
  const write = async (tx: Transaction<Tables>): Promise<void> => {
    const { days, marks } = sumByDay(rows, await readMarks(store, tx, sessionIds));
    await addAll(store, tx, days);
    const moved = [...marks].map(([session_id, { window, day }]) => ({
      ...{ session_id, window_number: window, day },
      updated_at: nowMs,
    }));
    await upsertAll(store.dialect, tx, 'usage_day_marks', moved, {
      key: ['session_id'],
      columns: { session_id: 'text', window_number: 'integer', day: 'text', updated_at: 'integer' },
    });
  };
  await store.write(write, { durable: false });
}

async function readMarks(
  { dialect }: Pick<Store, 'dialect'>,
  tx: Transaction<Tables>,
  sessionIds: readonly string[],
): Promise<Map<string, DayMark>> {
  const rows = await tx
    .selectFrom('usage_day_marks')
    .selectAll()
    .where(oneOf(dialect, 'session_id', sessionIds))
    .execute();
  return new Map(
    rows.map(({ session_id, window_number, day }) => [session_id, { window: window_number, day }]),
  );
}

async function addAll(
  { dialect }: Pick<Store, 'dialect'>,
  tx: Transaction<Tables>,
  days: readonly UsageDaysTable[],
): Promise<void> {
  if (days.length === 0) return;
  const columns = { ...KEY, ...COUNTS };
  const refsOf = (names: readonly string[], of = '') => sql.join(names.map((name) => sql.ref(of + name)));
  const sums = Object.keys(COUNTS).map(
    (name) => sql`${sql.ref(name)} = ${sql.ref(`usage_days.${name}`)} + ${sql.ref(`excluded.${name}`)}`,
  );
  await sql`insert into usage_days (${refsOf(Object.keys(columns))})
    select ${refsOf(Object.keys(columns), 'j.')} from ${jsonRows(dialect, days, columns)} where true
    on conflict (${refsOf(Object.keys(KEY))}) do update set ${sql.join(sums)}`.execute(tx);
}

/** Forgets the oldest month, where it is none of `months` beside the running one; and sessions of long ago. */
export async function forgetOldDays(
  store: Store,
  months: number,
  nowMs: number,
): Promise<string | undefined> {
  const { db } = store;
  const markedBeforeMs = nowMs - USAGE_DAY_MARKS_KEPT_MS;
  for (;;) {
    const { numAffectedRows = 0n } = await sql`delete from usage_day_marks where session_id in
      (select session_id from usage_day_marks where updated_at < ${markedBeforeMs}
       limit ${sql.lit(USAGE_DAYS_AT_ONCE)})`.execute(db);
    if (Number(numAffectedRows) < USAGE_DAYS_AT_ONCE) break;
    await breather();
  }
  const { day } = await db
    .selectFrom('usage_days')
    .select(({ fn }) => fn.min('day').as('day'))
    .executeTakeFirstOrThrow();
  const keptFrom = monthBegin(nowMs, -months);
  // Null where there is none.
  if ((day as string | null) === null || day >= keptFrom) return undefined;
  await db
    .deleteFrom('usage_days')
    .where('day', '<', monthBegin(Date.parse(day), 1))
    .execute();
  return day.slice(0, 7);
}

function monthBegin(ms: number, later: number): string {
  const date = new Date(ms);
  return dayOf(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + later));
}
