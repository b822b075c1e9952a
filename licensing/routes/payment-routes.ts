// Payments: an order is paid at a provider, the provider tells of it by webhooks, and money goes back.

import type { FastifyInstance } from 'fastify';
import { isProblem, type Problem } from '../../platform/http/problem.ts';
import { route } from '../../platform/http/route.ts';
import { idParams } from '../../platform/http/schemas.ts';
import type { Tx } from '../shop/orders.ts';
import { isEarly, type TakenEvent } from '../shop/payment-events.ts';
import { tellOrder } from '../shop/tell-order.ts';
import { licensingProblem } from './licensing-error-codes.ts';
import { findOrder, wrongState } from './order-routes.ts';
import { orderView, viewOfOrder } from './schemas/order.ts';
import {
  newPayment,
  paymentView,
  providerParams,
  providersView,
  webhookBody,
  webhookView,
} from './schemas/payment.ts';
import type { ShopRoutesPorts } from './shop-ports.ts';

const TAG = 'payments';
const KIND = 'order';
const PROVIDER_RETRY_S = 5;
const IGNORED = { status: 200, body: { outcome: 'ignored' } } as const;

export function paymentRoutes(app: FastifyInstance, ports: ShopRoutesPorts): void {
  payRoutes(app, ports);
  webhookRoute(app, ports);
  refundRoute(app, ports);
}

function payRoutes(app: FastifyInstance, { store, payments, now }: ShopRoutesPorts): void {
  route(app, {
    method: 'GET',
    path: '/v1/payment-providers',
    operationId: 'listPaymentProviders',
    tag: TAG,
    summary: 'By whom orders can be paid',
    scope: 'products:read',
    response: { 200: providersView },
    errors: [],
    handle: () => ({ status: 200, body: { data: payments.providerNames.map((name) => ({ name })) } }),
  });

  route(app, {
    method: 'POST',
    path: '/v1/orders/{id}/pay',
    operationId: 'payOrder',
    tag: TAG,
    summary: 'Begin to pay an order; what was begun and not ended is given again',
    scope: 'orders:write',
    params: idParams,
    body: newPayment,
    response: { 201: paymentView },
    errors: [
      'order_not_found',
      'order_state_wrong',
      'has_it_for_good',
      'right_suspended',
      'payment_provider_not_found',
      'provider_away',
      'provider_refused',
    ],
    handle: async ({ actor, params: { id }, body, audit }) => {
      const order = await findOrder(store.db, actor, id);
      if (order === undefined) return licensingProblem('order_not_found');
      audit({ target: { kind: KIND, id }, customerId: order.customer_id });
      if (order.state !== 'pending' || order.expires_at <= now()) return wrongState(order);
      const started = await payments.start(order, body.provider);
      if (!started.ok) return refusalOf(started);
      const { payment, opening } = started;
      audit({
        target: { kind: 'payment', id: payment.id },
        customerId: order.customer_id,
        after: { order: id, provider: payment.provider },
      });
      const { id: paymentId, provider, reference } = payment;
      return { status: 201, body: { id: paymentId, orderId: id, provider, reference, ...opening } };
    },
  });
}

function refusalOf(
  refused: Extract<Awaited<ReturnType<ShopRoutesPorts['payments']['start']>>, { ok: false }>,
): Problem {
  switch (refused.reason) {
    case 'payment_provider_not_found':
      return licensingProblem(refused.reason, { param: '/provider' });
    case 'order_state_wrong':
      return licensingProblem(refused.reason, { detail: `it is ${refused.state}` });
    case 'has_it_for_good':
    case 'right_suspended':
      return licensingProblem(refused.reason);
    case 'provider_away':
      return licensingProblem(refused.reason, {}, PROVIDER_RETRY_S);
    case 'provider_refused':
      return licensingProblem(refused.reason, { detail: refused.detail });
  }
}

