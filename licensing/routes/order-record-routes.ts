// What became of orders: timeline and receipt of one, and whether all of them, their money and their rights fit together.

import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { LIST_PAGE_MAX } from '../../config/limits.ts';
import { route } from '../../platform/http/route.ts';
import { idParams, idText, timeOf, timeText, wholeNumberText } from '../../platform/http/schemas.ts';
import { timelineFor } from '../shop/order-timeline.ts';
import { receiptOf } from '../shop/receipt.ts';
import { FINDINGS, reconcile } from '../shop/reconciliation.ts';
import { licensingProblem } from './licensing-error-codes.ts';
import { findOrder, wrongState } from './order-routes.ts';
import { orderView, viewOfOrder } from './schemas/order.ts';
import { timelineView, viewOfTimeline } from './schemas/timeline.ts';
import type { ShopRoutesPorts } from './shop-ports.ts';

const TAG = 'orders';

const { product, amountMicros, currency, vehicleId } = orderView.shape;

const receiptView = z
  .strictObject({
    orderId: z.string(),
    seller: z.string().nullable().meta({ description: 'Name of the customer; null: the operator' }),
    ...{ vehicleId, product, amountMicros, currency },
    paidAt: timeText,
    payment: z
      .strictObject({ id: z.string(), provider: z.string(), reference: z.string().nullable() })
      .nullable()
      .meta({ description: 'Null where it cost nothing' }),
    refundedAt: timeText.nullable().meta({ description: 'When it was given back; null where it was not' }),
  })
  .meta({ id: 'OrderReceipt' });

const reconciliationView = z
  .strictObject({
    looked: z.int().meta({ description: 'Orders that were looked at' }),
    next: z.string().nullable().meta({ description: 'Give it as after; null where that was all' }),
    data: z.array(z.strictObject({ order: orderView, findings: z.array(z.enum(FINDINGS)) })),
  })
  .meta({ id: 'Reconciliation' });

export function orderRecordRoutes(app: FastifyInstance, { store, now }: ShopRoutesPorts): void {
  route(app, {
    method: 'GET',
    path: '/v1/orders/{id}/timeline',
    operationId: 'getOrderTimeline',
    tag: TAG,
    summary: 'Everything that happened to an order, up to the vehicle’s receipt, oldest first',
    scope: 'orders:read',
    params: idParams,
    response: { 200: timelineView },
    errors: ['order_not_found'],
    handle: async ({ actor, params: { id } }) => {
      const row = await findOrder(store.db, actor, id);
      if (row === undefined) return licensingProblem('order_not_found');
      return { status: 200, body: { data: viewOfTimeline(await timelineFor(store.db, actor, row)) } };
    },
  });

  route(app, {
    method: 'GET',
    path: '/v1/orders/{id}/receipt',
    operationId: 'getOrderReceipt',
    tag: TAG,
    summary: 'The receipt of an order that was paid',
    scope: 'orders:read',
    params: idParams,
    response: { 200: receiptView },
    errors: ['order_not_found', 'order_state_wrong'],
    handle: async ({ actor, params: { id } }) => {
      const row = await findOrder(store.db, actor, id);
      if (row === undefined) return licensingProblem('order_not_found');
      const receipt = await receiptOf(store.db, row);
      if (receipt === undefined) return wrongState(row);
      const { seller, paidAtMs, payment, refundedAtMs } = receipt;
      const order = viewOfOrder(row);
      return {
        status: 200,
        body: {
          ...{ orderId: id, seller, vehicleId: order.vehicleId, product: order.product },
          ...{ amountMicros: order.amountMicros, currency: order.currency },
          ...{ paidAt: timeOf(paidAtMs), payment, refundedAt: timeOf(refundedAtMs) },
        },
      };
    },
  });

  route(app, {
    method: 'GET',
    path: '/v1/licensing/reconciliation',
    operationId: 'reconcileOrders',
    tag: TAG,
    summary: 'Orders whose money, entitlement, grant or receipt does not fit, oldest first',
    description: 'What has changed within the last minutes is left out: it may be under way.',
    scope: 'orders:read',
    query: z.strictObject({
      after: idText.optional().meta({ description: 'next of the answer before' }),
      limit: wholeNumberText(1, LIST_PAGE_MAX).default(LIST_PAGE_MAX),
    }),
    response: { 200: reconciliationView },
    errors: [],
    handle: async ({ actor, query: { after, limit } }) => {
      const { unfitting, looked, last } = await reconcile(store.db, actor, { after, limit, nowMs: now() });
      const data = unfitting.map(({ order, findings }) => ({
        order: viewOfOrder(order),
        findings: [...findings],
      }));
      return { status: 200, body: { looked, next: looked < limit ? null : (last ?? null), data } };
    },
  });
}
