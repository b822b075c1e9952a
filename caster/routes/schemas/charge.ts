// Charges as they are asked for and shown: money as text of whole millionths, which is exact whatever reads it.

import { z } from 'zod';
import { listOf, many, timeOf, timeText } from '../../../platform/http/schemas.ts';
import { COUNTED } from '../../accounts/billing-plan.ts';
import { type Charge, CHARGE_KINDS, type CurrencyTotal } from '../../metering/queries/charge-list.ts';
import { countedOf, type NamedPlan } from '../named-things.ts';
import { count, meterFilters, orNull, ownerView, rangeView, reportPage, viewOfOwner } from './metered.ts';

export const currencyText = z
  .string()
  .regex(/^[A-Z]{3}$/, 'must be a currency of ISO 4217, such as EUR or CNY');

export const chargesQuery = z.strictObject({
  ...meterFilters,
  currency: many(currencyText),
  kind: many(z.enum(CHARGE_KINDS)),
  ...reportPage,
  order: z.enum(['newest', 'oldest']).default('newest').meta({ description: 'Which end comes first' }),
});

export const micros = z
  .string()
  .regex(/^(0|-?[1-9]\d*)$/)
  .meta({
    description: 'Millionths of the currency, a whole number as text; negative where something is given back',
  });

export const kindText = z.string().meta({
  description: 'usage: for a window of a session. period: for a calendar period. once: for something else',
});

export const planName = z.string().nullable().meta({ description: 'Null where the plan is gone' });

export const countsText = z
  .enum(COUNTED)
  .nullable()
  .meta({ description: 'What `units` are of; null where neither the charge nor a plan says it' });

export const currencyTotal = z
  .strictObject({ currency: z.string(), amountMicros: micros, charges: count })
  .meta({ id: 'CurrencyTotal' });

const chargeView = z
  .strictObject({
    id: z.string().meta({ description: 'Unique: of a window of a session <session>/<window>/<plan>' }),
    kind: kindText,
    chargedAt: timeText,
    ...ownerView,
    billingPlanName: planName,
    counts: countsText,
    sessionId: z.string().nullable(),
    window: count.nullable().meta({ description: 'Number of the window within the session' }),
    mountpoint: z.string().nullable(),
    node: z.string().nullable(),
    currency: z.string(),
    amountMicros: micros,
    units: count.meta({ description: 'That this charge is for: unitsAfter less unitsBefore' }),
    periodKey: z.string().meta({
      description:
        'The period of the plan in which units are counted: kind and local first day, or always. The amount is the ' +
        'price of unitsAfter less that of unitsBefore, each rounded once',
    }),
    unitsBefore: count,
    unitsAfter: count,
  })
  .meta({ id: 'Charge' });

export const chargeList = z
  .strictObject({
    ...listOf(chargeView).shape,
    ...rangeView,
    totals: z
      .array(currencyTotal)
      .meta({ description: 'Of all charges that the filter finds, and not of this page alone' }),
  })
  .meta({ id: 'ChargeList' });

export function viewOfCharge(charge: Charge, plan: NamedPlan | undefined): z.input<typeof chargeView> {
  const isOfSession = charge.sessionId !== '';
  return {
    id: charge.key,
    kind: charge.kind,
    chargedAt: timeOf(charge.chargedAtMs),
    ...viewOfOwner(charge),
    billingPlanName: plan?.name ?? null,
    counts: countedOf(charge.counts, plan),
    sessionId: orNull(charge.sessionId),
    window: isOfSession ? charge.window : null,
    mountpoint: orNull(charge.mountpoint),
    node: orNull(charge.node),
    currency: charge.currency,
    amountMicros: String(charge.amountMicros),
    units: charge.units,
    periodKey: charge.periodKey,
    unitsBefore: charge.unitsBefore,
    unitsAfter: charge.unitsAfter,
  };
}

export function viewOfCurrencyTotal(total: CurrencyTotal): z.input<typeof currencyTotal> {
  return { ...total, amountMicros: String(total.amountMicros) };
}
