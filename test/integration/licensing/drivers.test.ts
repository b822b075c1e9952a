// Drivers through the API, on both databases: who logs in, who has which vehicle, and how it changes hands.

import { afterEach, describe, expect, test, type TestContext } from 'vitest';
import { CLAIM_CODE_MS, DRIVER_SESSION_MS } from '../../../config/limits.ts';
import { type ApiUnderTest, good, openApi } from '../../support/api-app.ts';
import { DIALECTS, useStores } from '../../support/use-stores.ts';
import {
  claimed,
  codeOf,
  type Driver,
  newDriver,
  newOrder,
  newProduct,
  newVehicle,
  PASSWORD,
} from './shop-under-test.ts';
import { expectRefused } from './vehicle-under-test.ts';

const stores = useStores();
const clock = { aheadMs: 0 };
let api: ApiUnderTest | undefined;
afterEach(async () => {
  clock.aheadMs = 0;
  await api?.close();
  api = undefined;
});

interface Own {
  readonly data: readonly { id: string; state: string; claims: readonly { id: string }[] }[];
}

const vehiclesOf = async ({ ask }: Driver): Promise<Own['data']> =>
  (await good<Own>(ask('GET', '/v1/drivers/me/vehicles'))).data;

describe.each(DIALECTS)('on %s', (dialect) => {
  async function open(context: TestContext): Promise<ApiUnderTest> {
    api = await openApi(await stores.open(dialect, context), { now: () => Date.now() + clock.aheadMs });
    return api;
  }

  test('a driver signs up once, logs in, is known, and logs out', async (context) => {
    const under = await open(context);
    const driver = await newDriver(under);
    const twice = await under.nobody('POST', '/v1/drivers', {
      email: driver.email.toUpperCase(),
      password: PASSWORD,
    });
    expect(twice.body).toMatchObject({ code: 'driver_exists' });
    expect(await good(driver.ask('GET', '/v1/drivers/me'))).toMatchObject({ id: driver.id });
    await good(driver.ask('POST', '/v1/drivers/logout', {}));
    expect((await driver.ask('GET', '/v1/drivers/me')).body).toMatchObject({ code: 'key_invalid' });
  });

  test('neither password nor token is in the store as it is', async (context) => {
    const under = await open(context);
    const driver = await newDriver(under);
    const rows = [
      await under.store.db.selectFrom('drivers').selectAll().execute(),
      await under.store.db.selectFrom('driver_sessions').selectAll().execute(),
      await under.store.db.selectFrom('audit_entries').selectAll().execute(),
    ];
    const text = JSON.stringify(rows);
    expect(text).toContain('$argon2id$');
    expect(text).not.toContain(PASSWORD);
    expect(text).not.toContain(driver.token.slice(-32));
  });

  test('a wrong password and an address that nobody has are refused alike, with an audit line', async (context) => {
    const under = await open(context);
    const { email } = await newDriver(under);
    for (const body of [
      { email, password: 'not the password' },
      { email: 'nobody@example.com', password: PASSWORD },
    ]) {
      await expectRefused(under, under.nobody('POST', '/v1/drivers/login', body), 'login_wrong', '');
    }
  });

  test('logins are throttled by driver and address', async (context) => {
    const under = await open(context);
    const { email } = await newDriver(under);
    const statuses: number[] = [];
    for (let count = 0; count < 11; count++) {
      const body = { email, password: 'wrong again' };
      statuses.push((await under.nobody('POST', '/v1/drivers/login', body)).status);
    }
    expect(statuses).toEqual([...Array<number>(10).fill(403), 429]);
  });

  test('a session runs out, and ends for a driver who is suspended', async (context) => {
    const under = await open(context);
    const [first, second] = [await newDriver(under), await newDriver(under)];
    await good(under.owner('POST', `/v1/drivers/${second.id}/suspend`));
    expect((await second.ask('GET', '/v1/orders')).body).toMatchObject({ code: 'key_suspended' });
    clock.aheadMs = DRIVER_SESSION_MS;
    expect((await first.ask('GET', '/v1/orders')).body).toMatchObject({ code: 'key_expired' });
  });

  test('a code is good once, for ten minutes, and only the last one of a vehicle', async (context) => {
    const under = await open(context);
    const [driver, vehicle] = [await newDriver(under), await newVehicle(under)];
    const claim = (code: string) => driver.ask('POST', '/v1/drivers/me/vehicles', { code });
    const old = await codeOf(under, vehicle);
    const code = await codeOf(under, vehicle);
    expect(code).toMatch(/^[2-9A-HJKMNP-Z]{8}$/);
    await expectRefused(under, claim(old), 'claim_code_wrong', driver.id);
    const typed = `${code.slice(0, 4)}-${code.slice(4)}`.toLowerCase();
    expect(await good(claim(typed))).toMatchObject({ vehicleId: vehicle, state: 'active' });
    await expectRefused(under, claim(code), 'claim_code_wrong', driver.id);
    const late = await codeOf(under, vehicle);
    clock.aheadMs = CLAIM_CODE_MS;
    await expectRefused(under, claim(late), 'claim_code_wrong', driver.id);
  });

  test('codes are not guessed: after five tries a driver waits', async (context) => {
    const under = await open(context);
    const driver = await newDriver(under);
    const statuses: number[] = [];
    for (let count = 0; count < 6; count++) {
      statuses.push((await driver.ask('POST', '/v1/drivers/me/vehicles', { code: 'AAAAAAAA' })).status);
    }
    expect(statuses).toEqual([403, 403, 403, 403, 403, 429]);
  });

  test('a vehicle that is let go is nobody’s until somebody claims it by a fresh code', async (context) => {
    const under = await open(context);
    const vehicle = await newVehicle(under);
    const [seller, buyer] = [await newDriver(under), await newDriver(under)];
    await claimed(under, seller, vehicle);
    expect(await claimed(under, buyer, vehicle)).toMatchObject({ state: 'pending' });
    expect(await vehiclesOf(buyer)).toMatchObject([{ id: vehicle, state: 'pending', claims: [] }]);
    expect((await vehiclesOf(seller))[0]!.claims).toHaveLength(1);
    await good(seller.ask('DELETE', `/v1/drivers/me/vehicles/${vehicle}`));
    expect(await vehiclesOf(seller)).toEqual([]);
    // A claim that waited gives no right to it.
    expect(await vehiclesOf(buyer)).toEqual([]);
    expect(await claimed(under, buyer, vehicle)).toMatchObject({ state: 'active' });
  });

  test('who has a vehicle refuses a claim that waits, and nobody else does', async (context) => {
    const under = await open(context);
    const vehicle = await newVehicle(under);
    const [holder, valet] = [await newDriver(under), await newDriver(under)];
    await claimed(under, holder, vehicle);
    const { id: claimId } = await claimed(under, valet, vehicle);
    const at = `/v1/drivers/me/vehicles/${vehicle}/claims/${claimId}`;
    expect((await valet.ask('DELETE', at)).body).toMatchObject({ code: 'vehicle_not_found' });
    await good(holder.ask('DELETE', at));
    expect(await vehiclesOf(valet)).toEqual([]);
    expect((await vehiclesOf(holder))[0]!.claims).toEqual([]);
    expect((await holder.ask('DELETE', at)).body).toMatchObject({ code: 'claim_not_found' });
  });

  test('a driver sees what software his own vehicle told of, and that of a vehicle that he waits for is not shown', async (context) => {
    const under = await open(context);
    const [vehicle, silent] = [await newVehicle(under), await newVehicle(under)];
    const [holder, buyer] = [await newDriver(under), await newDriver(under)];
    const { db } = under.store;
    const about = { vehicle_id: vehicle, reported_at: Date.parse('2026-11-30T10:00:00Z') };
    await db
      .insertInto('vehicle_manifests')
      .values({ ...about, counter: 1, certificate_id: 'crt_1' })
      .execute();
    await db
      .insertInto('vehicle_parts')
      .values({ ...about, part_number: 'SEATS', version: '1.4.0' })
      .execute();
    await claimed(under, holder, vehicle);
    await claimed(under, holder, silent);
    await claimed(under, buyer, vehicle);
    expect(await vehiclesOf(holder)).toMatchObject([
      { id: vehicle, installed: [{ partNumber: 'SEATS', version: '1.4.0' }] },
      { id: silent, installed: null },
    ]);
    expect(await vehiclesOf(buyer)).toMatchObject([{ id: vehicle, state: 'pending', installed: null }]);
  });

  test('a claim that waits has a vehicle that was taken from its driver only by a fresh code', async (context) => {
    const under = await open(context);
    const vehicle = await newVehicle(under);
    const [holder, buyer] = [await newDriver(under), await newDriver(under)];
    const { id: had } = await claimed(under, holder, vehicle);
    await claimed(under, buyer, vehicle);
    await good(under.owner('DELETE', `/v1/vehicle-claims/${had}`));
    expect(await vehiclesOf(buyer)).toMatchObject([{ state: 'pending' }]);
    expect(await claimed(under, buyer, vehicle)).toMatchObject({ state: 'active' });
  });

  test('who has a vehicle hands it to one of those who claim it, and nobody else can', async (context) => {
    const under = await open(context);
    const vehicle = await newVehicle(under);
    const [seller, buyer, other] = [await newDriver(under), await newDriver(under), await newDriver(under)];
    await claimed(under, seller, vehicle);
    const { id: claimId } = await claimed(under, buyer, vehicle);
    await claimed(under, other, vehicle);
    const at = `/v1/drivers/me/vehicles/${vehicle}/transfer`;
    expect((await buyer.ask('POST', at, { claimId })).body).toMatchObject({ code: 'vehicle_not_found' });
    expect(await good(seller.ask('POST', at, { claimId }))).toMatchObject({
      driverId: buyer.id,
      state: 'active',
    });
    expect(await vehiclesOf(other)).toMatchObject([{ state: 'pending' }]);
    expect((await seller.ask('POST', at, { claimId })).body).toMatchObject({ code: 'vehicle_not_found' });
  });

  test('whoever sells to the vehicle decides where the one who has it does not', async (context) => {
    const under = await open(context);
    const maker = await under.customer();
    const vehicle = await newVehicle(under, maker.id);
    const [seller, buyer] = [await newDriver(under), await newDriver(under)];
    const had = await claimed(under, seller, vehicle);
    const wanted = await claimed(under, buyer, vehicle);
    const other = await under.customer();
    const foreign = await other.ask('POST', `/v1/vehicle-claims/${wanted.id}/approve`);
    expect(foreign.body).toMatchObject({ code: 'claim_not_found' });
    await good(maker.ask('POST', `/v1/vehicle-claims/${wanted.id}/approve`));
    expect(await good(maker.ask('GET', '/v1/vehicle-claims?order=oldest'))).toMatchObject({
      data: [
        { id: had.id, state: 'ended' },
        { id: wanted.id, state: 'active' },
      ],
    });
    await good(maker.ask('DELETE', `/v1/vehicle-claims/${wanted.id}`));
    expect(await vehiclesOf(buyer)).toEqual([]);
  });

  test('orders that wait for payment end with the vehicle, and what was bought stays with it', async (context) => {
    const under = await open(context);
    const vehicle = await newVehicle(under);
    const [seller, buyer] = [await newDriver(under), await newDriver(under)];
    await claimed(under, seller, vehicle);
    const product = await newProduct(under.owner);
    const free = await newProduct(under.owner, { priceMicros: 0, partNumber: 'MAPS' });
    const pending = await newOrder(seller.ask, product.id, vehicle);
    const paid = await newOrder(seller.ask, free.id, vehicle);
    await good(seller.ask('DELETE', `/v1/drivers/me/vehicles/${vehicle}`));
    await claimed(under, buyer, vehicle);
    expect(await good(seller.ask('GET', `/v1/orders/${pending.id}`))).toMatchObject({ state: 'cancelled' });
    expect(await good(seller.ask('GET', `/v1/orders/${paid.id}`))).toMatchObject({ state: 'paid' });
    const left = await under.store.db
      .selectFrom('entitlements')
      .select('state')
      .where('vehicle_id', '=', vehicle)
      .execute();
    expect(left).toEqual([{ state: 'active' }]);
    expect((await seller.ask('GET', `/v1/products?vehicleId=${vehicle}`)).body).toMatchObject({
      code: 'vehicle_not_found',
    });
  });

  test('who sold the vehicle sees in his order nothing of it since, and no words of the operator', async (context) => {
    const under = await open(context);
    const vehicle = await newVehicle(under);
    const [seller, buyer] = [await newDriver(under), await newDriver(under)];
    await claimed(under, seller, vehicle);
    const product = await newProduct(under.owner, { priceMicros: 0 });
    const { id, entitlementId } = await newOrder(seller.ask, product.id, vehicle);
    const change = (what: string, reason: string) =>
      good(under.owner('POST', `/v1/entitlements/${entitlementId!}/${what}`, { reason }));
    const told = async (ask: Driver['ask']): Promise<string[]> => {
      const { data } = await good<{ data: { kind: string; what: string; detail: string | null }[] }>(
        ask('GET', `/v1/orders/${id}/timeline`),
      );
      return data.map(({ kind, what, detail }) => `${kind} ${what} ${detail ?? '-'}`);
    };
    await change('suspend', 'a word of the operator');
    clock.aheadMs = 1000;
    await good(seller.ask('DELETE', `/v1/drivers/me/vehicles/${vehicle}`));
    await claimed(under, buyer, vehicle);
    await change('resume', 'after the sale');
    // Operators go by the clock of the machine.
    const { store } = under;
    const later = { at: Date.now() + 60_000 };
    await store.db.updateTable('entitlement_changes').set(later).where('change', '=', 'resume').execute();
    clock.aheadMs = 120_000;
    // He wants it back: a claim that only waits shows nothing more.
    await claimed(under, seller, vehicle);
    await good(seller.ask('DELETE', `/v1/drivers/me/vehicles/${vehicle}`));
    const [own, whole] = [await told(seller.ask), await told(under.owner)];
    expect(own.toSorted()).toEqual([
      ...['entitlement grant -', 'entitlement suspend -', 'order order -', 'order pay -'],
    ]);
    expect(whole).toContain('entitlement suspend a word of the operator');
    expect(whole).toContain('entitlement resume after the sale');
  });

  test('many claims of one code at once make one', async (context) => {
    const under = await open(context);
    const vehicle = await newVehicle(under);
    const drivers = [await newDriver(under), await newDriver(under), await newDriver(under)];
    const code = await codeOf(under, vehicle);
    const answers = await Promise.all(
      drivers.map(({ ask }) => ask('POST', '/v1/drivers/me/vehicles', { code })),
    );
    expect(answers.map(({ status }) => status).toSorted()).toEqual([201, 403, 403]);
  });
});
