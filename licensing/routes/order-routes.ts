// Orders: made, shown, cancelled. How they are paid: payment-routes.ts.

import type { FastifyInstance } from 'fastify';
import type { Actor } from '../../platform/http/actor.ts';
import { pageAnswer } from '../../platform/http/list-answer.ts';
import type { Problem } from '../../platform/http/problem.ts';
import { route } from '../../platform/http/route.ts';
import { idParams } from '../../platform/http/schemas.ts';
import { pageBy } from '../../platform/store/page.ts';
import type { Kysely } from '../../platform/store/sql.ts';
import type { Tables } from '../../platform/store/tables.ts';
import type { OrdersTable } from '../../platform/store/tables/shop-tables.ts';
import { order } from '../shop/ordering.ts';
import { tellOrder } from '../shop/tell-order.ts';
import { visibleOrders } from '../shop/who-sees.ts';
import { licensingProblem } from './licensing-error-codes.ts';
import { newOrder, orderFilters, orderList, orderView, viewOfOrder } from './schemas/order.ts';
import type { ShopRoutesPorts } from './shop-ports.ts';

const TAG = 'orders';
const KIND = 'order';

export const ORDER_REFUSALS = [
  'vehicle_not_found',
  'product_not_found',
  'product_not_sold',
  'product_not_for_vehicle',
  'has_it_for_good',
  'right_suspended',
  'entitlement_refused',
] as const;

export function orderRoutes(app: FastifyInstance, ports: ShopRoutesPorts): void {
  readRoutes(app, ports);
  createRoute(app, ports);
  cancelRoute(app, ports);
}

function readRoutes(app: FastifyInstance, { store }: ShopRoutesPorts): void {
  route(app, {
    method: 'GET',
    path: '/v1/orders',
    operationId: 'listOrders',
    tag: TAG,
    summary: 'List orders; of drivers their own',
    scope: 'orders:read',
    query: orderFilters,
    response: { 200: orderList },
    errors: [],
    handle: async ({ actor, query: { customerId, driverId, vehicleId, productId, state, ...request } }) => {
      let rows = store.db.selectFrom('orders').selectAll().where(visibleOrders(actor));
      if (customerId !== undefined) rows = rows.where('customer_id', '=', customerId);
      if (driverId !== undefined) rows = rows.where('driver_id', '=', driverId);
      if (vehicleId !== undefined) rows = rows.where('vehicle_id', '=', vehicleId);
      if (productId !== undefined) rows = rows.where('product_id', '=', productId);
      if (state !== undefined) rows = rows.where('state', 'in', state);
      return pageAnswer(await pageBy(rows, request), viewOfOrder);
    },
  });

  route(app, {
    method: 'GET',
    path: '/v1/orders/{id}',
    operationId: 'getOrder',
    tag: TAG,
    summary: 'Show an order',
    scope: 'orders:read',
    params: idParams,
    response: { 200: orderView },
    errors: ['order_not_found'],
    handle: async ({ actor, params: { id } }) => {
      const row = await findOrder(store.db, actor, id);
      if (row === undefined) return licensingProblem('order_not_found');
      return { status: 200, body: viewOfOrder(row) };
    },
  });
}

function createRoute(app: FastifyInstance, { orders, entitlements, journal, now }: ShopRoutesPorts) {
  route(app, {
    method: 'POST',
    path: '/v1/orders',
    operationId: 'createOrder',
    tag: TAG,
    summary: 'Order a product for a vehicle; what costs nothing is paid at once',
    description: 'A driver orders for vehicles that he has claimed, an API key for those of its customer.',
    scope: 'orders:write',
    body: newOrder,
    response: { 201: orderView },
    errors: ORDER_REFUSALS,
    examples: { body: { productId: 'prd_2k6eqtq3h5w7yz2a', vehicleId: 'LSVAA4182E2184847' } },
    handle: async ({ actor, body, change, audit }) => {
      const answer = await change(async (tx) => {
        const made = await order(tx, orders, actor, body, now());
        if (!made.ok) {
          audit({ target: { kind: 'vehicle', id: body.vehicleId } });
          return licensingProblem(made.reason, made.detail === undefined ? {} : { detail: made.detail });
        }
        const view = viewOfOrder(made.row);
        audit({ target: { kind: KIND, id: view.id }, customerId: view.customerId, after: view });
        return { status: 201, body: view };
      });
      if (!('status' in answer)) return answer;
      const { id, vehicleId, productId, state } = answer.body;
      journal.record('info', 'order_made', { order: id, vehicle: vehicleId, product: productId, state });
      if (state === 'paid') entitlements.wake();
      return answer;
    },
  });
}

function cancelRoute(app: FastifyInstance, { orders, journal, now }: ShopRoutesPorts): void {
  route(app, {
    method: 'POST',
    path: '/v1/orders/{id}/cancel',
    operationId: 'cancelOrder',
    tag: TAG,
    summary: 'Cancel an order that is not paid; money that comes all the same goes back',
    scope: 'orders:write',
    params: idParams,
    response: { 200: orderView },
    errors: ['order_not_found', 'order_state_wrong'],
    handle: async ({ actor, params: { id }, change, audit }) => {
      const answer = await change(async (tx) => {
        const row = (await findOrder(tx, actor, id)) && (await orders.take(tx, id));
        if (row === undefined) return licensingProblem('order_not_found');
        audit({ target: { kind: KIND, id }, customerId: row.customer_id, before: viewOfOrder(row) });
        const moved = await orders.move(tx, row, { event: 'cancel', actor: actor.id, nowMs: now() });
        if (!moved.ok) return wrongState(row);
        return { status: 200, body: viewOfOrder(moved.row) };
      });
      if ('status' in answer) {
        const { vehicleId: vehicle_id, state } = answer.body;
        tellOrder(journal, { id, vehicle_id, state }, actor.id);
      }
      return answer;
    },
  });
}

export async function findOrder(
  db: Kysely<Tables>,
  actor: Actor,
  id: string,
): Promise<OrdersTable | undefined> {
  const query = db.selectFrom('orders').selectAll().where('id', '=', id).where(visibleOrders(actor));
  return await query.executeTakeFirst();
}

export function wrongState({ state }: Pick<OrdersTable, 'state'>): Problem {
  return licensingProblem('order_state_wrong', { detail: `it is ${state}` });
}
