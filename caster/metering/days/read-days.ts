// Sums of usage out of the daily totals of the store, as usageByGroups gives them out of ClickHouse, as far as they tell
// it: not by device, spec, plan, node or session, and by nothing that is shorter than a day.

import { sql } from '../../../platform/store/sql.ts';
import type { Store } from '../../../platform/store/store.ts';
import type { UsageFilter } from '../queries/meter-filter.ts';
import { readCursor, writeCursor } from '../queries/report-cursor.ts';
import {
  fieldsOf,
  type GroupField,
  isStep,
  type UsageDimension,
  type UsageGroupsAsk,
} from '../queries/usage-groups.ts';
import { NO_USAGE, SUMMED, type SumsAnswer, type UsageSums } from '../queries/usage-sums.ts';
import { problem } from '../sink/engine-error.ts';
import { dayOf } from './day-sums.ts';

const DAY_MS = 86_400_000;

const COLUMNS = {
  customerId: 'customer_id',
  appId: 'app_id',
  accountId: 'account_id',
  account: 'account',
  mountpoint: 'mountpoint',
  role: 'role',
} as const;

const COUNTS = { ...SUMMED, windows: 'windows' } as const;

/** The range made longer, to whole days. */
export function wholeDays<Filter extends Pick<UsageFilter, 'fromMs' | 'toMs'>>(filter: Filter): Filter {
  const { fromMs, toMs } = filter;
  if (fromMs >= toMs) return filter;
  return {
    ...filter,
    fromMs: Math.floor(fromMs / DAY_MS) * DAY_MS,
    toMs: Math.ceil(toMs / DAY_MS) * DAY_MS,
  };
}

/** `filter` goes from the beginning of a day to that of another. */
export async function usageOfDays(
  { db }: Pick<Store, 'db'>,
  { filter, groupBy, limit, cursor }: UsageGroupsAsk,
): Promise<SumsAnswer> {
  const fields = fieldsOf(groupBy);
  const columns = fields.map((field) => columnOf(field, groupBy));
  if (columns.includes(undefined) || !isTold(filter)) return problem('off', 'daily totals do not tell that');
  const after = cursor === undefined ? [] : readCursor(cursor, fields.length);
  if (after === undefined) return { ok: false, reason: 'invalid_cursor' };
  const asked = (Object.keys(COLUMNS) as (keyof typeof COLUMNS)[]).filter(
    (name) => filter[name] !== undefined,
  );
  const nothing: SumsAnswer = { ok: true, groups: [], totals: NO_USAGE, nextCursor: null };
  if (filter.fromMs >= filter.toMs || asked.some((name) => filter[name]!.length === 0)) return nothing;

  const firstDay = dayOf(filter.fromMs);
  const conditions = [
    sql`day >= ${firstDay} and day < ${dayOf(filter.toMs)}`,
    ...asked.map((name) => sql`${sql.ref(COLUMNS[name])} in (${sql.join(filter[name]!)})`),
  ];
  const keys = columns.map((column, n) => sql`${column!} as ${sql.ref(`key${n}`)}`);
  const names = sql.join(keys.map((_, n) => sql.ref(`key${n}`)));
  // A session that goes on over midnight is one: of the first day all count, of the others those that began on them.
  const sessions = {
    all: sql`case when day = ${firstDay} then sessions else sessions_begun end`,
    day: sql`sessions`,
    month: sql`case when day = ${firstDay} or day like '%-01' then sessions else sessions_begun end`,
  };
  const step = groupBy.find(isStep) === 'day' ? 'day' : groupBy.find(isStep) === 'month' ? 'month' : 'all';
  const counted = Object.values(COUNTS);
  const sums = [
    ...counted.map((name) => sql`sum(${sql.ref(name)}) as ${sql.ref(`sum_of_${name}`)}`),
    ...counted.map((name) => sql`sum(sum(${sql.ref(name)})) over () as ${sql.ref(`all_${name}`)}`),
    sql`sum(${sessions[step]}) as sum_of_sessions, sum(sum(${sessions.all})) over () as all_sessions`,
  ];
  // Totals stand in each row: one statement sees one state of the table.
  const { rows } = await sql<Readonly<Record<string, string | number>>>`select * from (
      select ${sql.join([...keys, ...sums])} from usage_days where ${sql.join(conditions, sql` and `)}
      group by ${sql.join(columns.map((column) => column!))}
    ) as g where ${after.length === 0 ? sql`1 = 1` : sql`(${names}) > (${sql.join(after)})`}
    order by ${names} limit ${sql.lit(limit + 1)}`.execute(db);
  const [first] = rows;
  if (first === undefined) return nothing;
  const groups = rows.slice(0, limit).map((row) => ({
    keys: fields.map((_, n) => String(row[`key${n}`])),
    sums: sumsOf(row, 'sum_of'),
    row,
  }));
  const isMore = rows.length > limit;
  const nextCursor = isMore ? writeCursor(groups.at(-1)!.keys) : null;
  return { ok: true, groups, totals: sumsOf(first, 'all'), nextCursor };
}

function isTold({ fromMs: _from, toMs: _to, ...asked }: UsageFilter): boolean {
  return Object.entries(asked).every(
    ([name, values]) => values === undefined || Object.hasOwn(COLUMNS, name),
  );
}

/** Undefined where the totals do not tell it. */
function columnOf(field: GroupField, groupBy: readonly UsageDimension[]) {
  if (field !== 'at') return field in COLUMNS ? sql.ref(COLUMNS[field as keyof typeof COLUMNS]) : undefined;
  if (groupBy.includes('day')) return sql.ref('day');
  return groupBy.includes('month') ? sql`substr(day, 1, 8) || '01'` : undefined;
}

function sumsOf(row: Readonly<Record<string, string | number>>, of: 'sum_of' | 'all'): UsageSums {
  const counts = Object.entries(COUNTS).map(([name, column]) => [name, Number(row[`${of}_${column}`])]);
  const sums = Object.fromEntries(counts) as Omit<UsageSums, 'sessions'>;
  return { ...sums, sessions: Number(row[`${of}_sessions`]) };
}
