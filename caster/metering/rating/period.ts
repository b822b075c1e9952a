// The period that a moment belongs to: what included amounts and tiers begin anew with, or what is paid for where a plan
// counts periods. Each begins a whole number of days or months after an anchor, by the local calendar: after the
// first of January 1970 (a Monday for weeks), or after the activation. Every one is reckoned from the anchor and none
// from the one before, so the 31st comes back after a February.

import { addDays, addMonths, fromLocal, toLocal } from './local-calendar.ts';
import { type PeriodKind, type PlanCalendar } from './tariff.ts';

export interface BillingPeriod {
  readonly startMs: number;
  /** The first moment that is no longer in it. */
  readonly endMs: number;
  /** Of periods from an activation: 0 is the first. */
  readonly index: number;
  /** `month/2026-02-28`: its kind and local first day; `always` where there are no periods. */
  readonly key: string;
}

const ALWAYS: BillingPeriod = { startMs: -Infinity, endMs: Infinity, index: 0, key: 'always' };

/** Local times that calendar periods are counted from. */
const EPOCH = { day: 0, week: Date.UTC(1970, 0, 5), month: 0, year: 0 } as const;

const LENGTH_MS = {
  day: 86_400_000,
  week: 7 * 86_400_000,
  month: 30.436875 * 86_400_000,
  year: 365.2425 * 86_400_000,
} as const;

/** `activatedAtMs` matters where the plan counts periods, and moments before it belong to its first period. */
export function periodOf(plan: PlanCalendar, atMs: number, activatedAtMs: number): BillingPeriod {
  const { period: kind, timeZone } = plan;
  if (kind === undefined) return ALWAYS;
  if (plan.counts !== 'period') return find(kind, timeZone, EPOCH[kind], atMs, -Infinity);
  return find(kind, timeZone, toLocal(timeZone, activatedAtMs), Math.max(atMs, activatedAtMs), 0);
}

/** The period from an activation by its number. */
export function periodByIndex(plan: PlanCalendar, index: number, activatedAtMs: number): BillingPeriod {
  const { period: kind, timeZone } = plan;
  if (kind === undefined) return ALWAYS;
  return periodAt(kind, timeZone, toLocal(timeZone, activatedAtMs), index);
}

function find(
  kind: PeriodKind,
  timeZone: string,
  anchor: number,
  atMs: number,
  indexMin: number,
): BillingPeriod {
  let index = Math.max(indexMin, Math.floor((toLocal(timeZone, atMs) - anchor) / LENGTH_MS[kind]));
  const starts = (at: number): number => fromLocal(timeZone, localStart(kind, anchor, at));
  // The clock may be set back over a start: what is sure is the order of the starts themselves.
  while (index > indexMin && starts(index) > atMs) index--;
  while (starts(index + 1) <= atMs) index++;
  return periodAt(kind, timeZone, anchor, index);
}

function periodAt(kind: PeriodKind, timeZone: string, anchor: number, index: number): BillingPeriod {
  const local = localStart(kind, anchor, index);
  return {
    startMs: fromLocal(timeZone, local),
    endMs: fromLocal(timeZone, localStart(kind, anchor, index + 1)),
    index,
    key: `${kind}/${new Date(local).toISOString().slice(0, 10)}`,
  };
}

function localStart(kind: PeriodKind, anchor: number, index: number): number {
  switch (kind) {
    case 'day':
      return addDays(anchor, index);
    case 'week':
      return addDays(anchor, 7 * index);
    case 'month':
      return addMonths(anchor, index);
    case 'year':
      return addMonths(anchor, 12 * index);
  }
}
