// Balances and their entries as they are asked for and shown. Amounts travel as decimal text, since a number of JSON is
// not exact up to the largest.

import { z } from 'zod';
import { listOf, timeOf, timeText } from '../../../platform/http/schemas.ts';
import type { BalanceEntriesTable, BalancesTable } from '../../../platform/store/tables/money-tables.ts';
import { MONEY_MICROS_MAX, readMicros } from '../../metering/rating/money.ts';

const CURRENCIES: ReadonlySet<string> = new Set(Intl.supportedValuesOf('currency'));

export const currencyText = z
  .string()
  .refine((code) => CURRENCIES.has(code), 'must be a currency of ISO 4217, such as EUR or CNY')
  .meta({ description: 'ISO 4217' });

const microsText = z.string().meta({ description: 'Whole millionths of the currency, as decimal text' });

/** Becomes a bigint. */
function amountText(least: bigint, description: string) {
  return z
    .string()
    .max(20)
    .transform((text, context) => {
      const micros = readMicros(text);
      if (micros !== undefined && micros !== 0n && micros >= least && micros <= MONEY_MICROS_MAX)
        return micros;
      context.addIssue({
        code: 'custom',
        message: `must be a whole number as text, from ${least} to ${MONEY_MICROS_MAX} and not 0`,
      });
      return z.NEVER;
    })
    .meta({ type: 'string', description });
}

const reference = z
  .string()
  .trim()
  .min(1)
  .max(100)
  .regex(/^\P{Cc}*$/u, 'must have no control characters')
  .meta({
    description:
      'What the money came by, such as the number of a payment. The same one is entered once for a customer, however ' +
      'often and however much later it is sent',
  });

const note = z
  .string()
  .trim()
  .min(1)
  .max(500)
  .regex(/^\P{Cc}*$/u, 'must have no control characters')
  .meta({ description: 'For people; the customer sees it' });

export const newTopUp = z
  .strictObject({
    currency: currencyText,
    amountMicros: amountText(1n, 'Millionths of the currency, as decimal text: 5000000 is 5 of it'),
    reference: reference.optional(),
    note: note.optional(),
  })
  .meta({ id: 'NewTopUp' });

export const newCorrection = z
  .strictObject({
    currency: currencyText,
    amountMicros: amountText(
      -MONEY_MICROS_MAX,
      'Millionths of the currency, as decimal text; with - it takes away',
    ),
    reference: reference.optional(),
    note,
  })
  .meta({ id: 'NewCorrection' });

export const balanceEntryView = z
  .strictObject({
    id: z.string(),
    customerId: z.string(),
    currency: z.string(),
    kind: z.enum(['top_up', 'charge', 'correction']),
    amountMicros: microsText.meta({ description: 'Signed millionths of the currency, as decimal text' }),
    balanceMicros: microsText.meta({ description: 'The balance after it' }),
    reference: z.string().nullable(),
    note: z.string().nullable(),
    charges: z.int().meta({ description: 'Of a charge: how many it gathers; they are in GET /v1/charges' }),
    createdAt: timeText,
  })
  .meta({ id: 'BalanceEntry' });

export const balanceEntryList = listOf(balanceEntryView).meta({ id: 'BalanceEntryList' });

export const balanceView = z
  .strictObject({
    customerId: z.string(),
    balances: z.array(
      z.strictObject({ currency: z.string(), balanceMicros: microsText, updatedAt: timeText }),
    ),
  })
  .meta({
    id: 'Balance',
    description: 'One for each currency that anything was entered in; each is the sum of its entries',
  });

export function viewOfEntry(row: BalanceEntriesTable): z.input<typeof balanceEntryView> {
  return {
    id: row.id,
    customerId: row.customer_id,
    currency: row.currency,
    kind: row.kind,
    amountMicros: row.amount_micros,
    balanceMicros: row.balance_micros,
    reference: row.reference,
    note: row.note,
    charges: row.charges,
    createdAt: timeOf(row.created_at),
  };
}

export function viewOfBalances(
  customerId: string,
  rows: readonly BalancesTable[],
): z.input<typeof balanceView> {
  return {
    customerId,
    balances: rows.map((row) => ({
      currency: row.currency,
      balanceMicros: row.balance_micros,
      updatedAt: timeOf(row.updated_at),
    })),
  };
}
