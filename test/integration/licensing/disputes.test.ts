// Money in dispute, on both databases: what was bought rests meanwhile, and nobody loses both money and right.

import { describe, expect, test, type TestContext } from 'vitest';
import { RECONCILED_AFTER_MS } from '../../../config/limits.ts';
import { type ApiUnderTest, good } from '../../support/api-app.ts';
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
