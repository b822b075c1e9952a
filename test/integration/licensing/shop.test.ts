// Products and orders through the API, on both databases: what is sold, who may order it for which vehicle, and what an
// order keeps.

import { afterEach, describe, expect, test, type TestContext } from 'vitest';
import { type ApiUnderTest, fleet, good, openApi } from '../../support/api-app.ts';
import { DIALECTS, useStores } from '../../support/use-stores.ts';
import {
  claimed,
  entitlementsOf,
  newDriver,
  newOrder,
  newProduct,
  newVehicle,
  NOTHING,
  type Order,
  type Product,
  productBody,
} from './shop-under-test.ts';
import { newVin } from './vehicle-under-test.ts';

const stores = useStores();
let api: ApiUnderTest | undefined;
afterEach(async () => {
  await api?.close();
  api = undefined;
});

describe.each(DIALECTS)('on %s', (dialect) => {
  async function open(context: TestContext): Promise<ApiUnderTest> {
    api = await openApi(await stores.open(dialect, context));
    return api;
  }

  test('a product is made as a draft, published, changed and withdrawn', async (context) => {
    const { owner } = await open(context);
    const made = await good<Product>(owner('POST', '/v1/products', productBody()));
    expect(made).toMatchObject({ status: 'draft', versionRule: 'at_least', uses: null, customerId: null });
    expect(await good(owner('POST', `/v1/products/${made.id}/publish`))).toMatchObject({
      status: 'published',
    });
    const changed = await good(owner('PATCH', `/v1/products/${made.id}`, { uses: 20, priceMicros: 0 }));
    expect(changed).toMatchObject({
      uses: 20,
      priceMicros: 0,
      validSeconds: 31_536_000,
      partNumber: 'LANE-KEEP',
    });
    expect(await good(owner('POST', `/v1/products/${made.id}/withdraw`))).toMatchObject({
      status: 'withdrawn',
    });
  });

  test.for([
    ['no name', { names: {} }],
    ['no number as version', { version: '1.4-beta' }],
    ['a price that nobody can pay in cents', { priceMicros: 99_001 }],
    ['a price of half a yen', { priceMicros: 500_000, currency: 'JPY' }],
    ['two functions of one id', { functions: Array(2).fill({ id: 'a', names: { en: 'A' } }) }],
  ] as const)('a product with %s is not taken', async ([, change], context) => {
    const { owner } = await open(context);
    const answer = await owner('POST', '/v1/products', productBody(change));
    expect(answer.body).toMatchObject({ status: 400, code: 'invalid_body' });
  });

  test('a change of the currency alone is held against the price that stays', async (context) => {
    const { owner } = await open(context);
    const { id } = await newProduct(owner, { priceMicros: 990_000 });
    expect((await owner('PATCH', `/v1/products/${id}`, { currency: 'JPY' })).body).toMatchObject({
      code: 'invalid_body',
    });
  });

  test('a product may carry corrections of an app of the same customer only', async (context) => {
    const under = await open(context);
    const [mine, other] = [await under.customer(), await under.customer()];
    const [own, foreign] = [await fleet(mine.ask, 0), await fleet(other.ask, 0)];
    const body = (appId: string) => productBody({ correction: { appId } });
    expect((await mine.ask('POST', '/v1/products', body(foreign.id))).body).toMatchObject({
      code: 'correction_app_not_found',
    });
    expect(await good(mine.ask('POST', '/v1/products', body(own.id)))).toMatchObject({
      customerId: mine.id,
      correction: { appId: own.id },
    });
  });

  test('an order keeps the product and the price as they were', async (context) => {
    const under = await open(context);
    const { owner } = under;
    const [vehicle, product] = [await newVehicle(under), await newProduct(owner)];
    const order = await newOrder(owner, product.id, vehicle);
    expect(order).toMatchObject({
      state: 'pending',
      amountMicros: '99000000',
      currency: 'EUR',
      driverId: null,
    });
    await good(owner('PATCH', `/v1/products/${product.id}`, { priceMicros: 10_000, version: '2.0' }));
    expect(await good(owner('GET', `/v1/orders/${order.id}`))).toEqual(order);
    expect(order).toMatchObject({ product: { version: '1.4.0', partNumber: 'LANE-KEEP' } });
  });

  test('what costs nothing is paid at once, and the vehicle has its paid functions', async (context) => {
    const under = await open(context);
    const [vehicle, product] = [await newVehicle(under), await newProduct(under.owner, { priceMicros: 0 })];
    const order = await newOrder(under.owner, product.id, vehicle);
    const [entitlement, ...more] = await entitlementsOf(under, vehicle);
    expect(order).toMatchObject({ state: 'paid', entitlementId: entitlement!.id });
    expect(entitlement).toMatchObject({ order_id: order.id, state: 'active', functions: '["lane-keep"]' });
    expect(more).toEqual([]);
  });

  test('an order that is repeated with its Idempotency-Key is made once', async (context) => {
    const under = await open(context);
    const [vehicleId, product] = [await newVehicle(under), await newProduct(under.owner, { priceMicros: 0 })];
    const ask = () =>
      under.owner(
        'POST',
        '/v1/orders',
        { productId: product.id, vehicleId },
        { 'idempotency-key': vehicleId },
      );
    const [first, second] = [await good<Order>(ask()), await good<Order>(ask())];
    expect(second).toEqual(first);
    expect(await entitlementsOf(under, vehicleId)).toHaveLength(1);
  });

  test.for([
    ['vehicle_not_found', {}, () => newVin()],
    ['product_not_found', {}, undefined],
    ['product_not_for_vehicle', { vinPrefixes: ['WVW'] }, undefined],
  ] as const)('an order is refused with %s', async ([code, change, vin], context) => {
    const under = await open(context);
    const vehicleId = vin === undefined ? await newVehicle(under) : vin();
    const product = await newProduct(under.owner, change);
    const productId = code === 'product_not_found' ? NOTHING : product.id;
    expect((await under.owner('POST', '/v1/orders', { productId, vehicleId })).body).toMatchObject({ code });
  });

  test('a draft and a withdrawn product are not sold', async (context) => {
    const under = await open(context);
    const vehicleId = await newVehicle(under);
    const draft = await good<Product>(under.owner('POST', '/v1/products', productBody()));
    const withdrawn = await newProduct(under.owner);
    await good(under.owner('POST', `/v1/products/${withdrawn.id}/withdraw`));
    for (const productId of [draft.id, withdrawn.id]) {
      const asked = under.owner('POST', '/v1/orders', { productId, vehicleId });
      expect((await asked).body).toMatchObject({ code: 'product_not_sold' });
    }
  });

  test('a product of one customer is not for the vehicle of another', async (context) => {
    const under = await open(context);
    const [mine, other] = [await under.customer(), await under.customer()];
    const product = await newProduct(mine.ask);
    const vehicleId = await newVehicle(under, other.id);
    const asked = under.owner('POST', '/v1/orders', { productId: product.id, vehicleId });
    expect((await asked).body).toMatchObject({ code: 'product_not_for_vehicle' });
    const foreign = await mine.ask('POST', '/v1/orders', { productId: product.id, vehicleId });
    expect(foreign.body).toMatchObject({ code: 'vehicle_not_found' });
  });

  test('what a vehicle has for good is not sold to it again', async (context) => {
    const under = await open(context);
    const vehicleId = await newVehicle(under);
    const product = await newProduct(under.owner, { priceMicros: 0, validSeconds: null });
    await newOrder(under.owner, product.id, vehicleId);
    const again = await under.owner('POST', '/v1/orders', { productId: product.id, vehicleId });
    expect(again.body).toMatchObject({ code: 'has_it_for_good' });
  });

  test('an order is cancelled once, and a paid one not at all', async (context) => {
    const under = await open(context);
    const vehicle = await newVehicle(under);
    const pending = await newOrder(under.owner, (await newProduct(under.owner)).id, vehicle);
    const free = await newOrder(under.owner, (await newProduct(under.owner, { priceMicros: 0 })).id, vehicle);
    expect(await good(under.owner('POST', `/v1/orders/${pending.id}/cancel`))).toMatchObject({
      state: 'cancelled',
    });
    for (const { id } of [pending, free]) {
      const again = await under.owner('POST', `/v1/orders/${id}/cancel`);
      expect(again.body).toMatchObject({ code: 'order_state_wrong' });
    }
  });

  test('a driver sees what is sold for his vehicle, orders for it and for no other', async (context) => {
    const under = await open(context);
    const [mine, other] = [await newVehicle(under), await newVehicle(under)];
    const [driver, stranger] = [await newDriver(under), await newDriver(under)];
    const product = await newProduct(under.owner, { priceMicros: 0 });
    await newProduct(under.owner, { vinPrefixes: ['WVW'] });
    await good(under.owner('POST', '/v1/products', productBody()));
    expect(await claimed(under, driver, mine)).toMatchObject({ state: 'active' });
    const shown = await good<{ data: Product[] }>(driver.ask('GET', `/v1/products?vehicleId=${mine}`));
    expect(shown.data.map(({ id }) => id)).toEqual([product.id]);
    const order = await newOrder(driver.ask, product.id, mine);
    expect(order).toMatchObject({ state: 'paid', driverId: driver.id });
    for (const [asker, vehicleId] of [
      [driver, other],
      [stranger, mine],
    ] as const) {
      const asked = await asker.ask('POST', '/v1/orders', { productId: product.id, vehicleId });
      expect(asked.body).toMatchObject({ code: 'vehicle_not_found' });
    }
    expect((await stranger.ask('GET', `/v1/orders/${order.id}`)).body).toMatchObject({
      code: 'order_not_found',
    });
    expect(await good(stranger.ask('GET', '/v1/orders'))).toMatchObject({ data: [] });
    expect(await good(driver.ask('GET', '/v1/orders'))).toMatchObject({ data: [{ id: order.id }] });
  });
});
