// The attacks on the shop that its issue names, on both databases: each is refused with its own code or outcome, and the
// audit log has a line of it. What else they do not do: payments.test.ts.

import { createHmac } from 'node:crypto';
import { describe, expect, test, type TestContext } from 'vitest';
import type { PaymentProvider } from '../../../licensing/shop/payment-provider.ts';
import { type ApiUnderTest, good, TEST_WEBHOOK_SECRET } from '../../support/api-app.ts';
import { DIALECTS } from '../../support/use-stores.ts';
import {
  eventsNamed,
  expectAudited,
  orderOf,
  type Paying,
  paying,
  paymentsOf,
  usePaymentApi,
  webhook,
} from './payments-under-test.ts';
import { claimed, entitlementsOf, newDriver, newOrder, newProduct, newVehicle } from './shop-under-test.ts';
import { expectRefused } from './vehicle-under-test.ts';

const openPayments = usePaymentApi();

/** What the audit log says became of webhooks that moved no order, oldest first. */
async function auditedOfProvider({ store }: ApiUnderTest): Promise<object[]> {
  const entries = await store.db
    .selectFrom('audit_entries')
    .select('after')
    .where('action', '=', 'takePaymentWebhook')
    .where('target_kind', '=', 'payment_provider')
    .orderBy('id')
    .execute();
  return entries.map(({ after }) => JSON.parse(after ?? '{}') as object);
}

