// Payments as a provider tells of them, for tests: its webhooks, signed here and not by what checks them.

import { createHmac } from 'node:crypto';
import { afterEach, expect, type TestContext } from 'vitest';
import {
  type ApiAnswer,
  type ApiUnderTest,
  good,
  openApi,
  TEST_WEBHOOK_SECRET,
} from '../../support/api-app.ts';
import { useStores } from '../../support/use-stores.ts';
import type { Dialect } from '../../../platform/store/store.ts';
import { newOrder, newProduct, type Order } from './shop-under-test.ts';

/** How far the server's clock is ahead of the machine's. */
export const clock = { aheadMs: 0 };

export interface Payment {
  readonly id: string;
  readonly reference: string;
  readonly url: string;
}

export interface Paying {
  readonly under: ApiUnderTest;
  readonly vehicle: string;
  readonly order: Order;
  readonly payment: Payment;
}

/** For a file of tests: opens the interface by `clock`; it is closed, and the clock set right, after each test. */
export function usePaymentApi() {
  const stores = useStores();
  let api: ApiUnderTest | undefined;
  afterEach(async () => {
    clock.aheadMs = 0;
    await api?.close();
    api = undefined;
  });
  return async (
    dialect: Dialect,
    context: TestContext,
    options: Parameters<typeof openApi>[1] = {},
  ): Promise<ApiUnderTest> => {
    const now = (): number => Date.now() + clock.aheadMs;
    api = await openApi(await stores.open(dialect, context), { now, ...options });
    return api;
  };
}

export const pay = (under: ApiUnderTest, order: Order): Promise<Payment> =>
  good<Payment>(under.owner('POST', `/v1/orders/${order.id}/pay`, {}));

/** An order whose payment is begun; of a product of its own unless one is named. */
export async function paying(under: ApiUnderTest, vehicle: string, productId?: string): Promise<Paying> {
  const product = productId ?? (await newProduct(under.owner)).id;
  const order = await newOrder(under.owner, product, vehicle);
  return { under, vehicle, order, payment: await pay(under, order) };
}

let events = 0;

/** A webhook as the provider would send it, signed here and not by what checks it. */
export async function webhook(
  { under, payment }: Pick<Paying, 'under' | 'payment'>,
  change: Readonly<Record<string, unknown>> = {},
  {
    secret = TEST_WEBHOOK_SECRET,
    atMs = Date.now() + clock.aheadMs,
  }: { secret?: string; atMs?: number } = {},
): Promise<ApiAnswer> {
  const body = JSON.stringify({
    id: `evt-${++events}`,
    kind: 'succeeded',
    atMs,
    paymentId: payment.id,
    reference: payment.reference,
    amountMicros: '99000000',
    currency: 'EUR',
    ...change,
  });
  const seconds = Math.floor(atMs / 1000);
  const mac = createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex');
  const answer = await under.app.inject({
    method: 'POST',
    url: '/v1/payments/test/webhook',
    headers: { 'content-type': 'application/json', 'test-signature': `t=${seconds},v1=${mac}` },
    payload: body,
  });
  return {
    status: answer.statusCode,
    headers: answer.headers,
    body: answer.json<unknown>(),
    text: answer.body,
  };
}

export const orderOf = ({ under, order }: Paying): Promise<Order> =>
  good<Order>(under.owner('GET', `/v1/orders/${order.id}`));

export const paymentsOf = ({ under, order }: Paying) =>
  under.store.db
    .selectFrom('payments')
    .select(['id', 'state', 'refund_reason'])
    .where('order_id', '=', order.id)
    .orderBy('id')
    .execute();

export const eventsNamed = ({ under }: Paying, name: string) =>
  under.memory.lines().filter(({ event }) => event === name);

/** The audit log tells of the order with this outcome. */
export async function expectAudited({ under, order }: Paying, outcome: string): Promise<void> {
  const entries = await under.store.db
    .selectFrom('audit_entries')
    .select(['after'])
    .where('target_id', '=', order.id)
    .where('action', '=', 'takePaymentWebhook')
    .execute();
  expect(entries.map(({ after }) => (JSON.parse(after ?? '{}') as { outcome: string }).outcome)).toContain(
    outcome,
  );
}
