// What of the usage is looked at: whose, where, and of which time. It stands in the address by short names.

import { useMemo } from 'react';
import { useQueryState } from '../../parts/use-query-state.ts';

/** Name in the address -> filter of the API. */
const FILTERS = {
  customer: 'customerId',
  app: 'appId',
  account: 'account',
  device: 'device',
  mountpoint: 'mountpoint',
  spec: 'serviceSpecId',
  plan: 'billingPlanId',
  session: 'sessionId',
} as const;

export type FilterName = keyof typeof FILTERS;
const FILTER_NAMES = Object.keys(FILTERS) as FilterName[];

export const PERIODS = ['24h', '7d', '30d', 'month', 'lastMonth', 'own'] as const;
export type Period = (typeof PERIODS)[number];

/** What sums are by. */
export const BYS = [
  'customer',
  'app',
  'account',
  'device',
  'mountpoint',
  'spec',
  'plan',
  'day',
  'hour',
] as const;
export type By = (typeof BYS)[number];

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const DATE_LENGTH = '2026-11-30'.length;

interface Range {
  readonly from: string;
  /** Absent: up to now. */
  readonly to?: string;
}

const iso = (ms: number): string => new Date(ms).toISOString();

/** Days and months are of UTC, as those of the sums are. `own` may be dates or moments; a last day is in it. */
export function rangeOf(period: Period, from: string, to: string, nowMs: number): Range {
  const now = new Date(nowMs);
  const month = (offset: number): string => iso(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + offset));
  const back = (ms: number): Range => ({ from: iso(Math.floor((nowMs - ms) / HOUR_MS) * HOUR_MS) });
  switch (period) {
    case '24h':
      return back(DAY_MS);
    case '7d':
      return back(7 * DAY_MS);
    case '30d':
      return back(30 * DAY_MS);
    case 'month':
      return { from: month(0) };
    case 'lastMonth':
      return { from: month(-1), to: month(0) };
    case 'own': {
      const [fromMs, toMs] = [Date.parse(from), Date.parse(to)];
      const endMs = to.length === DATE_LENGTH ? toMs + DAY_MS : toMs;
      if (Number.isNaN(fromMs)) return back(30 * DAY_MS);
      return { from: iso(fromMs), ...(Number.isNaN(endMs) || endMs <= fromMs ? {} : { to: iso(endMs) }) };
    }
  }
}

export type Step = 'minute' | 'hour' | 'day';

/** So that there are some points, and not too many. */
export function stepOf({ from, to }: Range, nowMs: number): Step {
  const lengthMs = (to === undefined ? nowMs : Date.parse(to)) - Date.parse(from);
  if (lengthMs <= 3 * HOUR_MS) return 'minute';
  return lengthMs <= 8 * DAY_MS ? 'hour' : 'day';
}

type Given = Readonly<Partial<Record<(typeof FILTERS)[FilterName], readonly string[]>>>;

export interface UsageFilters {
  readonly period: Period;
  readonly range: Range;
  /** As the API takes them, with the range. */
  readonly query: Given & Range;
}

const isPeriod = (text: string): text is Period => (PERIODS as readonly string[]).includes(text);

export function useUsageFilters(): UsageFilters {
  const { get } = useQueryState();
  const named = JSON.stringify(FILTER_NAMES.map((name) => get(name)));
  const wanted = get('period');
  const period = isPeriod(wanted) ? wanted : '7d';
  const [from, to] = [get('from'), get('to')];
  return useMemo(() => {
    const range = rangeOf(period, from, to, Date.now());
    const values = JSON.parse(named) as readonly string[];
    const given = Object.fromEntries(
      FILTER_NAMES.flatMap((name, index) => {
        const value = values[index] ?? '';
        return value === '' ? [] : [[FILTERS[name], [value]]];
      }),
    ) as Given;
    return { period, range, query: { ...given, ...range } };
  }, [named, period, from, to]);
}
