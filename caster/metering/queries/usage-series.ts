// Usage over time, for a chart: a point for every step from the first to the last, also where nothing was used.

import { USAGE_SERIES_POINTS_MAX } from '../../../config/limits.ts';
import type { ClickHouse, ClickHouseProblem } from '../sink/clickhouse.ts';
import type { UsageFilter } from './meter-filter.ts';
import { timeOfKey, usageByGroups } from './usage-groups.ts';
import { NO_USAGE, type UsageSums } from './usage-sums.ts';

export const SERIES_STEPS = ['minute', 'hour', 'day'] as const;
export type SeriesStep = (typeof SERIES_STEPS)[number];

const STEP_MS: Readonly<Record<SeriesStep, number>> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

export interface SeriesPoint {
  /** Beginning of the step, in UTC; where the range begins within a step, that of the step. */
  readonly atMs: number;
  readonly sums: UsageSums;
}

export type SeriesAnswer =
  | { readonly ok: true; readonly points: readonly SeriesPoint[]; readonly totals: UsageSums }
  | { readonly ok: false; readonly reason: 'too_many_points' }
  | ClickHouseProblem;

export async function usageOverTime(
  clickhouse: ClickHouse,
  filter: UsageFilter,
  step: SeriesStep,
): Promise<SeriesAnswer> {
  const stepMs = STEP_MS[step];
  const firstMs = Math.floor(filter.fromMs / stepMs) * stepMs;
  const count = Math.max(0, Math.ceil((filter.toMs - firstMs) / stepMs));
  if (count > USAGE_SERIES_POINTS_MAX) return { ok: false, reason: 'too_many_points' };
  const found = await usageByGroups(clickhouse, { filter, groupBy: [step], limit: count });
  if (!found.ok) {
    // No cursor was given.
    if (found.reason === 'invalid_cursor') throw new Error('a cursor that nobody gave is invalid');
    return found;
  }
  const sums = new Map(found.groups.map((group) => [timeOfKey(group.keys[0]!), group.sums]));
  const points = Array.from({ length: count }, (_, index) => {
    const atMs = firstMs + index * stepMs;
    return { atMs, sums: sums.get(atMs) ?? NO_USAGE };
  });
  return { ok: true, points, totals: found.totals };
}
