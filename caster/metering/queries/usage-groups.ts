// What usage can be grouped by. Names alone may not tell two things apart (a device is unique within its app), so a
// dimension brings along the columns that make it unique.

import type { ClickHouse } from '../sink/clickhouse.ts';
import type { UsageFilter } from './meter-filter.ts';
import { type SumsAnswer, sumUsage } from './usage-sums.ts';

/** Field of an answer -> expression over the columns of `usage` that gives text. */
const FIELDS = {
  customerId: 'customer_id',
  appId: 'app_id',
  accountId: 'account_id',
  account: 'account',
  device: 'device',
  mountpoint: 'mountpoint',
  serviceSpecId: 'service_spec_id',
  shape: 'shape',
  billingPlanId: 'billing_plan_id',
  role: 'role',
  node: 'node',
} as const;

/** Windows belong to the minute, hour, day and month (UTC) in which they began. As text they are in order, too. */
const TIMES = {
  minute: 'toString(toStartOfMinute(window_started_at))',
  hour: 'toString(toStartOfHour(window_started_at))',
  day: 'toString(toDate(window_started_at))',
  month: 'toString(toStartOfMonth(window_started_at))',
} as const;

export type UsageField = keyof typeof FIELDS;
export type UsageStep = keyof typeof TIMES;

const DIMENSIONS = {
  customer: ['customerId'],
  app: ['appId'],
  account: ['accountId', 'account'],
  device: ['appId', 'device'],
  mountpoint: ['mountpoint'],
  spec: ['serviceSpecId'],
  shape: ['shape'],
  plan: ['billingPlanId'],
  role: ['role'],
  node: ['node'],
} as const satisfies Record<string, readonly UsageField[]>;

export type UsageDimension = keyof typeof DIMENSIONS | UsageStep;

export const USAGE_STEPS = Object.keys(TIMES) as UsageStep[];
export const USAGE_DIMENSIONS = [...Object.keys(DIMENSIONS), ...USAGE_STEPS] as UsageDimension[];

export function isStep(dimension: UsageDimension): dimension is UsageStep {
  return Object.hasOwn(TIMES, dimension);
}

/** `at` where a time is grouped by. */
export type GroupField = UsageField | 'at';

/** What the groups of these dimensions are told apart by, in their order. */
export function fieldsOf(dimensions: readonly UsageDimension[]): GroupField[] {
  return [
    ...new Set(dimensions.flatMap((one): readonly GroupField[] => (isStep(one) ? ['at'] : DIMENSIONS[one]))),
  ];
}

/** Milliseconds since 1970 of a key of `at`. */
export function timeOfKey(key: string): number {
  return Date.parse(key.length > 10 ? `${key.replace(' ', 'T')}Z` : key);
}

export interface UsageGroupsAsk {
  readonly filter: UsageFilter;
  /** Of times at most one. */
  readonly groupBy: readonly UsageDimension[];
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/** In order of the groups' keys, which stand for the fields that `fieldsOf` names. */
export function usageByGroups(clickhouse: ClickHouse, ask: UsageGroupsAsk): Promise<SumsAnswer> {
  const { filter, groupBy, limit, cursor } = ask;
  const step = groupBy.find(isStep);
  const keys = fieldsOf(groupBy).map((field) => (field === 'at' ? TIMES[step!] : FIELDS[field]));
  const isBySession = step !== 'minute';
  return sumUsage(clickhouse, { filter, keys, isBySession, order: 'ascending', limit, cursor });
}
