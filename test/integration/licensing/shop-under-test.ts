// A shop to buy from: vehicles, products, drivers who have claimed a vehicle.

import { newId } from '../../../platform/store/id.ts';
import { ClaimCodes } from '../../../licensing/drivers/claim-codes.ts';
import { type ApiUnderTest, type Ask, good } from '../../support/api-app.ts';
import { newVin } from './vehicle-under-test.ts';

export const PASSWORD = 'correct horse battery';

export async function newVehicle(
  { store }: Pick<ApiUnderTest, 'store'>,
  customerId: string | null = null,
): Promise<string> {
  const id = newVin();
  await store.db
    .insertInto('vehicles')
    .values({ id, customer_id: customerId, created_at: Date.now() })
    .execute();
  return id;
}

export interface Product {
  readonly id: string;
  readonly status: string;
}

export function productBody(change: object = {}): object {
  return {
    names: { en: 'Lane keeping, a year', zh: '车道保持' },
    partNumber: 'LANE-KEEP',
    version: '1.4.0',
    validSeconds: 31_536_000,
    functions: [
      { id: 'lane-keep', names: { en: 'Lane keeping' } },
      { id: 'lane-warn', names: { en: 'Lane warning' }, isFree: true },
    ],
    priceMicros: 99_000_000,
    currency: 'EUR',
    ...change,
  };
}

/** Published. */
export async function newProduct(ask: Ask, change: object = {}): Promise<Product> {
  const { id } = await good<Product>(ask('POST', '/v1/products', productBody(change)));
  return await good<Product>(ask('POST', `/v1/products/${id}/publish`));
}

export interface Order {
  readonly id: string;
  readonly state: string;
  readonly entitlementId: string | null;
  readonly amountMicros: string;
}

export async function newOrder(ask: Ask, productId: string, vehicleId: string): Promise<Order> {
  return await good<Order>(ask('POST', '/v1/orders', { productId, vehicleId }));
}

export interface Driver {
  readonly id: string;
  readonly email: string;
  readonly token: string;
  readonly ask: Ask;
}

let drivers = 0;

/** Signed up and logged in, each from an address of its own. */
export async function newDriver(api: ApiUnderTest): Promise<Driver> {
  const email = `driver-${++drivers}@example.com`;
  const remoteAddress = `198.51.100.${drivers % 250}`;
  const { id } = await good<{ id: string }>(
    api.nobody('POST', '/v1/drivers', { email, password: PASSWORD }, {}, remoteAddress),
  );
  const { token } = await good<{ token: string }>(
    api.nobody('POST', '/v1/drivers/login', { email, password: PASSWORD }, {}, remoteAddress),
  );
  const authorization = `Bearer ${token}`;
  const ask: Ask = (method, path, body, headers = {}) =>
    api.nobody(method, path, body, { authorization, ...headers }, remoteAddress);
  return { id, email, token, ask };
}

/** The code that the vehicle would show. */
export async function codeOf(api: ApiUnderTest, vehicleId: string, nowMs = Date.now()): Promise<string> {
  const codes = new ClaimCodes(api.claimCodeKey);
  return (await codes.make(api.store.db, vehicleId, nowMs)).code;
}

export async function claimed(
  api: ApiUnderTest,
  driver: Driver,
  vehicleId: string,
): Promise<{ id: string; state: string }> {
  const code = await codeOf(api, vehicleId);
  return await good(driver.ask('POST', '/v1/drivers/me/vehicles', { code }));
}

/** The entitlements of a vehicle, oldest first. */
export async function entitlementsOf({ store }: Pick<ApiUnderTest, 'store'>, vehicleId: string) {
  return await store.db
    .selectFrom('entitlements')
    .selectAll()
    .where('vehicle_id', '=', vehicleId)
    .orderBy('id')
    .execute();
}

/** An id that names nothing, of the right form. */
export const NOTHING = newId('ord');
