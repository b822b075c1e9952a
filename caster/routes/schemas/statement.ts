// Statements as they are asked for and shown.

import { z } from 'zod';
import { idText, timeOf, timeText } from '../../../platform/http/schemas.ts';
import { isTimeZone } from '../../accounts/billing-plan.ts';
import type { Statement } from '../statement.ts';
import { countsText, currencyTotal, kindText, micros, planName, viewOfCurrencyTotal } from './charge.ts';
import { count, orNull } from './metered.ts';
import { reference } from './parts.ts';

export const monthText = z
  .string()
  .regex(/^(?:19[7-9]\d|[2-9]\d{3})-(?:0[1-9]|1[0-2])$/, 'must be a month such as 2026-11');

export const statementQuery = z.strictObject({
  customerId: idText.optional().meta({ description: 'Whose; a customer’s own key need not say it' }),
  appId: idText
    .optional()
    .meta({ description: 'Of this app alone. Balances are the customer’s and left out then' }),
  month: monthText.optional().meta({ description: 'Where nothing is said, the one that goes on' }),
  timeZone: z
    .string()
    .max(64)
    .refine(isTimeZone, 'must be a time zone of the IANA list, such as Europe/Berlin')
    .default('UTC')
    .meta({ description: 'IANA time zone whose calendar the month begins and ends by' }),
});

const line = z
  .strictObject({
    appId: reference,
    appName: z.string().nullable().meta({ description: 'Null where the app is gone' }),
    billingPlanId: reference,
    billingPlanName: planName,
    counts: countsText,
    periodKey: z
      .string()
      .meta({ description: 'Period of the plan: its kind and local first day, or always' }),
    kind: kindText,
    currency: z.string(),
    units: count,
    charges: count.meta({ description: 'Charges that the line adds up; GET /v1/charges has them' }),
    amountMicros: micros,
  })
  .meta({ id: 'StatementLine' });

const balance = z
  .strictObject({
    currency: z.string(),
    openingMicros: micros,
    topUpMicros: micros,
    chargeMicros: micros.meta({
      description: 'What the balance was changed by for charges: negative for what was paid',
    }),
    correctionMicros: micros,
    closingMicros: micros,
  })
  .meta({ id: 'StatementBalance' });

export const statementView = z
  .strictObject({
    object: z.literal('statement'),
    customerId: z.string(),
    customerName: z.string().nullable(),
    appId: reference.meta({ description: 'Null where it is of all apps' }),
    month: z.string(),
    timeZone: z.string(),
    from: timeText,
    to: timeText,
    isFinal: z.boolean().meta({ description: 'False while the month goes on' }),
    createdAt: timeText,
    lines: z.array(line),
    totals: z.array(currencyTotal).meta({ description: 'Of each currency, as in GET /v1/charges' }),
    balances: z
      .array(balance)
      .nullable()
      .meta({ description: 'Of each currency; null where no balances are kept, or for an app alone' }),
  })
  .meta({ id: 'Statement' });

export function viewOfStatement(statement: Statement): z.input<typeof statementView> {
  const { balances } = statement;
  return {
    object: 'statement',
    customerId: statement.customerId,
    customerName: statement.customerName,
    appId: statement.appId ?? null,
    month: statement.month,
    timeZone: statement.timeZone,
    from: timeOf(statement.fromMs),
    to: timeOf(statement.toMs),
    isFinal: statement.isFinal,
    createdAt: timeOf(statement.createdAtMs),
    lines: statement.lines.map(({ appId, billingPlanId, amountMicros, ...rest }) => ({
      ...rest,
      appId: orNull(appId),
      billingPlanId: orNull(billingPlanId),
      amountMicros: String(amountMicros),
    })),
    totals: statement.totals.map(viewOfCurrencyTotal),
    balances:
      balances?.map((period) => ({
        currency: period.currency,
        openingMicros: String(period.openingMicros),
        topUpMicros: String(period.topUpMicros),
        chargeMicros: String(period.chargeMicros),
        correctionMicros: String(period.correctionMicros),
        closingMicros: String(period.closingMicros),
      })) ?? null,
  };
}
