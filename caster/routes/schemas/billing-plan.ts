// Billing plans as they are asked for and shown.

import { z } from 'zod';
import {
  MOUNTPOINT_NAME_LENGTH_MAX,
  PLAN_PRICES_MAX,
  PLAN_TIERS_MAX,
  VALIDITY_DAYS_MAX,
} from '../../../config/limits.ts';
import { idText, listOf, nameText, timeOf } from '../../../platform/http/schemas.ts';
import type { BillingPlansTable } from '../../../platform/store/tables.ts';
import {
  atZeroOf,
  type BillingPlan,
  complaintsAboutPlan,
  COUNTED,
  DEFAULT_BILLING_PLAN,
  PERIODS,
  readBillingPlan,
} from '../../accounts/billing-plan.ts';
import { complaining, createdAndUpdated, newOwner, owner } from './parts.ts';

const amount = z.int().min(0);

const FIELDS = {
  counts: z.enum(COUNTED).meta({
    description:
      'What is paid for: seconds connected, seconds in which data went out, bytes, epochs, or calendar periods',
  }),
  currency: z
    .string()
    .regex(/^[A-Z]{3}$/, { error: 'must be a currency of ISO 4217, such as EUR or CNY', abort: true })
    .meta({ description: 'ISO 4217' }),
  priceMicros: amount.meta({ description: 'Millionths of the currency for `per` units; a whole number' }),
  per: z
    .int()
    .min(1)
    .meta({ description: 'Units that the price is for: 3600 with wallTime is a price an hour' }),
  period: z.enum(PERIODS).meta({ description: 'What included amounts and tiers begin anew with' }),
  timeZone: z.string().min(1).max(64).meta({ description: 'IANA time zone whose calendar periods begin by' }),
  included: amount.meta({ description: 'Units that cost nothing' }),
  tiers: z
    .array(z.strictObject({ from: amount, priceMicros: amount }))
    .max(PLAN_TIERS_MAX)
    .meta({ description: 'Other prices from an amount on, ascending' }),
  prices: z
    .array(
      z.strictObject({
        serviceSpecId: idText.optional(),
        mountpoint: z.string().min(1).max(MOUNTPOINT_NAME_LENGTH_MAX).optional(),
        priceMicros: amount,
      }),
    )
    .max(PLAN_PRICES_MAX)
    .meta({
      description:
        'Other prices for a service spec, a mountpoint or both; the most specific holds (both, mountpoint, spec). ' +
        'They hold from the first unit on: `included` and `tiers` belong to the own price of the plan',
    }),
  mode: z.enum(['prepaid', 'postpaid']),
  creditLimitMicros: amount.meta({
    description: 'Postpaid: how far below zero the balance may go; no end where nothing is said',
  }),
  lowBalanceMicros: amount.meta({
    description: 'What is left of balance or credit at which the event `balance_low` warns',
  }),
  validityDays: z
    .int()
    .min(1)
    .max(VALIDITY_DAYS_MAX)
    .meta({ description: 'Days that an account lasts from its activation' }),
  atZero: z
    .enum(['end', 'continue'])
    .meta({ description: 'What happens to streams when the balance is used up' }),
} as const;

const content = z.strictObject({
  counts: FIELDS.counts,
  currency: FIELDS.currency,
  priceMicros: FIELDS.priceMicros,
  per: FIELDS.per.default(DEFAULT_BILLING_PLAN.per),
  period: FIELDS.period.optional(),
  timeZone: FIELDS.timeZone.default(DEFAULT_BILLING_PLAN.timeZone),
  included: FIELDS.included.default(DEFAULT_BILLING_PLAN.included),
  tiers: FIELDS.tiers.default([]),
  prices: FIELDS.prices.optional(),
  mode: FIELDS.mode.default(DEFAULT_BILLING_PLAN.mode),
  creditLimitMicros: FIELDS.creditLimitMicros.optional(),
  lowBalanceMicros: FIELDS.lowBalanceMicros.optional(),
  validityDays: FIELDS.validityDays.optional(),
  atZero: FIELDS.atZero.optional().meta({ description: 'end where prepaid, continue where postpaid' }),
});

type Content = z.output<typeof content>;

/** The plan as it is stored and judged. */
export function planOf({ atZero, ...rest }: Content): BillingPlan {
  return { ...rest, atZero: atZero ?? atZeroOf(rest.mode) };
}

const complain = complaining((given: Content) => complaintsAboutPlan(planOf(given)));

export const newBillingPlan = z
  .strictObject({ name: nameText, customerId: newOwner, ...content.shape })
  .superRefine(complain)
  .meta({ id: 'NewBillingPlan' });

/** The same rules for what a change has made of one. */
export const changedBillingPlan = content.superRefine(complain);

export const billingPlanChange = z
  .strictObject({
    name: nameText.optional(),
    counts: FIELDS.counts.optional(),
    currency: FIELDS.currency.optional(),
    priceMicros: FIELDS.priceMicros.optional(),
    per: FIELDS.per.optional(),
    period: FIELDS.period.nullish(),
    timeZone: FIELDS.timeZone.optional(),
    included: FIELDS.included.optional(),
    tiers: FIELDS.tiers.optional(),
    prices: FIELDS.prices.nullish(),
    mode: FIELDS.mode.optional(),
    creditLimitMicros: FIELDS.creditLimitMicros.nullish(),
    lowBalanceMicros: FIELDS.lowBalanceMicros.nullish(),
    validityDays: FIELDS.validityDays.nullish(),
    atZero: FIELDS.atZero.nullish(),
  })
  .meta({ id: 'BillingPlanChange', description: 'What is not given stays; null removes' });

export const billingPlanView = z
  .strictObject({
    id: z.string(),
    customerId: owner,
    name: z.string(),
    counts: FIELDS.counts,
    currency: FIELDS.currency,
    priceMicros: FIELDS.priceMicros,
    per: FIELDS.per,
    period: FIELDS.period.nullable(),
    timeZone: FIELDS.timeZone,
    included: FIELDS.included,
    tiers: FIELDS.tiers,
    prices: FIELDS.prices,
    mode: FIELDS.mode,
    creditLimitMicros: FIELDS.creditLimitMicros.nullable(),
    lowBalanceMicros: FIELDS.lowBalanceMicros.nullable(),
    validityDays: FIELDS.validityDays.nullable(),
    atZero: FIELDS.atZero,
    ...createdAndUpdated,
  })
  .meta({ id: 'BillingPlan' });

export const billingPlanList = listOf(billingPlanView).meta({ id: 'BillingPlanList' });

export function viewOfBillingPlan(row: BillingPlansTable): z.input<typeof billingPlanView> {
  const { tiers, prices, period, validityDays, creditLimitMicros, lowBalanceMicros, ...plan } =
    readBillingPlan(row.plan);
  return {
    id: row.id,
    customerId: row.customer_id,
    name: row.name,
    ...plan,
    tiers: [...tiers],
    prices: [...(prices ?? [])],
    creditLimitMicros: creditLimitMicros ?? null,
    lowBalanceMicros: lowBalanceMicros ?? null,
    period: period ?? null,
    validityDays: validityDays ?? null,
    createdAt: timeOf(row.created_at),
    updatedAt: timeOf(row.updated_at),
  };
}
