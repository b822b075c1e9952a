// Nobody pays for what the vehicle has already, on both databases: asked when it is ordered, when it is to be paid, and
// when the money has come.

import { describe, expect, test, type TestContext } from 'vitest';
import type { ApiUnderTest } from '../../support/api-app.ts';
import { DIALECTS } from '../../support/use-stores.ts';
import { orderOf, type Paying, paying, paymentsOf, usePaymentApi, webhook } from './payments-under-test.ts';
import { entitlementsOf, newProduct, newVehicle } from './shop-under-test.ts';

const FOR_GOOD = { validSeconds: null };

const openPayments = usePaymentApi();

describe.each(DIALECTS)('on %s', (dialect) => {
  const open = (context: TestContext): Promise<ApiUnderTest> => openPayments(dialect, context);

  async function twoOrders(context: TestContext): Promise<[Paying, Paying]> {
    const under = await open(context);
    const [vehicle, product] = [await newVehicle(under), await newProduct(under.owner, FOR_GOOD)];
    return [await paying(under, vehicle, product.id), await paying(under, vehicle, product.id)];
  }

  test('of two orders of the same for good the second that is paid gives nothing, and its money goes back', async (context) => {
    const [first, second] = await twoOrders(context);
    expect((await webhook(first)).body).toEqual({ outcome: 'applied' });
    expect((await webhook(second)).body).toEqual({ outcome: 'entitlement_refused' });
    expect((await orderOf(second)).state).toBe('cancelled');
    expect(await paymentsOf(second)).toMatchObject([{ refund_reason: 'entitlement_refused' }]);
    expect(await entitlementsOf(first.under, first.vehicle)).toMatchObject([{ order_id: first.order.id }]);
  });

  test('of two orders of the same for good that are paid at once one is kept', async (context) => {
    const both = await twoOrders(context);
    const answers = await Promise.all(both.map((at) => webhook(at)));
    const outcomes = answers.map(({ body }) => (body as { outcome: string }).outcome);
    expect(outcomes.toSorted()).toEqual(['applied', 'entitlement_refused']);
    expect(await entitlementsOf(both[0].under, both[0].vehicle)).toHaveLength(1);
  });

  test('no payment is begun for what the vehicle has for good since it was ordered', async (context) => {
    const [first, second] = await twoOrders(context);
    await webhook(first);
    const again = await second.under.owner('POST', `/v1/orders/${second.order.id}/pay`, {});
    expect([again.status, again.body]).toMatchObject([409, { code: 'has_it_for_good' }]);
  });

  test('what is for good and replaced for a time is not sold again', async (context) => {
    const under = await open(context);
    const vehicleId = await newVehicle(under);
    const forGood = await newProduct(under.owner, FOR_GOOD);
    const newer = await newProduct(under.owner, { version: '2.0.0' });
    for (const { id } of [forGood, newer]) await webhook(await paying(under, vehicleId, id));
    expect((await entitlementsOf(under, vehicleId)).map(({ state }) => state)).toEqual([
      'replaced',
      'active',
    ]);
    const again = await under.owner('POST', '/v1/orders', { productId: forGood.id, vehicleId });
    expect(again.body).toMatchObject({ code: 'has_it_for_good' });
  });
});
