// Gifts: what a product gives, without an order. Given once for each reference of whoever gives.

import type { FastifyInstance } from 'fastify';
import { visible } from '../../platform/http/actor.ts';
import { pageAnswer } from '../../platform/http/list-answer.ts';
import { route } from '../../platform/http/route.ts';
import { newId } from '../../platform/store/id.ts';
import { pageBy } from '../../platform/store/page.ts';
import type { GiftsTable } from '../../platform/store/tables/shop-tables.ts';
import { orderable } from '../shop/ordering.ts';
import { orderedProduct, rightsOf } from '../shop/product.ts';
import { licensingProblem } from './licensing-error-codes.ts';
import { ORDER_REFUSALS } from './order-routes.ts';
import { giftFilters, giftList, giftView, newGift, viewOfGift } from './schemas/payment.ts';
import type { ShopRoutesPorts } from './shop-ports.ts';

const TAG = 'gifts';
const KIND = 'gift';

export function giftRoutes(
  app: FastifyInstance,
  { store, entitlements, journal, now }: ShopRoutesPorts,
): void {
  route(app, {
    method: 'POST',
    path: '/v1/gifts',
    operationId: 'createGift',
    tag: TAG,
    summary: 'Give a vehicle what a product gives; with the same reference it is given once',
    scope: 'gifts:write',
    body: newGift,
    response: { 200: giftView, 201: giftView },
    errors: [...ORDER_REFUSALS, 'gift_reference_used'],
    handle: async ({ actor, body, change, audit }) => {
      const answer = await change(async (tx) => {
        const { productId, vehicleId, reference } = body;
        const vehicle = await tx
          .selectFrom('vehicles')
          .select('customer_id')
          .where('id', '=', vehicleId)
          .where(visible(actor))
          .executeTakeFirst();
        if (vehicle === undefined) return licensingProblem('vehicle_not_found');
        const before = await tx
          .selectFrom('gifts')
          .selectAll()
          .where('reference', '=', reference)
          .where('customer_id', 'is not distinct from', vehicle.customer_id)
          .executeTakeFirst();
        if (before !== undefined) {
          const isSame = before.product_id === productId && before.vehicle_id === vehicleId;
          if (!isSame) return licensingProblem('gift_reference_used', { param: '/reference' });
          audit({ target: { kind: KIND, id: before.id }, customerId: before.customer_id });
          return { status: 200, body: viewOfGift(before) };
        }
        const found = await orderable(tx, actor, { productId, vehicleId }, true);
        if (!found.ok) return licensingProblem(found.reason);
        const id = newId('gif');
        const nowMs = now();
        const granted = await entitlements.grant(tx, {
          ...{ customerId: found.customerId, vehicleId, productId, orderId: null, giftReference: id },
          rights: rightsOf(orderedProduct(found.product)),
          ...{ actor: actor.id, nowMs },
        });
        if (!granted.ok) return licensingProblem('entitlement_refused', { detail: granted.reason });
        const row: GiftsTable = {
          ...{ id, customer_id: found.customerId, vehicle_id: vehicleId, product_id: productId },
          ...{ reference, entitlement_id: granted.id, created_at: nowMs },
        };
        const inserted = await tx
          .insertInto('gifts')
          .values(row)
          .onConflict((conflict) => conflict.doNothing())
          .executeTakeFirst();
        // Given by another request at this moment: whoever asks again is told so.
        if (Number(inserted.numInsertedOrUpdatedRows ?? 0) !== 1)
          return licensingProblem('gift_reference_used');
        const view = viewOfGift(row);
        audit({ target: { kind: KIND, id }, customerId: row.customer_id, after: view });
        return { status: 201, body: view };
      });
      if ('status' in answer && answer.status === 201) {
        const { id: gift, vehicleId: vehicle, productId: product } = answer.body;
        journal.record('info', 'gift_given', { gift, vehicle, product, actor: actor.id });
        entitlements.wake();
      }
      return answer;
    },
  });

  route(app, {
    method: 'GET',
    path: '/v1/gifts',
    operationId: 'listGifts',
    tag: TAG,
    summary: 'List gifts',
    scope: 'orders:read',
    query: giftFilters,
    response: { 200: giftList },
    errors: [],
    handle: async ({ actor, query: { vehicleId, ...request } }) => {
      let rows = store.db.selectFrom('gifts').selectAll().where(visible(actor));
      if (vehicleId !== undefined) rows = rows.where('vehicle_id', '=', vehicleId);
      return pageAnswer(await pageBy(rows, request), viewOfGift);
    },
  });
}
