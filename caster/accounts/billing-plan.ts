// What a service costs: what is counted, the price, what is included, and what happens when nothing is left. Stored as
// JSON in billing_plans.plan. Charging by it is the work of caster/metering; here stands what a plan may say, and how
// long an account lasts from its activation.

import type { Complaint } from './complaint.ts';

/** `wallTime`: from the start of a session to its end. `onlineSeconds`: seconds in which something was sent. */
export const COUNTED = ['wallTime', 'onlineSeconds', 'bytes', 'epochs', 'period'] as const;
export type Counted = (typeof COUNTED)[number];

export const PERIODS = ['day', 'week', 'month', 'year'] as const;
export type Period = (typeof PERIODS)[number];

/** The price from this much on, within a period where there is one. */
export interface PriceTier {
  readonly from: number;
  readonly priceMicros: number;
}

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
  readonly tiers: readonly PriceTier[];
  readonly mode: 'prepaid' | 'postpaid';
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
  if (plan.mode === 'postpaid' && plan.atZero === 'end') {
    complain('atZero', 'must be continue where mode is postpaid: there is no balance to run out');
  }
  return complaints;
}

const CURRENCIES: ReadonlySet<string> = new Set(Intl.supportedValuesOf('currency'));

function isCurrency(code: string): boolean {
  return CURRENCIES.has(code);
}

function isTimeZone(name: string): boolean {
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
