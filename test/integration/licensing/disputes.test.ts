// Money in dispute, on both databases: what was bought rests meanwhile, and nobody loses both money and right.

import { describe, expect, test, type TestContext } from 'vitest';
import {
  PAYMENT_ASKED_AFTER_MS,
  PAYMENT_EVENTS_KEPT_MS,
  PAYMENT_LOOK_AGAIN_MS,
  RECONCILED_AFTER_MS,
} from '../../../config/limits.ts';
import type { PaymentEvent, PaymentProvider } from '../../../licensing/shop/payment-provider.ts';
import { type ApiAnswer, type ApiUnderTest, good } from '../../support/api-app.ts';
import { DIALECTS } from '../../support/use-stores.ts';
import {
  clock,
  eventsNamed,
  orderOf,
  pay,
  type Paying,
  paying,
  paymentsOf,
  usePaymentApi,
  webhook,
} from './payments-under-test.ts';
import { entitlementsOf, newProduct, newVehicle } from './shop-under-test.ts';

const openPayments = usePaymentApi();

/** A provider that anybody may speak for, and that tells what is in `found` when it is asked. */
function telling(found: readonly PaymentEvent[]): PaymentProvider {
  return {
    name: 'stub',
    startPayment: () =>
      Promise.resolve({ ok: true, reference: 'ref-1', url: 'http://stub', clientSecret: null }),
    readWebhook: (body) => ({
      ok: true,
      event: eventOf(JSON.parse(body.toString()) as Partial<PaymentEvent>),
    }),
    refund: () => Promise.resolve({ ok: true }),
    lookUp: () => Promise.resolve({ ok: true, events: [...found] }),
  };
}

function eventOf(event: Partial<PaymentEvent>): PaymentEvent {
  return {
    ...{ id: '', kind: 'succeeded', atMs: 0, paymentId: undefined, reference: undefined, capture: undefined },
    ...{ amountMicros: 99_000_000n, currency: 'EUR' },
    ...event,
  };
}