describe.each(DIALECTS)('on %s', (dialect) => {
  const open = (context: TestContext): Promise<ApiUnderTest> => openPayments(dialect, context);

  async function begun(context: TestContext): Promise<Paying> {
    const under = await open(context);
    return await paying(under, await newVehicle(under));
  }

  test.for([
    ['names another payment', { paymentId: 'pay_other' }],
    ['says another amount', { amountMicros: '1' }],
    ['says that it went back', { kind: 'refunded' }],
  ] as const)('a webhook that %s since it was signed is refused', async ([, change], context) => {
    const at = await begun(context);
    const [atMs, seconds] = [Date.now(), Math.floor(Date.now() / 1000)];
    const event = {
      ...{ id: 'evt-x', kind: 'succeeded', atMs, paymentId: at.payment.id },
      ...{ amountMicros: '99000000', currency: 'EUR' },
    };
    const signed = createHmac('sha256', TEST_WEBHOOK_SECRET).update(`${seconds}.${JSON.stringify(event)}`);
    const headers = { 'test-signature': `t=${seconds},v1=${signed.digest('hex')}` };
    const answer = at.under.nobody('POST', '/v1/payments/test/webhook', { ...event, ...change }, headers);
    await expectRefused(at.under, answer, 'webhook_signature_wrong', 'test');
    expect((await orderOf(at)).state).toBe('pending');
  });

  test('a webhook without a signature, for a provider that is not there or of no sense is refused', async (context) => {
    const at = await begun(context);
    const { under } = at;
    const unsigned = under.nobody('POST', '/v1/payments/test/webhook', { paymentId: at.payment.id });
    await expectRefused(under, unsigned, 'webhook_signature_wrong', 'test');
    const elsewhere = under.nobody('POST', '/v1/payments/nobody/webhook', {});
    await expectRefused(under, elsewhere, 'payment_provider_not_found', 'nobody');
    await expectRefused(under, webhook(at, { amountMicros: 99 }), 'webhook_malformed', 'test');
  });

  test('a webhook that is replayed is told as repeated, each time', async (context) => {
    const at = await begun(context);
    await webhook(at, { id: 'evt-same' });
    await good(at.under.owner('POST', `/v1/orders/${at.order.id}/refund`));
    expect((await webhook(at, { id: 'evt-same' })).body).toEqual({ outcome: 'event_repeated' });
    expect(await auditedOfProvider(at.under)).toMatchObject([
      { outcome: 'event_repeated', event: 'evt-same' },
    ]);
    expect((await orderOf(at)).state).toBe('refunded');
  });

  test('a webhook that is genuine and about nothing of ours has one line, which says so', async (context) => {
    const provider: PaymentProvider = {
      name: 'stub',
      startPayment: () => Promise.resolve({ ok: false, reason: 'provider_refused', detail: '' }),
      readWebhook: () => ({ ok: true, event: undefined }),
      refund: () => Promise.resolve({ ok: true }),
      lookUp: () => Promise.resolve({ ok: true, events: [] }),
    };
    const under = await openPayments(dialect, context, { providers: [provider] });
    await good(under.nobody('POST', '/v1/payments/stub/webhook', {}));
    expect(await auditedOfProvider(under)).toEqual([{ outcome: 'ignored' }]);
  });

  test('of a webhook that comes a hundred times at once one is applied, and each has its line', async (context) => {
    const at = await begun(context);
    await Promise.all(Array.from({ length: 100 }, () => webhook(at, { id: 'evt-same' })));
    const repeated = { outcome: 'event_repeated', event: 'evt-same' };
    expect(await auditedOfProvider(at.under)).toMatchObject(Array.from({ length: 99 }, () => repeated));
    await expectAudited(at, 'applied');
  });

  test('webhooks in the wrong order change nothing any more, and each has its line', async (context) => {
    const at = await begun(context);
    const atMs = Date.now();
    await webhook(at, { kind: 'refunded' });
    for (const kind of ['succeeded', 'disputed', 'dispute_won', 'failed']) {
      expect((await webhook(at, { kind, atMs })).body).toEqual({ outcome: 'nothing_new' });
    }
    expect((await orderOf(at)).state).toBe('refunded');
    const entries = await at.under.store.db
      .selectFrom('audit_entries')
      .select('after')
      .where('target_id', '=', at.order.id)
      .where('action', '=', 'takePaymentWebhook')
      .orderBy('id')
      .execute();
    expect(
      entries.map(({ after }) => (JSON.parse(after!) as { kind: string; outcome: string }).kind),
    ).toEqual(['refunded', ...['succeeded', 'disputed', 'dispute_won', 'failed']]);
    expect(entries.filter(({ after }) => after!.includes('nothing_new'))).toHaveLength(4);
  });

  test('a dispute of money that nobody knows is refused until the money is known', async (context) => {
    const at = await begun(context);
    const early = webhook(at, { kind: 'disputed', paymentId: undefined, reference: undefined });
    await expectRefused(at.under, early, 'payment_unknown', 'test');
  });

  test('an order that is paid is not paid again, nor is one that is over', async (context) => {
    const at = await begun(context);
    const payAgain = () => at.under.owner('POST', `/v1/orders/${at.order.id}/pay`, {});
    await webhook(at);
    await expectRefused(at.under, payAgain(), 'order_state_wrong', at.order.id);
    await good(at.under.owner('POST', `/v1/orders/${at.order.id}/refund`));
    await expectRefused(at.under, payAgain(), 'order_state_wrong', at.order.id);
    expect(await paymentsOf(at)).toHaveLength(1);
  });

  test('of twenty refunds at once one is taken, and the money goes back once', async (context) => {
    const at = await begun(context);
    const { under } = at;
    await good(under.nobody('POST', new URL(at.payment.url).pathname, { action: 'pay' }));
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => under.owner('POST', `/v1/orders/${at.order.id}/refund`)),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    const refused = answers.filter(({ status }) => status !== 200);
    expect(refused.map(({ body }) => body as object)).toMatchObject(
      refused.map(() => ({ code: 'order_state_wrong' })),
    );
    await under.shopJobs.round();
    await under.shopJobs.round();
    expect(eventsNamed(at, 'refund_sent')).toHaveLength(1);
    expect(await entitlementsOf(under, at.vehicle)).toMatchObject([{ state: 'refunded' }]);
    const entries = await under.store.db
      .selectFrom('audit_entries')
      .select('after')
      .where('target_id', '=', at.order.id)
      .where('action', '=', 'refundOrder')
      .execute();
    const lines = entries.map(({ after }) => JSON.parse(after!) as { refused?: string; state?: string });
    expect(lines.filter(({ refused: code }) => code === 'order_state_wrong')).toHaveLength(19);
    expect(lines.filter(({ state }) => state === 'refunded')).toHaveLength(1);
  });

  test('a refund that races the driver’s dispute ends what was bought once, whoever is first', async (context) => {
    const at = await begun(context);
    const { under } = at;
    await webhook(at);
    const [refund, disputed, lost] = await Promise.all([
      under.owner('POST', `/v1/orders/${at.order.id}/refund`),
      webhook(at, { kind: 'disputed' }),
      webhook(at, { kind: 'dispute_lost' }),
    ]);
    expect([200, 409]).toContain(refund.status);
    if (refund.status === 409) expect(refund.body).toMatchObject({ code: 'order_state_wrong' });
    expect([disputed.status, lost.status]).toEqual([200, 200]);
    expect((await orderOf(at)).state).toBe('refunded');
    expect(await entitlementsOf(under, at.vehicle)).toMatchObject([{ state: 'refunded' }]);
    expect((await paymentsOf(at)).map(({ state }) => state)).toEqual(['refunded']);
  });

  test('a driver who pays, refunds or sees an order of another is told that there is none', async (context) => {
    const under = await open(context);
    const [owner, other, vehicle] = [await newDriver(under), await newDriver(under), await newVehicle(under)];
    await claimed(under, owner, vehicle);
    const { id } = await newOrder(owner.ask, (await newProduct(under.owner)).id, vehicle);
    await expectRefused(under, other.ask('POST', `/v1/orders/${id}/pay`, {}), 'order_not_found', id);
    await expectRefused(under, other.ask('POST', `/v1/orders/${id}/cancel`), 'order_not_found', id);
    await expectRefused(under, owner.ask('POST', `/v1/orders/${id}/refund`), 'insufficient_scope', id);
  });
});
