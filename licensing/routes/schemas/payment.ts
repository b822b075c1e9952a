// Payments and gifts, as they are asked for and shown.

import { z } from 'zod';
import { idText, listOf, storePageQuery, timeOf, timeText } from '../../../platform/http/schemas.ts';
import type { GiftsTable } from '../../../platform/store/tables/shop-tables.ts';
import { EVENT_OUTCOMES } from '../../shop/payment-events.ts';
import { TEST_ACTIONS } from '../../shop/test-provider.ts';
import { customer, vehicleIdText } from './parts.ts';

const providerName = z.string().min(1).max(40).meta({ description: 'test or stripe, as configured' });

export const newPayment = z
  .strictObject({
    provider: providerName
      .optional()
      .meta({ description: 'The first that is configured where none is said' }),
  })
  .meta({ id: 'NewPayment' });

export const paymentView = z
  .strictObject({
    id: z.string(),
    orderId: z.string(),
    provider: z.string(),
    reference: z.string().nullable().meta({ description: 'What the provider calls it' }),
    url: z.string().nullable().meta({ description: 'The page on which the driver pays' }),
    clientSecret: z
      .string()
      .nullable()
      .meta({ description: 'What a page of the shop pays with, where there is no url' }),
  })
  .meta({ id: 'StartedPayment' });

export const providerParams = z.strictObject({ provider: providerName });

export const providersView = z
  .strictObject({ data: z.array(z.strictObject({ name: z.string() })) })
  .meta({ id: 'PaymentProviders' });

/** Read by the provider, from the very bytes. */
export const webhookBody = z
  .looseObject({})
  .meta({ id: 'PaymentWebhook', description: 'As the provider signs it' });

export const webhookView = z
  .strictObject({
    outcome: z
      .enum([...EVENT_OUTCOMES, 'ignored'])
      .meta({ description: 'What it did; ignored: nothing of ours' }),
  })
  .meta({ id: 'TakenWebhook' });

export const testPaymentParams = z.strictObject({ reference: idText });

export const testPaymentAction = z
  .strictObject({ action: z.enum(TEST_ACTIONS) })
  .meta({ id: 'TestPaymentAction', description: 'What happens at the bank' });

export const testPaymentView = z
  .strictObject({ reference: z.string(), state: z.enum(['open', 'paid', 'failed', 'refunded', 'disputed']) })
  .meta({ id: 'TestPayment' });

export const newGift = z
  .strictObject({
    productId: idText,
    vehicleId: vehicleIdText,
    reference: z
      .string()
      .min(1)
      .max(100)
      .regex(/^\P{Cc}*$/u, 'must have no control characters')
      .meta({ description: 'Of whoever gives: with the same one nothing is given again' }),
  })
  .meta({ id: 'NewGift' });

export const giftView = z
  .strictObject({
    id: z.string(),
    customerId: customer,
    vehicleId: z.string(),
    productId: z.string(),
    reference: z.string(),
    entitlementId: z.string(),
    createdAt: timeText,
  })
  .meta({ id: 'Gift' });

export const giftList = listOf(giftView).meta({ id: 'GiftList' });

export const giftFilters = z.strictObject({ ...storePageQuery, vehicleId: vehicleIdText.optional() });

export function viewOfGift(row: GiftsTable): z.input<typeof giftView> {
  return {
    id: row.id,
    customerId: row.customer_id,
    vehicleId: row.vehicle_id,
    productId: row.product_id,
    reference: row.reference,
    entitlementId: row.entitlement_id,
    createdAt: timeOf(row.created_at),
  };
}
