// Which rows a question is about, as conditions in SQL. Columns come from the tables here, values by bindSql alone.

import type { SqlValue } from '../sink/sql-values.ts';

/** SQL with places for values, and the values. */
export interface Condition {
  readonly sql: string;
  readonly params: Readonly<Record<string, SqlValue>>;
}

/** What every metered row says of itself, and its column. */
const COLUMNS = {
  customerId: 'customer_id',
  appId: 'app_id',
  accountId: 'account_id',
  account: 'account',
  device: 'device',
  mountpoint: 'mountpoint',
  serviceSpecId: 'service_spec_id',
  billingPlanId: 'billing_plan_id',
  sessionId: 'session_id',
  node: 'node',
} as const;

const USAGE_COLUMNS = { ...COLUMNS, role: 'role' } as const;
const CHARGE_COLUMNS = { ...COLUMNS, currency: 'currency', kind: 'kind' } as const;

/** From `fromMs` to just before `toMs`, and of each name one of the values; a list without any fits no row. */
type Filter<Name extends string> = Readonly<Partial<Record<Name, readonly string[] | undefined>>> & {
  readonly fromMs: number;
  readonly toMs: number;
};

/** Windows belong to the time at which they began. */
export type UsageFilter = Filter<keyof typeof USAGE_COLUMNS>;
/** Charges belong to the time at which they were made. */
export type ChargeFilter = Filter<keyof typeof CHARGE_COLUMNS>;

/** A question to one table. */
export interface Question {
  readonly table: MeteredTable;
  /** True where no row can fit. */
  readonly isEmpty: boolean;
  readonly within: Condition;
  readonly fits: Condition;
}

/** A table with the columns that tell where in it a row lies: its key begins with `key`, `day` partitions it. */
export interface MeteredTable {
  readonly name: 'usage' | 'charges';
  readonly key: string;
  readonly day: string;
  readonly at: string;
}

const USAGE: MeteredTable = { name: 'usage', key: 'session_id', day: 'session_day', at: 'window_started_ms' };
const CHARGES: MeteredTable = { name: 'charges', key: 'charge_key', day: 'day', at: 'charged_ms' };

export function aboutUsage(filter: UsageFilter): Question {
  return questionOf(USAGE, USAGE_COLUMNS, filter);
}

export function aboutCharges(filter: ChargeFilter): Question {
  return questionOf(CHARGES, CHARGE_COLUMNS, filter);
}

function questionOf<Name extends string>(
  table: MeteredTable,
  columns: Readonly<Record<Name, string>>,
  filter: Filter<Name>,
): Question {
  const names = (Object.keys(columns) as Name[]).filter((name) => filter[name] !== undefined);
  // Undefined ones were left out.
  const asked = names.map((name): [Name, readonly string[]] => [name, filter[name]!]);
  const { fromMs, toMs } = filter;
  return {
    table,
    isEmpty: fromMs >= toMs || asked.some(([, values]) => values.length === 0),
    within: {
      sql: `${table.at} >= {fromMs} AND ${table.at} < {toMs}`,
      params: { fromMs, toMs },
    },
    fits: {
      sql: asked.map(([name]) => `${columns[name]} IN {${name}}`).join(' AND ') || '1',
      params: Object.fromEntries(asked),
    },
  };
}

export function all(...conditions: readonly Condition[]): Condition {
  return {
    sql: conditions.map(({ sql }) => sql).join(' AND '),
    params: Object.assign({}, ...conditions.map(({ params }) => params)) as Condition['params'],
  };
}

/** Rows behind the place that `values` have in the order of `columns`. Names of the values begin with `after`. */
export function behind(
  columns: readonly string[],
  values: readonly SqlValue[],
  order: 'ascending' | 'descending',
): Condition {
  const sign = order === 'ascending' ? '>' : '<';
  const alternatives = columns.map((column, index) => {
    const same = columns.slice(0, index).map((before, place) => `${before} = {after${place}}`);
    return `(${[...same, `${column} ${sign} {after${index}}`].join(' AND ')})`;
  });
  return {
    sql: `(${alternatives.join(' OR ')})`,
    params: Object.fromEntries(values.map((value, index) => [`after${index}`, value])),
  };
}
