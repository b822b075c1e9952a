// What became of orders: the timeline of one, and whether all of them, their money and their rights fit together.

import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { LIST_PAGE_MAX } from '../../config/limits.ts';
import { route } from '../../platform/http/route.ts';
import { idParams, idText, timeOf, timeText, wholeNumberText } from '../../platform/http/schemas.ts';
import { TIMELINE_KINDS, timelineFor } from '../shop/order-timeline.ts';
import { FINDINGS, reconcile } from '../shop/reconciliation.ts';
import { licensingProblem } from './licensing-error-codes.ts';
import { findOrder } from './order-routes.ts';
import { orderView, viewOfOrder } from './schemas/order.ts';
import type { ShopRoutesPorts } from './shop-ports.ts';

const TAG = 'orders';

const timelineView = z
  .strictObject({
    data: z.array(
      z.strictObject({
        at: timeText,
        kind: z.enum(TIMELINE_KINDS),
        id: z.string().meta({ description: 'Of the order, payment, entitlement, grant or request' }),
        what: z.string(),
        state: z.string().nullable(),
        actor: z.string().nullable().meta({ description: 'Who: a key, a driver, a provider, a vehicle' }),
        detail: z.string().nullable(),
      }),
    ),
  })
  .meta({ id: 'OrderTimeline' });

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
      const entries = await timelineFor(store.db, actor, row);
      const data = entries.map(({ atMs, ...entry }) => ({ at: timeOf(atMs), ...entry }));
      return { status: 200, body: { data } };
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