describe.each(DIALECTS)('on %s', (dialect) => {
  const open = (context: TestContext): Promise<ApiUnderTest> => openPayments(dialect, context);

  async function paid(under: ApiUnderTest, vehicle: string, change: object = {}): Promise<Paying> {
    const at = await paying(under, vehicle, (await newProduct(under.owner, change)).id);
    await webhook(at);
    return at;
  }

  test('a right that an operator suspended outlives a dispute, and is not woken when it is won', async (context) => {
    const under = await open(context);
    const at = await paid(under, await newVehicle(under));
    const id = (await orderOf(at)).entitlementId!;
    await good(under.owner('POST', `/v1/entitlements/${id}/suspend`, { reason: 'looked into' }));
    await webhook(at, { kind: 'disputed' });
    expect(await entitlementsOf(under, at.vehicle)).toMatchObject([{ state: 'suspended' }]);
    await webhook(at, { kind: 'dispute_won' });
    expect((await orderOf(at)).state).toBe('paid');
    expect(await entitlementsOf(under, at.vehicle)).toMatchObject([{ state: 'suspended' }]);
    await good(under.owner('POST', `/v1/entitlements/${id}/resume`, {}));
    expect(await entitlementsOf(under, at.vehicle)).toMatchObject([{ state: 'active' }]);
  });

  test.for([
    ['waits behind another', {}, 0],
    ['is replaced by another', { version: '2.0.0' }, 1],
  ] as const)(
    'a right that %s is ended by a dispute, and its money goes back when that is won',
    async ([, change, disputedFirst], context) => {
      const under = await open(context);
      const vehicle = await newVehicle(under);
      const both = [await paid(under, vehicle), await paid(under, vehicle, change)];
      const at = both[1 - disputedFirst]!;
      await webhook(at, { kind: 'disputed' });
      expect((await webhook(at, { kind: 'dispute_won' })).body).toEqual({ outcome: 'entitlement_refused' });
      expect((await orderOf(at)).state).toBe('refunded');
      expect(await paymentsOf(at)).toMatchObject([{ refund_reason: 'entitlement_refused' }]);
      expect(eventsNamed(at, 'payment_refused')).toMatchObject([{ reason: 'entitlement_refused' }]);
      const states = (await entitlementsOf(under, vehicle)).map(({ state }) => state);
      expect(states.toSorted()).toEqual(['active', 'refunded']);
    },
  );

  test('a second payment that is in dispute takes nothing from an order that the first one paid', async (context) => {
    const under = await open(context);
    const first = await paying(under, await newVehicle(under));
    await webhook(first, { kind: 'failed' });
    const second = { ...first, payment: await pay(under, first.order) };
    await webhook(first, { kind: 'succeeded' });
    await webhook(second, { kind: 'disputed' });
    await webhook(second, { kind: 'dispute_lost' });
    expect((await orderOf(first)).state).toBe('paid');
    expect(await entitlementsOf(under, first.vehicle)).toMatchObject([{ state: 'active' }]);
    expect((await paymentsOf(first)).map(({ state }) => state)).toEqual(['succeeded', 'refunded']);
  });

  test('money of a second payment goes back when its dispute is won', async (context) => {
    const under = await open(context);
    const first = await paying(under, await newVehicle(under));
    await webhook(first, { kind: 'failed' });
    const second = { ...first, payment: await pay(under, first.order) };
    await webhook(second, { kind: 'disputed' });
    await webhook(first);
    expect((await webhook(second, { kind: 'dispute_won' })).body).toEqual({ outcome: 'paid_twice' });
    expect((await orderOf(first)).state).toBe('paid');
    expect((await paymentsOf(first)).map((one) => one.refund_reason)).toEqual([null, 'paid_twice']);
  });

  test('a dispute of money that is not known yet is refused, and taken when it comes again', async (context) => {
    const under = await open(context);
    const at = await paid(under, await newVehicle(under));
    const dispute = { id: 'evt-early', kind: 'disputed', paymentId: undefined };
    const early = await webhook(at, { ...dispute, reference: undefined });
    expect([early.status, early.body]).toMatchObject([409, { code: 'payment_unknown' }]);
    expect((await webhook(at, dispute)).body).toEqual({ outcome: 'applied' });
    expect((await orderOf(at)).state).toBe('disputed');
  });

  test.for([
    ['dispute_won', 'paid', 'active'],
    ['dispute_lost', 'refunded', 'refunded'],
  ] as const)(
    'the end of a dispute (%s) of which no webhook came is found by asking the provider',
    async ([kind, state, right], context) => {
      const found: PaymentEvent[] = [];
      const under = await openPayments(dialect, context, { providers: [telling(found)] });
      const at = await paying(under, await newVehicle(under));
      const tell = (event: Partial<PaymentEvent>): Promise<ApiAnswer> =>
        under.nobody('POST', '/v1/payments/stub/webhook', { paymentId: at.payment.id, ...event });
      await good(tell({ id: 'evt-1', kind: 'succeeded', atMs: 1 }));
      await good(tell({ id: 'evt-2', kind: 'disputed', atMs: 2 }));
      found.push({ ...eventOf({ paymentId: at.payment.id }), id: 'look-1', kind, atMs: 2 });
      await under.shopJobs.round();
      expect((await orderOf(at)).state).toBe('disputed');
      clock.aheadMs = PAYMENT_ASKED_AFTER_MS;
      await under.shopJobs.round();
      expect((await orderOf(at)).state).toBe(state);
      expect(await entitlementsOf(under, at.vehicle)).toMatchObject([{ state: right }]);
    },
  );

  test('what became of money long after it was taken is found in the provider’s list of events, once', async (context) => {
    const recent: PaymentEvent[] = [];
    const asked: number[] = [];
    const provider: PaymentProvider = {
      ...telling([]),
      recent: (sinceMs) => {
        asked.push(sinceMs);
        return Promise.resolve({ ok: true, events: recent, leftUntilMs: undefined });
      },
    };
    const under = await openPayments(dialect, context, { providers: [provider] });
    const at = await paying(under, await newVehicle(under));
    await good(
      under.nobody('POST', '/v1/payments/stub/webhook', { id: 'evt-1', paymentId: at.payment.id, atMs: 1 }),
    );
    recent.push(
      { ...eventOf({ paymentId: at.payment.id }), id: 'evt-2', kind: 'disputed', atMs: 2 },
      { ...eventOf({ capture: 'of_another_shop' }), id: 'evt-3', kind: 'disputed', atMs: 2 },
    );
    await under.shopJobs.round();
    expect((await orderOf(at)).state).toBe('disputed');
    await under.shopJobs.round();
    expect(asked).toHaveLength(1);
    clock.aheadMs = PAYMENT_LOOK_AGAIN_MS;
    await under.shopJobs.round();
    expect(asked).toHaveLength(2);
    expect(asked[1]! - asked[0]!).toBeGreaterThan(PAYMENT_EVENTS_KEPT_MS / 2);
    expect(eventsNamed(at, 'order_disputed')).toHaveLength(1);
  });

  test('the reconciliation lists a paid order whose right was ended as refunded', async (context) => {
    const under = await open(context);
    const at = await paid(under, await newVehicle(under));
    await under.store.db.updateTable('entitlements').set({ state: 'refunded' }).execute();
    clock.aheadMs = 2 * RECONCILED_AFTER_MS;
    expect(await good(under.owner('GET', '/v1/licensing/reconciliation'))).toMatchObject({
      data: [{ order: { id: at.order.id }, findings: ['paid_right_refunded'] }],
    });
  });
});
