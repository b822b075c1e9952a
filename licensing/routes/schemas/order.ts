// Orders as they are made and shown.

import { z } from 'zod';
import { idText, listOf, many, storePageQuery, timeOf, timeText } from '../../../platform/http/schemas.ts';
import { ORDER_STATES } from '../../../platform/store/tables/order-state.ts';
import type { OrdersTable } from '../../../platform/store/tables/shop-tables.ts';
import type { OrderedProduct } from '../../shop/product.ts';
import { customer, vehicleIdText } from './parts.ts';
import { productView } from './product.ts';

export const newOrder = z
  .strictObject({ productId: idText, vehicleId: vehicleIdText })
  .meta({ id: 'NewOrder' });

const { names, descriptions, partNumber, version, versionRule, validSeconds, uses, functions, correction } =
  productView.shape;

const orderedProductView = z
  .strictObject({
    ...{ names, descriptions, partNumber, version, versionRule, validSeconds, uses, functions, correction },
  })
  .meta({ id: 'OrderedProduct', description: 'The product as it was when it was ordered' });

const amountText = z.string().meta({ description: 'Millionths of the currency, as decimal text' });

export const orderView = z
  .strictObject({
    id: z.string(),
    customerId: customer,
    driverId: z
      .string()
      .nullable()
      .meta({ description: 'Driver whose it is; null where an API key ordered' }),
    vehicleId: z.string(),
    productId: z.string(),
    product: orderedProductView,
    amountMicros: amountText,
    currency: z.string(),
    state: z.enum(ORDER_STATES).meta({
      description:
        'pending: to be paid until expiresAt; paid: the vehicle has the entitlement; disputed: the bank asks the ' +
        'money back, and the entitlement rests; refunded, cancelled, expired: over',
    }),
    entitlementId: z.string().nullable(),
    expiresAt: timeText,
    paidAt: timeText.nullable(),
    createdAt: timeText,
    updatedAt: timeText,
  })
  .meta({ id: 'Order' });

export const orderList = listOf(orderView).meta({ id: 'OrderList' });

export const orderFilters = z.strictObject({
  ...storePageQuery,
  customerId: idText.optional(),
  driverId: idText.optional(),
  vehicleId: vehicleIdText.optional(),
  productId: idText.optional(),
  state: many(z.enum(ORDER_STATES)),
});

export function viewOfOrder(row: OrdersTable): z.input<typeof orderView> {
  const product = JSON.parse(row.product) as OrderedProduct;
  return {
    id: row.id,
    customerId: row.customer_id,
    driverId: row.driver_id,
    vehicleId: row.vehicle_id,
    productId: row.product_id,
    product: {
      names: product.names,
      descriptions: product.descriptions,
      partNumber: product.partNumber,
      version: product.version,
      versionRule: product.versionRule,
      validSeconds: product.validSeconds,
      uses: product.uses,
      functions: product.functions.map((one) => ({ ...one })),
      correction: product.correction,
    },
    amountMicros: row.amount_micros,
    currency: row.currency,
    state: row.state,
    entitlementId: row.entitlement_id,
    expiresAt: timeOf(row.expires_at),
    paidAt: timeOf(row.paid_at),
    createdAt: timeOf(row.created_at),
    updatedAt: timeOf(row.updated_at),
  };
}
