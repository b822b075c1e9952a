// What a month would cost by a plan, for whoever sells it: a fleet that begins with the month and is used alike every day
// of it, reckoned as charges are. Pure.

import { fromLocal } from './local-calendar.ts';
import { periodByIndex, periodOf } from './period.ts';
import { priceClassOf } from './price-class.ts';
import { rate } from './rate.ts';
import type { PricedPlan } from './tariff.ts';
import { unitsOf } from './units.ts';

export interface ExpectedUse {
  /** Each with an account of its own, all of one customer. */
  readonly rovers: number;
  readonly hoursPerDay: number;
  /** Of the stream of each. */
  readonly bytesPerSecond: number;
  readonly epochsPerSecond: number;
  /** Where the plan has other prices for these. */
  readonly serviceSpecId?: string | undefined;
  readonly mountpoint?: string | undefined;
}

/** A period of the plan, as far as it is in the month. */
export interface PreviewedPeriod {
  /** As charges have it. */
  readonly key: string;
  readonly units: number;
  readonly micros: bigint;
}

export interface MonthRange {
  readonly year: number;
  /** 0 is January. */
  readonly month: number;
}

const HOUR_MS = 3_600_000;

/** The plan's own calendar says when the month begins and ends. */
export function previewMonth(
  plan: PricedPlan,
  use: ExpectedUse,
  range: MonthRange,
): readonly PreviewedPeriod[] {
  return plan.counts === 'period' ? begunPeriods(plan, use, range) : usedPeriods(plan, use, range);
}

function dayStarts({ timeZone }: PricedPlan, { year, month }: MonthRange): readonly number[] {
  const days = new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
  return Array.from({ length: days + 1 }, (_, day) => fromLocal(timeZone, Date.UTC(year, month, day + 1)));
}

/** One charge for each rover and period that begins; what is included, and tiers, go by the number of its periods. */
function begunPeriods(
  plan: PricedPlan,
  { rovers }: ExpectedUse,
  range: MonthRange,
): readonly PreviewedPeriod[] {
  const starts = dayStarts(plan, range);
  const [fromMs, toMs] = [starts[0]!, starts.at(-1)!];
  const found: PreviewedPeriod[] = [];
  for (let index = 0; ; index++) {
    const { startMs, key } = periodByIndex(plan, index, fromMs);
    if (startMs >= toMs) return found;
    found.push({ key, units: rovers, micros: BigInt(rovers) * (rate(plan, index + 1) - rate(plan, index)) });
  }
}

/** All rovers of a customer count together, as their charges do. */
function usedPeriods(plan: PricedPlan, use: ExpectedUse, range: MonthRange): readonly PreviewedPeriod[] {
  const starts = dayStarts(plan, range);
  const unitsOfPeriods = new Map<string, number>();
  for (const [day, startMs] of starts.slice(0, -1).entries()) {
    const { key } = periodOf(plan, startMs, startMs);
    const durationMs = Math.min(use.hoursPerDay * HOUR_MS, starts[day + 1]! - startMs);
    const seconds = durationMs / 1000;
    const units = unitsOf(plan.counts, {
      ...{ durationMs, activeSeconds: Math.floor(seconds) },
      bytes: Math.round(seconds * use.bytesPerSecond),
      epochs: Math.floor(seconds * use.epochsPerSecond),
    });
    unitsOfPeriods.set(key, (unitsOfPeriods.get(key) ?? 0) + units * use.rovers);
  }
  const { tariff } = priceClassOf(plan, {
    serviceSpecId: use.serviceSpecId ?? '',
    mountpoint: use.mountpoint ?? '',
  });
  return [...unitsOfPeriods].map(([key, units]) => ({ key, units, micros: rate(tariff, units) }));
}
