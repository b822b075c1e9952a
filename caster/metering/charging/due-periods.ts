// Which periods of an account are to be charged by now. Pure.
//
// Periods are counted from an anchor: the activation, or when the account got its plan, whichever is later. Another
// plan, or other periods of the same, begin where what is paid for ends, and none is ever charged for a time before the
// account had it. Periods run on while an account or its app is suspended; they end with its validity, and begin anew
// from the moment in which it is found renewed.

import type { BillingPlan } from '../../accounts/billing-plan.ts';
import { type BillingPeriod, periodByIndex } from '../rating/period.ts';

/** As account_periods has it. */
export interface PeriodsSoFar {
  readonly planKey: string;
  readonly anchorAtMs: number;
  readonly periods: number;
  readonly chargedUntilMs: number;
  readonly dueAtMs: number | undefined;
}

export interface PeriodTerms {
  readonly planId: string;
  readonly plan: BillingPlan;
  /** Since when the account has this plan, by these periods; 0 where always. */
  readonly sinceMs: number;
  readonly activatedAtMs: number;
  readonly validUntilMs: number | undefined;
}

export interface DuePeriods {
  /** With their numbers from the anchor. */
  readonly periods: readonly BillingPeriod[];
  readonly next: PeriodsSoFar;
}

/** Of an account whose periods were never looked at, or that has none by its plan. */
export const NO_PLAN = '';
const LAPSED = 'lapsed';
/** Of one account at once; the next look goes on from there. */
const AT_ONCE_MAX = 500;

export function planKeyOf(planId: string, { period, timeZone }: BillingPlan): string {
  return `${planId}/${period}/${timeZone}`;
}

/** Whether its periods have to be looked at, though none is known to be due. */
export function mayBegin(
  planKey: string | undefined,
  terms: Pick<PeriodTerms, 'planId' | 'plan' | 'validUntilMs'>,
  nowMs: number,
): boolean {
  if (planKey === LAPSED) return terms.validUntilMs === undefined || terms.validUntilMs > nowMs;
  return planKey !== planKeyOf(terms.planId, terms.plan);
}

/** `terms` is undefined where the account has no plan that counts periods, is not activated, or nobody pays for it. */
export function duePeriods(before: PeriodsSoFar, terms: PeriodTerms | undefined, nowMs: number): DuePeriods {
  if (terms === undefined) return { periods: [], next: { ...before, planKey: NO_PLAN, dueAtMs: undefined } };
  const planKey = planKeyOf(terms.planId, terms.plan);
  const isSame = before.planKey === planKey;
  const anchorAtMs = isSame ? before.anchorAtMs : anchorOf(before, terms, nowMs);
  let [index, chargedUntilMs] = [isSame ? before.periods : 0, before.chargedUntilMs];
  const periods: BillingPeriod[] = [];
  for (;;) {
    const period = periodByIndex(terms.plan, index, anchorAtMs);
    const isDue = period.startMs <= nowMs;
    const so = { anchorAtMs, periods: index, chargedUntilMs };
    if (isDue && terms.validUntilMs !== undefined && period.startMs >= terms.validUntilMs) {
      return { periods, next: { ...so, planKey: LAPSED, dueAtMs: undefined } };
    }
    if (!isDue || periods.length === AT_ONCE_MAX) {
      return { periods, next: { ...so, planKey, dueAtMs: period.startMs } };
    }
    periods.push(period);
    index += 1;
    chargedUntilMs = period.endMs;
  }
}

function anchorOf(before: PeriodsSoFar, { activatedAtMs, sinceMs }: PeriodTerms, nowMs: number): number {
  const renewedAtMs = before.planKey === LAPSED ? nowMs : 0;
  return Math.max(activatedAtMs, sinceMs, before.chargedUntilMs, renewedAtMs);
}