function webhookRoute(app: FastifyInstance, { payments, events, jobs, journal, now }: ShopRoutesPorts): void {
  route(app, {
    method: 'POST',
    path: '/v1/payments/{provider}/webhook',
    operationId: 'takePaymentWebhook',
    tag: TAG,
    summary: 'Where a payment provider tells of payments; proved by its signature over the very bytes',
    scope: 'public',
    audited: true,
    refusalsAudited: true,
    params: providerParams,
    body: webhookBody,
    response: { 200: webhookView },
    errors: [
      'payment_provider_not_found',
      'webhook_signature_wrong',
      'webhook_too_old',
      'webhook_malformed',
      'payment_unknown',
      'store_unavailable',
    ],
    handle: async ({ params: { provider: name }, request, address, change, audit }) => {
      const target = { kind: 'payment_provider', id: name };
      const refused = (problem: Problem): Problem => {
        audit({ target });
        return problem;
      };
      const provider = payments.provider(name);
      if (provider === undefined) return refused(licensingProblem('payment_provider_not_found'));
      const nowMs = now();
      const read = provider.readWebhook(request.rawBody ?? Buffer.alloc(0), request.headers, nowMs);
      if (!read.ok) {
        const { reason } = read;
        journal.recordSampled(address, 'warn', 'webhook_refused', { provider: name, reason, address });
        return refused(licensingProblem(reason));
      }
      const { event } = read;
      if (event === undefined) {
        audit({ target, after: IGNORED.body });
        return IGNORED;
      }
      const result: { taken?: TakenEvent } = {};
      const answer = await change(async (tx: Tx) => {
        const taken = await events.take(tx, name, event, nowMs);
        result.taken = taken;
        const { order, payment, outcome } = taken;
        // Refused, so that the provider sends it again: of this one it matters.
        if (outcome === 'payment_unknown' && isEarly(event)) return licensingProblem('payment_unknown');
        audit({
          target: order === undefined ? target : { kind: KIND, id: order.id },
          customerId: order?.customer_id ?? null,
          after: { outcome, kind: event.kind, event: event.id, payment: payment?.id, order: order?.state },
        });
        return { status: 200, body: { outcome } };
      });
      if (result.taken !== undefined) payments.told(name, result.taken, event.id);
      if (result.taken?.payment?.state === 'refund_wanted') jobs.wake();
      return isProblem(answer) ? refused(answer) : answer;
    },
  });
}

function refundRoute(
  app: FastifyInstance,
  { orders, payments, entitlements, jobs, journal, now }: ShopRoutesPorts,
): void {
  route(app, {
    method: 'POST',
    path: '/v1/orders/{id}/refund',
    operationId: 'refundOrder',
    tag: TAG,
    summary: 'Give back the money of a paid order; the vehicle loses at once what it bought',
    scope: 'orders:refund',
    params: idParams,
    response: { 200: orderView },
    errors: ['order_not_found', 'order_state_wrong'],
    handle: async ({ actor, params: { id }, change, audit }) => {
      const answer = await change(async (tx) => {
        const row = (await findOrder(tx, actor, id)) && (await orders.take(tx, id));
        if (row === undefined) return licensingProblem('order_not_found');
        if (row.state !== 'paid' && row.state !== 'disputed') return wrongState(row);
        const nowMs = now();
        const moved = await orders.move(tx, row, { event: 'refund', actor: actor.id, nowMs });
        if (!moved.ok) return wrongState(row);
        await payments.wantRefund(tx, id, nowMs);
        const [before, after] = [viewOfOrder(row), viewOfOrder(moved.row)];
        audit({ target: { kind: KIND, id }, customerId: row.customer_id, before, after });
        return { status: 200, body: after };
      });
      if ('status' in answer) {
        const { vehicleId: vehicle_id } = answer.body;
        tellOrder(journal, { id, vehicle_id, state: 'refunded' }, actor.id);
        entitlements.wake();
        jobs.wake();
      }
      return answer;
    },
  });
}
