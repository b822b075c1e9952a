// What rating needs of a billing plan (caster/accounts/billing-plan.ts), and nothing more: plans come in as plain values.

/** What a plan may count. `wallTime` and `onlineSeconds` are in seconds, `period` in periods since activation. */
export type Counts = 'wallTime' | 'onlineSeconds' | 'bytes' | 'epochs' | 'period';

export type PeriodKind = 'day' | 'week' | 'month' | 'year';

/** The price from this much on. */
export interface Tier {
  readonly from: number;
  readonly priceMicros: number;
}

/** How units become money. Whole numbers throughout. */
export interface Tariff {
  /** Millionths of the currency for `per` units. */
  readonly priceMicros: number;
  /** At least 1. */
  readonly per: number;
  /** Units that cost nothing. */
  readonly included: number;
  /** Ascending, all above `included`; each price holds for the units beyond its `from`, up to the next. */
  readonly tiers: readonly Tier[];
}

/** Which calendar a plan goes by. */
export interface PlanCalendar {
  readonly counts: Counts;
  /** None: everything belongs to one period without an end. */
  readonly period?: PeriodKind | undefined;
  /** IANA name. */
  readonly timeZone: string;
}

/** Another price for what is used by a service spec, on a mountpoint, or both. */
export interface PriceOverride {
  readonly serviceSpecId?: string | undefined;
  readonly mountpoint?: string | undefined;
  readonly priceMicros: number;
}

/** A billing plan, as far as it is reckoned with. */
export interface PricedPlan extends Tariff, PlanCalendar {
  readonly currency: string;
  readonly prices?: readonly PriceOverride[] | undefined;
  readonly mode: 'prepaid' | 'postpaid';
  /** Postpaid: how far below zero the balance may go; no end where nothing is said. */
  readonly creditLimitMicros?: number | undefined;
  /** What is left at which the owner is warned. */
  readonly lowBalanceMicros?: number | undefined;
}
