// Orders that are paid, on both databases: whatever a provider tells, in whatever order and however often, a paid order
// has one entitlement, and money that pays for nothing goes back.

import { createHmac } from 'node:crypto';
import { describe, expect, test, type TestContext } from 'vitest';
import { ORDER_PENDING_MS, PAYMENT_ASKED_AFTER_MS, RECONCILED_AFTER_MS } from '../../../config/limits.ts';
import { sql } from '../../../platform/store/sql.ts';
import { type ApiUnderTest, good, TEST_WEBHOOK_SECRET } from '../../support/api-app.ts';
import { DIALECTS } from '../../support/use-stores.ts';
import {
  clock,
  eventsNamed,
  expectAudited,
  orderOf,
  pay,
  type Paying,
  paying,
  type Payment,
  paymentsOf,
  usePaymentApi,
  webhook,
} from './payments-under-test.ts';
import {
  claimed,
  entitlementsOf,
  newDriver,
  newOrder,
  newProduct,
  newVehicle,
  type Order,
} from './shop-under-test.ts';
import { expectRefused } from './vehicle-under-test.ts';

const openPayments = usePaymentApi();

/** Makes the store refuse a payment that has its page and is not begun: a kill in between would leave it so. */
const HALF_BEGUN = {
  sqlite: sql`create trigger half_begun before update on payments
    when new.opening is not null and new.state = 'starting' begin select raise(abort, 'half begun'); end`,
  postgres: sql`alter table payments add constraint half_begun check (opening is null or state <> 'starting')`,
};

