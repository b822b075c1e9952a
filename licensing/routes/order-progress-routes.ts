// How far an order has come, asked once or followed live until the function runs in the vehicle.

import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { Actor } from '../../platform/http/actor.ts';
import { beginEventStream, EVENT_STREAM_TYPE } from '../../platform/http/event-stream.ts';
import { problem } from '../../platform/http/problem.ts';
import { route } from '../../platform/http/route.ts';
import { idParams } from '../../platform/http/schemas.ts';
import type { Store } from '../../platform/store/store.ts';
import type { OrdersTable } from '../../platform/store/tables/shop-tables.ts';
import { OrderFollowers } from '../shop/order-followers.ts';
import { ORDER_STAGES, stageOf } from '../shop/order-progress.ts';
import { timelineFor } from '../shop/order-timeline.ts';
import { licensingProblem } from './licensing-error-codes.ts';
import { findOrder } from './order-routes.ts';
import { orderView, viewOfOrder } from './schemas/order.ts';
import { timelineEntryView, viewOfTimeline } from './schemas/timeline.ts';
import type { ShopRoutesPorts } from './shop-ports.ts';

const TAG = 'orders';
const RETRY_S = 5;

const progressView = z
  .strictObject({
    stage: z.enum(ORDER_STAGES).meta({
      description:
        'to_pay; paid: the vehicle has the right; on_its_way: a grant is being sent; waits_for_package: the vehicle ' +
        'needs newer software; activated; refused: by the vehicle; rests: its money is in dispute; over',
    }),
    order: orderView,
    timeline: z.array(timelineEntryView),
  })
  .meta({ id: 'OrderProgress' });

export function orderProgressRoutes(app: FastifyInstance, { store, journal }: ShopRoutesPorts): void {
  const followers = new OrderFollowers(journal);
  app.addHook('preClose', (done) => {
    followers.close();
    done();
  });

  route(app, {
    method: 'GET',
    path: '/v1/orders/{id}/progress',
    operationId: 'getOrderProgress',
    tag: TAG,
    summary: 'How far an order has come, with its timeline',
    scope: 'orders:read',
    params: idParams,
    response: { 200: progressView },
    errors: ['order_not_found'],
    handle: async ({ actor, params: { id } }) => {
      const row = await findOrder(store.db, actor, id);
      if (row === undefined) return licensingProblem('order_not_found');
      return { status: 200, body: await progressOf(store, actor, row) };
    },
  });

  route(app, {
    method: 'GET',
    path: '/v1/orders/{id}/progress/events',
    operationId: 'followOrderProgress',
    tag: TAG,
    summary: 'Follow an order as server-sent events, until the function runs in the vehicle and beyond',
    description:
      'Each message `progress` is what GET /v1/orders/{id}/progress answers: at once, and whenever it is different. With ' +
      'Last-Event-ID the first one comes where it is not what was had. Ends after five minutes; come again.',
    scope: 'orders:read',
    params: idParams,
    response: {},
    file: { contentType: EVENT_STREAM_TYPE, description: 'One OrderProgress as JSON a message' },
    errors: ['order_not_found', 'too_many_event_readers', 'shutting_down'],
    handle: async ({ actor, params: { id }, request, reply }) => {
      const row = await findOrder(store.db, actor, id);
      if (row === undefined) return licensingProblem('order_not_found');
      const refusal = followers.refusal(actor);
      if (refusal !== undefined) return problem(refusal, {}, RETRY_S);
      const last = request.headers['last-event-id'];
      followers.add({
        response: beginEventStream(reply),
        actor,
        order: { id, vehicleId: row.vehicle_id },
        lastId: typeof last === 'string' ? last : undefined,
        read: async () => {
          const now = await findOrder(store.db, actor, id);
          return now === undefined ? undefined : JSON.stringify(await progressOf(store, actor, now));
        },
      });
      return { streaming: true };
    },
  });
}

async function progressOf(
  { db }: Pick<Store, 'db'>,
  actor: Actor,
  order: OrdersTable,
): Promise<z.input<typeof progressView>> {
  const timeline = await timelineFor(db, actor, order);
  return { stage: stageOf(order, timeline), order: viewOfOrder(order), timeline: viewOfTimeline(timeline) };
}
