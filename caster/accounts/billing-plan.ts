// What a service costs: what is counted, the price, what is included, and what happens when nothing is left. Stored as
// JSON in billing_plans.plan. Charging by it is the work of caster/metering; here stands what a plan may say, and how
// long an account lasts from its activation.

import type { PriceOverride, Tier } from '../metering/rating/tariff.ts';
import type { Complaint } from './complaint.ts';

/** `wallTime`: from the start of a session to its end. `onlineSeconds`: seconds in which something was sent. */
export const COUNTED = ['wallTime', 'onlineSeconds', 'bytes', 'epochs', 'period'] as const;
export type Counted = (typeof COUNTED)[number];

export const PERIODS = ['day', 'week', 'month', 'year'] as const;
export type Period = (typeof PERIODS)[number];

export interface BillingPlan {
  readonly counts: Counted;
  /** ISO 4217. */
  readonly currency: string;
  /** Millionths of the currency for `per` units. */
  readonly priceMicros: number;
  /** Seconds, bytes or epochs that the price is for; 1 where periods are counted. */
  readonly per: number;
  /** What included amounts and tiers begin anew with; what is paid for where periods are counted. */
  readonly period?: Period | undefined;
  /** IANA name of the calendar that periods begin by. */
  readonly timeZone: string;
  /** Units that cost nothing, of each period where there is one. */
  readonly included: number;
  /** Ascending; below the first one `priceMicros` holds. */
  readonly tiers: readonly Tier[];
  /** Other prices by spec and mountpoint: each from the first unit on, without what is included and without tiers. */
  readonly prices?: readonly PriceOverride[] | undefined;
  readonly mode: 'prepaid' | 'postpaid';
  /** Postpaid: how far below zero the balance may go. */
  readonly creditLimitMicros?: number | undefined;
  /** What is left of balance or credit at which `balance_low` is told. */
  readonly lowBalanceMicros?: number | undefined;
  /** Days from its activation that an account lasts. */
  readonly validityDays?: number | undefined;
  /** What happens to a stream when the balance is used up. */
  readonly atZero: 'end' | 'continue';
}

export const DEFAULT_BILLING_PLAN = {
  per: 1,
  timeZone: 'UTC',
  included: 0,
  tiers: [],
  mode: 'postpaid',
} as const satisfies Partial<BillingPlan>;

/** What happens at zero where the plan does not say. */
export function atZeroOf(mode: BillingPlan['mode']): BillingPlan['atZero'] {
  return mode === 'prepaid' ? 'end' : 'continue';
}

/** As the store holds it. */
export function readBillingPlan(json: string): BillingPlan {
  return JSON.parse(json) as BillingPlan;
}

/** What a plan of the right form contradicts itself in. */
export function complaintsAboutPlan(plan: BillingPlan): Complaint[] {
  const complaints: Complaint[] = [];
  const complain = (name: keyof BillingPlan, detail: string): void => {
    complaints.push({ path: [name], detail });
  };
  if (!isCurrency(plan.currency)) complain('currency', 'must be a currency of ISO 4217, such as EUR or CNY');
  if (!isTimeZone(plan.timeZone))
    complain('timeZone', 'must be a time zone of the IANA list, such as Europe/Berlin');
  if (plan.counts === 'period') {
    if (plan.period === undefined) complain('period', 'is missing: counts is period, so say which');
    if (plan.per !== 1) complain('per', 'must be 1 where counts is period');
  }
  let before = plan.included;
  for (const [index, { from }] of plan.tiers.entries()) {
    if (from <= before) {
      const what = index === 0 ? 'included' : 'from of the tier before';
      complaints.push({ path: ['tiers', index, 'from'], detail: `must be above ${before}, the ${what}` });
    }
    before = from;
  }
  const { mode, creditLimitMicros, lowBalanceMicros } = plan;
  if (mode === 'postpaid' && creditLimitMicros === undefined) {
    const why = 'where mode is postpaid without creditLimitMicros: there is nothing to run out';
    if (plan.atZero === 'end') complain('atZero', `must be continue ${why}`);
    if (lowBalanceMicros !== undefined) complain('lowBalanceMicros', `must not be given ${why}`);
  }
  if (mode === 'prepaid' && creditLimitMicros !== undefined) {
    complain('creditLimitMicros', 'must not be given where mode is prepaid');
  }
  return [...complaints, ...complaintsAboutPrices(plan)];
}

function complaintsAboutPrices({ counts, prices = [] }: BillingPlan): Complaint[] {
  const complaints: Complaint[] = [];
  if (counts === 'period' && prices.length > 0) {
    complaints.push({
      path: ['prices'],
      detail: 'must be empty where counts is period: no mountpoint causes a period',
    });
  }
  const seen = new Set<string>();
  for (const [index, { serviceSpecId, mountpoint }] of prices.entries()) {
    const path = ['prices', index];
    if (serviceSpecId === undefined && mountpoint === undefined) {
      complaints.push({ path, detail: 'must name serviceSpecId, mountpoint or both' });
    }
    const key = JSON.stringify([serviceSpecId, mountpoint]);
    if (seen.has(key)) complaints.push({ path, detail: 'is there twice' });
    seen.add(key);
  }
  return complaints;
}

const CURRENCIES: ReadonlySet<string> = new Set(Intl.supportedValuesOf('currency'));

function isCurrency(code: string): boolean {
  return CURRENCIES.has(code);
}

export function isTimeZone(name: string): boolean {
  // An offset such as +02:00 is taken by Intl, but is no calendar with daylight saving.
  if (/^[+-]/.test(name)) return false;
  try {
    return Boolean(new Intl.DateTimeFormat('en', { timeZone: name }));
  } catch {
    return false;
  }
}

const DAY_MS = 86_400_000;

/** End of an account's validity once it is activated: as it was set by hand, else as the plan says, else none. */
export function validUntilFrom(
  activatedAtMs: number,
  setUntilMs: number | undefined,
  plan: Pick<BillingPlan, 'validityDays'> | undefined,
): number | undefined {
  if (setUntilMs !== undefined || plan?.validityDays === undefined) return setUntilMs;
  return activatedAtMs + plan.validityDays * DAY_MS;
}