describe.each(DIALECTS)('on %s', (dialect) => {
  const open = (context: TestContext): Promise<ApiUnderTest> => openPayments(dialect, context);

  async function begun(context: TestContext): Promise<Paying> {
    const under = await open(context);
    return await paying(under, await newVehicle(under));
  }

  test('a driver pays on the page of the test provider, and the vehicle has what was bought', async (context) => {
    const under = await open(context);
    const [driver, vehicle, product] = [
      await newDriver(under),
      await newVehicle(under),
      await newProduct(under.owner),
    ];
    await claimed(under, driver, vehicle);
    const order = await newOrder(driver.ask, product.id, vehicle);
    const payment = await good<Payment>(
      driver.ask('POST', `/v1/orders/${order.id}/pay`, { provider: 'test' }),
    );
    const page = new URL(payment.url).pathname;
    const shown = await under.nobody('GET', page);
    expect(shown.text).toContain('99.00 EUR');
    expect(shown.headers['content-security-policy']).toContain("default-src 'none'");
    expect(await good(under.nobody('POST', page, { action: 'pay' }))).toMatchObject({ state: 'paid' });
    const paid = await good<Order>(driver.ask('GET', `/v1/orders/${order.id}`));
    const [entitlement] = await entitlementsOf(under, vehicle);
    expect(paid).toMatchObject({ state: 'paid', entitlementId: entitlement!.id });
    expect(entitlement).toMatchObject({ state: 'active', order_id: order.id });
  });

  test('an order is paid by one payment at a provider, however often it is begun', async (context) => {
    const at = await begun(context);
    expect(await pay(at.under, at.order)).toEqual(at.payment);
    const answers = await Promise.all([1, 2, 3].map(() => pay(at.under, at.order)));
    expect(new Set(answers.map(({ id }) => id))).toEqual(new Set([at.payment.id]));
  });

  test('a payment that ten begin at once is one, on one page of the provider', async (context) => {
    const under = await open(context);
    const order = await newOrder(under.owner, (await newProduct(under.owner)).id, await newVehicle(under));
    const answers = await Promise.all(Array.from({ length: 10 }, () => pay(under, order)));
    expect(answers).toEqual(answers.map(() => answers[0]));
    const pages = await under.store.db.selectFrom('test_payments').select('reference').execute();
    expect(pages).toEqual([{ reference: answers[0]!.reference }]);
  });

  test('what a provider answers to the beginning of a payment is written at once', async (context) => {
    const under = await open(context);
    await HALF_BEGUN[dialect].execute(under.store.db);
    const { payment } = await paying(under, await newVehicle(under));
    expect(await under.store.db.selectFrom('payments').select(['id', 'state']).execute()).toEqual([
      { id: payment.id, state: 'started' },
    ]);
  });

  test('a webhook that comes a hundred times at once does its work once', async (context) => {
    const at = await begun(context);
    const answers = await Promise.all(Array.from({ length: 100 }, () => webhook(at, { id: 'evt-same' })));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    const outcomes = answers.map(({ body }) => (body as { outcome: string }).outcome);
    expect(outcomes.filter((one) => one === 'applied')).toHaveLength(1);
    expect(outcomes.filter((one) => one === 'event_repeated')).toHaveLength(99);
    expect(await entitlementsOf(at.under, at.vehicle)).toHaveLength(1);
    await expectAudited(at, 'applied');
    expect(eventsNamed(at, 'order_paid')).toHaveLength(1);
  });

  test('a hundred different webhooks of one payment make one entitlement', async (context) => {
    const at = await begun(context);
    const answers = await Promise.all(Array.from({ length: 100 }, () => webhook(at)));
    const outcomes = answers.map(({ body }) => (body as { outcome: string }).outcome);
    expect(outcomes.filter((one) => one === 'applied')).toHaveLength(1);
    expect(outcomes.filter((one) => one === 'nothing_new')).toHaveLength(99);
    expect(await entitlementsOf(at.under, at.vehicle)).toHaveLength(1);
  });

  test.for([
    ['webhook_signature_wrong', 'whsec_of_somebody', 0],
    ['webhook_too_old', TEST_WEBHOOK_SECRET, -301_000],
    ['webhook_too_old', TEST_WEBHOOK_SECRET, 400_000],
  ] as const)('a webhook is refused with %s and does nothing', async ([code, secret, offMs], context) => {
    const at = await begun(context);
    await expectRefused(at.under, webhook(at, {}, { secret, atMs: Date.now() + offMs }), code, 'test');
    expect((await orderOf(at)).state).toBe('pending');
    expect(eventsNamed(at, 'webhook_refused')).toMatchObject([{ reason: code, provider: 'test' }]);
  });

  test('a webhook whose body was changed after it was signed is refused', async (context) => {
    const at = await begun(context);
    const [atMs, seconds] = [Date.now(), Math.floor(Date.now() / 1000)];
    const body = JSON.stringify({ id: 'evt-x', kind: 'succeeded', atMs, paymentId: at.payment.id });
    const mac = createHmac('sha256', TEST_WEBHOOK_SECRET).update(`${seconds}.${body}`).digest('hex');
    const headers = { 'test-signature': `t=${seconds},v1=${mac}` };
    const changed = { ...(JSON.parse(body) as object), paymentId: 'pay_other' };
    const answer = await at.under.nobody('POST', '/v1/payments/test/webhook', changed, headers);
    expect(answer.body).toMatchObject({ code: 'webhook_signature_wrong' });
  });

  test('a genuine webhook that cannot be read is refused, and an unknown provider is not there', async (context) => {
    const at = await begun(context);
    expect((await webhook(at, { amountMicros: 99 })).body).toMatchObject({ code: 'webhook_malformed' });
    const unknown = await at.under.nobody('POST', '/v1/payments/nobody/webhook', {});
    expect(unknown.body).toMatchObject({ code: 'payment_provider_not_found' });
  });

  test.for([
    ['amount_wrong', { amountMicros: '98000000' }],
    ['currency_wrong', { currency: 'CNY' }],
  ] as const)(
    'money of another kind (%s) pays for nothing and goes back',
    async ([outcome, change], context) => {
      const at = await begun(context);
      expect((await webhook(at, change)).body).toEqual({ outcome });
      expect((await orderOf(at)).state).toBe('pending');
      expect(await entitlementsOf(at.under, at.vehicle)).toEqual([]);
      expect(await paymentsOf(at)).toMatchObject([{ refund_reason: outcome }]);
      await expectAudited(at, outcome);
      expect(eventsNamed(at, 'payment_refused')).toMatchObject([{ reason: outcome, order: at.order.id }]);
    },
  );

  test('an order that is paid twice has one entitlement, and the second money goes back', async (context) => {
    const at = await begun(context);
    // The first counts as failed, so that another is begun.
    await webhook(at, { kind: 'failed' });
    const second = await pay(at.under, at.order);
    expect(second.id).not.toBe(at.payment.id);
    expect((await webhook(at)).body).toMatchObject({ outcome: 'applied' });
    const twice = { ...at, payment: second };
    expect((await webhook(twice)).body).toMatchObject({ outcome: 'paid_twice' });
    await at.under.shopJobs.round();
    expect(await paymentsOf(at)).toMatchObject([
      { id: at.payment.id, state: 'succeeded' },
      { id: second.id, state: 'refund_sent', refund_reason: 'paid_twice' },
    ]);
    expect(await entitlementsOf(at.under, at.vehicle)).toMatchObject([{ state: 'active' }]);
    await expectAudited(at, 'paid_twice');
    expect(eventsNamed(at, 'refund_sent')).toHaveLength(1);
  });

  test('money for an order that was cancelled goes back', async (context) => {
    const at = await begun(context);
    await good(at.under.owner('POST', `/v1/orders/${at.order.id}/cancel`));
    expect((await webhook(at)).body).toMatchObject({ outcome: 'paid_late' });
    expect((await orderOf(at)).state).toBe('cancelled');
    expect(await entitlementsOf(at.under, at.vehicle)).toEqual([]);
    await expectAudited(at, 'paid_late');
  });

  test('an order that nobody paid runs out, and money that comes later goes back', async (context) => {
    const at = await begun(context);
    clock.aheadMs = ORDER_PENDING_MS;
    await at.under.shopJobs.round();
    expect((await orderOf(at)).state).toBe('expired');
    expect(eventsNamed(at, 'order_expired')).toHaveLength(1);
    expect((await webhook(at)).body).toMatchObject({ outcome: 'paid_late' });
    const late = await at.under.owner('POST', `/v1/orders/${at.order.id}/pay`, {});
    expect(late.body).toMatchObject({ code: 'order_state_wrong' });
  });

  test('a refund that is told of before the payment ends the order, and the payment changes nothing', async (context) => {
    const at = await begun(context);
    expect((await webhook(at, { kind: 'refunded' })).body).toMatchObject({ outcome: 'applied' });
    expect((await webhook(at)).body).toMatchObject({ outcome: 'nothing_new' });
    expect((await orderOf(at)).state).toBe('refunded');
    expect(await entitlementsOf(at.under, at.vehicle)).toEqual([]);
  });

  test('a late refund at the provider ends what was bought', async (context) => {
    const at = await begun(context);
    await webhook(at);
    expect((await webhook(at, { kind: 'refunded' })).body).toMatchObject({ outcome: 'applied' });
    expect((await orderOf(at)).state).toBe('refunded');
    expect(await entitlementsOf(at.under, at.vehicle)).toMatchObject([{ state: 'refunded' }]);
    expect(eventsNamed(at, 'order_refunded')).toHaveLength(1);
  });

  test('a part of the money that goes back is noted and ends nothing', async (context) => {
    const at = await begun(context);
    await webhook(at);
    const part = await webhook(at, { kind: 'refunded_partly', amountMicros: '1000000' });
    expect(part.body).toMatchObject({ outcome: 'refunded_partly' });
    expect((await orderOf(at)).state).toBe('paid');
  });

  test('a refund by a key ends what was bought at once, and the money goes back', async (context) => {
    const at = await begun(context);
    const page = new URL(at.payment.url).pathname;
    await good(at.under.nobody('POST', page, { action: 'pay' }));
    expect(await good(at.under.owner('POST', `/v1/orders/${at.order.id}/refund`))).toMatchObject({
      state: 'refunded',
    });
    expect(await entitlementsOf(at.under, at.vehicle)).toMatchObject([{ state: 'refunded' }]);
    await at.under.shopJobs.round();
    expect(await paymentsOf(at)).toMatchObject([{ state: 'refunded', refund_reason: 'asked' }]);
    const again = await at.under.owner('POST', `/v1/orders/${at.order.id}/refund`);
    expect(again.body).toMatchObject({ code: 'order_state_wrong' });
  });

  test('of a refund and many payments at once one order and one entitlement come out', async (context) => {
    const at = await begun(context);
    const answers = await Promise.all([
      ...Array.from({ length: 10 }, () => webhook(at)),
      webhook(at, { kind: 'refunded' }),
      at.under.owner('POST', `/v1/orders/${at.order.id}/cancel`),
      ...Array.from({ length: 10 }, () => webhook(at)),
    ]);
    expect(answers.every(({ status }) => status === 200 || status === 409)).toBe(true);
    const [order, entitlements] = [await orderOf(at), await entitlementsOf(at.under, at.vehicle)];
    expect(['refunded', 'cancelled']).toContain(order.state);
    expect(entitlements.filter(({ state }) => state === 'active')).toEqual([]);
    expect(entitlements.length).toBeLessThanOrEqual(1);
    expect((await paymentsOf(at))[0]!.state).toBe('refunded');
  });

  test('a dispute lets the entitlement rest: won, it goes on; lost, it is over', async (context) => {
    const at = await begun(context);
    await webhook(at);
    await webhook(at, { kind: 'disputed' });
    expect((await orderOf(at)).state).toBe('disputed');
    expect(await entitlementsOf(at.under, at.vehicle)).toMatchObject([{ state: 'suspended' }]);
    expect(eventsNamed(at, 'order_disputed')).toHaveLength(1);
    await webhook(at, { kind: 'dispute_won' });
    expect((await orderOf(at)).state).toBe('paid');
    expect(await entitlementsOf(at.under, at.vehicle)).toMatchObject([{ state: 'active' }]);
    await webhook(at, { kind: 'disputed' });
    await webhook(at, { kind: 'dispute_lost' });
    expect((await orderOf(at)).state).toBe('refunded');
    expect(await entitlementsOf(at.under, at.vehicle)).toMatchObject([{ state: 'refunded' }]);
  });

  test('a payment whose webhook was lost is found by asking the provider', async (context) => {
    const at = await begun(context);
    const { store } = at.under;
    await store.db.updateTable('test_payments').set({ state: 'paid' }).execute();
    await at.under.shopJobs.round();
    expect((await orderOf(at)).state).toBe('pending');
    clock.aheadMs = PAYMENT_ASKED_AFTER_MS;
    await at.under.shopJobs.round();
    expect((await orderOf(at)).state).toBe('paid');
    expect((await webhook(at)).body).toMatchObject({ outcome: 'nothing_new' });
    expect(await entitlementsOf(at.under, at.vehicle)).toHaveLength(1);
  });

  test('a webhook about nothing of ours is taken and does nothing', async (context) => {
    const at = await begun(context);
    const other = { paymentId: 'pay_other', reference: 'tp_other' };
    expect((await webhook(at, other)).body).toMatchObject({ outcome: 'payment_unknown' });
  });

  test('no secret of a provider is in the log, the audit log or the payments', async (context) => {
    const at = await begun(context);
    await webhook(at);
    const rows = [
      at.under.memory.lines(),
      await at.under.store.db.selectFrom('audit_entries').selectAll().execute(),
      await at.under.store.db.selectFrom('payments').selectAll().execute(),
    ];
    expect(JSON.stringify(rows)).not.toContain(TEST_WEBHOOK_SECRET);
    expect(JSON.stringify(rows[2])).not.toContain('test-payments');
  });

  test('the timeline of an order has its order, payment and entitlement in the order they happened', async (context) => {
    const at = await begun(context);
    await webhook(at);
    await webhook(at, { kind: 'refunded' });
    const { data } = await good<{ data: { kind: string; what: string; state: string }[] }>(
      at.under.owner('GET', `/v1/orders/${at.order.id}/timeline`),
    );
    const told = data.map(({ kind, what }) => `${kind} ${what}`);
    expect(told.slice(0, 2)).toEqual(['order order', 'payment started']);
    expect(told.slice(2).toSorted()).toEqual([
      ...['entitlement grant', 'entitlement refund', 'order pay', 'order refund'],
      ...['payment_event refunded', 'payment_event succeeded'],
    ]);
  });

  test('the reconciliation finds what does not fit, and nothing of what does', async (context) => {
    const at = await begun(context);
    const { under, vehicle } = at;
    await webhook(at);
    clock.aheadMs = 2 * RECONCILED_AFTER_MS;
    const found = async (): Promise<string[]> => {
      const { data } = await good<{ data: { findings: string[] }[] }>(
        under.owner('GET', '/v1/licensing/reconciliation'),
      );
      return data.flatMap(({ findings }) => findings);
    };
    // No part that makes grants runs here.
    expect(await found()).toEqual(['grant_missing']);
    await under.store.db.updateTable('entitlements').set({ state: 'expired' }).execute();
    expect(await found()).toEqual([]);
    await under.store.db.updateTable('payments').set({ state: 'refund_wanted' }).execute();
    expect(await found()).toEqual(['paid_without_payment', 'money_not_returned']);
    await under.store.db.updateTable('payments').set({ state: 'succeeded' }).execute();
    await under.store.db.updateTable('orders').set({ entitlement_id: null }).execute();
    expect(await found()).toEqual(['paid_without_entitlement']);
    expect(await entitlementsOf(under, vehicle)).toHaveLength(1);
  });

  test('a gift is given once for its reference, and tells of another with the same', async (context) => {
    const under = await open(context);
    const [vehicle, other] = [await newVehicle(under), await newVehicle(under)];
    const product = await newProduct(under.owner);
    const give = (vehicleId: string) =>
      under.owner('POST', '/v1/gifts', { productId: product.id, vehicleId, reference: 'birthday-1' });
    const first = await give(vehicle);
    expect([first.status, (await give(vehicle)).body]).toEqual([201, first.body]);
    expect((await give(other)).body).toMatchObject({ code: 'gift_reference_used' });
    const given = await entitlementsOf(under, vehicle);
    expect(given).toMatchObject([
      { id: (first.body as { entitlementId: string }).entitlementId, order_id: null },
    ]);
  });
});
