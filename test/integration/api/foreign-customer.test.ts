// Tests that what belongs to one customer is not there for another: in no list, in no export, and for no operation that
// names it by id. Operations come from the table of the interface, so that a new one is tried without being named here.

import { describe, expect, test, type TestContext } from 'vitest';
import { newId } from '../../../platform/store/id.ts';
import { eventually } from '../../support/use-caster.ts';
import { grant } from '../../support/entitlements.ts';
import { grantRow } from '../../support/store-rows.ts';
import { DIALECTS, useStores } from '../../support/use-stores.ts';
import { newPackageOf } from '../licensing/packages-under-test.ts';
import {
  claimed,
  newDriver,
  newOrder,
  newProduct,
  newVehicle,
  productBody,
} from '../licensing/shop-under-test.ts';
import { newVin, requestFor, vehicleKey } from '../licensing/vehicle-under-test.ts';
import { apiUnderTest, good, type ApiAnswer, type ApiUnderTest, type Ask } from './api-under-test.ts';

const stores = useStores();

/** What some operations must be given; the others take an empty body. */
const BODIES: Readonly<Record<string, object>> = {
  createAccounts: { count: 1 },
  bindDevices: { devices: [{ deviceId: 'dev-9' }] },
  renewAccount: { days: 30 },
  revokeCertificate: { reason: 'keyCompromise' },
  updateRelease: { sharePercent: 50 },
  chooseAccountPassword: { password: 'a-new-password-1' },
};

interface Made {
  readonly id: string;
}

/** Of every kind one thing of a customer: collection -> id. */
type Things = Readonly<Record<string, string>>;

async function makeThings(api: ApiUnderTest, customerId: string, ask: Ask, tag: string): Promise<Things> {
  const make = async (path: string, body: object): Promise<string> =>
    (await good<Made>(ask('POST', path, body))).id;
  const app = await make('/v1/apps', { name: 'Fleet' });
  const accounts = await good<{ data: Made[] }>(ask('POST', `/v1/apps/${app}/accounts`, { count: 2 }));
  const devices = await good<{ data: Made[] }>(
    ask('POST', `/v1/apps/${app}/devices`, { devices: [{ deviceId: `dev-${tag}` }] }),
  );
  const job = await make('/v1/bulk', { action: 'renew', selection: { appId: app }, days: 1 });
  const session = newId('evt').replace('evt', 'ses');
  api.open.push({
    id: session,
    role: 'rover',
    mountpoint: 'HILL',
    account: `rover-${tag}`,
    customerId,
    address: '203.0.113.7',
    userAgent: 'NTRIP Test/1.0',
    version: 2,
    secure: false,
    startedAtMs: 1,
  });
  return {
    '/v1/customers': customerId,
    '/v1/apps': app,
    '/v1/accounts': accounts.data[0]!.id,
    '/v1/devices': devices.data[0]!.id,
    '/v1/jobs': job,
    '/v1/sessions': session,
    '/v1/closed-sessions': await closedSession(api, customerId, tag),
    '/v1/refusals': await refusal(api, customerId, tag),
    '/v1/mountpoints': await make('/v1/mountpoints', {
      name: `HILL${tag}`,
      sourcePassword: 'secret-of-hill',
    }),
    '/v1/service-specs': await make('/v1/service-specs', { name: 'All' }),
    '/v1/billing-plans': await make('/v1/billing-plans', {
      name: 'By the hour',
      counts: 'wallTime',
      currency: 'EUR',
      priceMicros: 1,
      per: 3600,
    }),
    '/v1/api-keys': await make('/v1/api-keys', { name: 'more', role: 'viewer' }),
    ...(await makeVehicle(api, ask)),
    ...(await makeSale(api, customerId, ask)),
    ...(await makeRight(api, customerId, ask)),
    '/v1/audit': (await good<{ data: Made[] }>(ask('GET', '/v1/audit'))).data[0]!.id,
  };
}

async function makeVehicle(api: ApiUnderTest, ask: Ask): Promise<Things> {
  const vehicleId = newVin();
  const request = await requestFor(api, vehicleKey('rsa'), vehicleId);
  const certificate = await good<Made>(ask('POST', '/v1/certificates', { vehicleId, request }));
  const token = await good<Made>(ask('POST', '/v1/enrolment-tokens', { vehicleId, validSeconds: 60 }));
  return {
    '/v1/vehicles': vehicleId,
    '/v1/certificates': certificate.id,
    '/v1/enrolment-tokens': token.id,
  };
}

async function makeSale(api: ApiUnderTest, customerId: string, ask: Ask): Promise<Things> {
  const vehicle = await newVehicle(api, customerId);
  const product = await newProduct(ask);
  const driver = await newDriver(api);
  const claim = await claimed(api, driver, vehicle);
  return {
    '/v1/products': product.id,
    '/v1/orders': (await newOrder(ask, product.id, vehicle)).id,
    '/v1/vehicle-claims': claim.id,
    '/v1/drivers': driver.id,
  };
}

async function makeRight(api: ApiUnderTest, customerId: string, ask: Ask): Promise<Things> {
  const { store } = api;
  const vehicleId = await newVehicle(api, customerId);
  const nowMs = Date.now();
  const entitlement = await grant(store, { customerId, vehicleId, nowMs });
  const { id: packageId } = await newPackageOf(ask);
  const [grantId, release, letter] = [newId('gra'), newId('rel'), newId('ded')];
  await store.db
    .insertInto('grants')
    .values(grantRow({ id: grantId, customer_id: customerId, vehicle_id: vehicleId }))
    .execute();
  await store.db
    .insertInto('releases')
    .values({
      ...{ id: release, customer_id: customerId, package_id: packageId, part_number: 'adas.lane' },
      ...{ state: 'paused', share_percent: 100, created_at: nowMs, changed_at: nowMs },
    })
    .execute();
  await store.db
    .insertInto('dead_letters')
    .values({
      ...{ id: letter, topic: 'entitlements', entry_id: letter, body: '{}', tries: 20, problem: 'x' },
      created_at: nowMs,
    })
    .execute();
  return {
    '/v1/entitlements': entitlement,
    '/v1/grants': grantId,
    '/v1/packages': packageId,
    '/v1/releases': release,
    '/v1/dead-letters': letter,
  };
}

async function closedSession({ store }: ApiUnderTest, customerId: string, tag: string): Promise<string> {
  const id = newId('evt').replace('evt', 'ses');
  await store.db
    .insertInto('closed_sessions')
    .values({
      id,
      customer_id: customerId,
      app_id: null,
      account_id: null,
      account: `rover-${tag}`,
      device: null,
      role: 'rover',
      mountpoint: 'HILL',
      address: '203.0.113.7',
      user_agent: '',
      ntrip_version: 2,
      secure: 0,
      node: 'node-1',
      started_at: 1,
      ended_at: 2,
      duration_ms: 1,
      reason: 'peer_closed',
      bytes: 0,
      epochs: 0,
      frames: 0,
      epochs_dropped: 0,
      frames_dropped: 0,
      unacknowledged_bytes: 0,
    })
    .execute();
  return id;
}

async function refusal({ store }: ApiUnderTest, customerId: string, tag: string): Promise<string> {
  const id = newId('ref');
  await store.db
    .insertInto('refusals')
    .values({
      id,
      customer_id: customerId,
      app_id: null,
      account_id: null,
      username: `rover-${tag}`,
      device: null,
      address: '203.0.113.7',
      mountpoint: 'HILL',
      role: 'rover',
      step: 'account',
      reason: 'account_expired',
      detail: null,
      count: 1,
      first_at: 1,
      last_at: 1,
    })
    .execute();
  return id;
}

async function twoCustomers(dialect: 'sqlite' | 'postgres', context: TestContext) {
  const api = await apiUnderTest(stores, dialect, context);
  const [mine, other] = [await api.customer(), await api.customer()];
  const own = await makeThings(api, mine.id, mine.ask, 'own');
  const foreign = await makeThings(api, other.id, other.ask, 'foreign');
  return { api, ask: mine.ask, own, foreign };
}

/** The answer without what differs between any two requests. */
const plain = ({ status, text, headers }: ApiAnswer): string =>
  `${status} ${text.replaceAll(String(headers['x-request-id']), '')}`;

/** A stream that goes on, and a receipt that only a paid order has; order-progress.test.ts asks for one's own. */
const UNLIKE_THE_REST: ReadonlySet<string> = new Set(['followOrderProgress', 'getOrderReceipt']);

describe.each(DIALECTS)('on %s', (dialect) => {
  test('nothing foreign is found by an operation that names it, and none tells it from nothing', async (context) => {
    const { api, ask, own, foreign } = await twoCustomers(dialect, context);
    const named = api.app.api.operations.filter(
      // Who has the key of a certificate renews it, whoever that is; a garage is a driver's; a content is no JSON.
      ({ path, scope, operationId }) =>
        path.includes('{id}') &&
        scope !== 'public' &&
        scope !== 'garage:use' &&
        operationId !== 'putPackageContent',
    );
    expect(new Set(named.map(({ path }) => path.split('/{id}')[0]!))).toEqual(
      // Refusals have a list alone.
      new Set(Object.keys(foreign).filter((collection) => collection !== '/v1/refusals')),
    );
    const wrong: string[] = [];
    for (const { method, path, operationId, operatorsOnly } of named) {
      const body = method === 'GET' ? undefined : (BODIES[operationId] ?? {});
      const collection = path.split('/{id}')[0]!;
      const at = (id: string): Promise<ApiAnswer> => ask(method, path.replace('{id}', id), body);
      const [there, nothing] = [await at(foreign[collection]!), await at('nothing_here')];
      if (there.status !== (operatorsOnly === true ? 403 : 404))
        wrong.push(`${operationId}: ${plain(there)}`);
      if (plain(there) !== plain(nothing))
        wrong.push(`${operationId}: ${plain(there)}, but ${plain(nothing)}`);
      // What is asked for would be answered where it is one's own.
      if (UNLIKE_THE_REST.has(operationId)) continue;
      if (method === 'GET' && (await at(own[collection]!)).status !== 200) wrong.push(`${operationId}: own`);
    }
    expect(wrong).toEqual([]);
  });

  test('nothing foreign is in a list or an export, and what is one’s own is', async (context) => {
    const { api, ask, own, foreign } = await twoCustomers(dialect, context);
    const lists = api.app.api.operations.filter(
      ({ method, path, scope, operatorsOnly }) =>
        method === 'GET' &&
        !path.includes('{') &&
        scope !== 'public' &&
        scope !== 'app' &&
        scope !== 'garage:use' &&
        operatorsOnly !== true,
    );
    expect(lists.length).toBeGreaterThan(12);
    for (const { path, operationId } of lists) {
      const { status, text } = await ask('GET', path);
      expect(status, operationId).toBe(200);
      for (const [collection, id] of Object.entries(foreign)) {
        expect(text.includes(id), `${operationId} shows a foreign thing of ${collection}`).toBe(false);
      }
      const id = own[path];
      if (id !== undefined) expect(text.includes(id), `${operationId} shows one’s own`).toBe(true);
      const asOperator = await api.owner('GET', path);
      if (id !== undefined) expect(asOperator.text, operationId).toContain(foreign[path]);
    }
  });

  test('nothing foreign can be named in a body', async (context) => {
    const { ask, own, foreign } = await twoCustomers(dialect, context);
    const app = own['/v1/apps']!;
    const asked: [string, object][] = [
      ['/v1/apps', { name: 'x', serviceSpecId: foreign['/v1/service-specs'] }],
      ['/v1/apps', { name: 'x', billingPlanId: foreign['/v1/billing-plans'] }],
      ['/v1/apps', { name: 'x', customerId: foreign['/v1/customers'] }],
      ['/v1/mountpoints', { name: 'NEW', customerId: foreign['/v1/customers'] }],
      ['/v1/service-specs', { name: 'x', customerId: foreign['/v1/customers'] }],
      [`/v1/apps/${app}/accounts`, { count: 1, serviceSpecId: foreign['/v1/service-specs'] }],
      [`/v1/apps/${app}/devices`, { devices: [{ deviceId: 'd', accountId: foreign['/v1/accounts'] }] }],
      ['/v1/bulk', { action: 'suspend', selection: { appId: foreign['/v1/apps'] } }],
      ['/v1/products', productBody({ customerId: foreign['/v1/customers'] })],
      ['/v1/orders', { productId: foreign['/v1/products'], vehicleId: own['/v1/vehicles'] }],
    ];
    for (const [path, body] of asked) {
      const nothing = JSON.stringify(body).replaceAll(
        /"(?:cus|spec|plan|acc|app|prd)_\w+"/g,
        '"nothing_here"',
      );
      const [answer, none] = [await ask('POST', path, body), await ask('POST', path, JSON.parse(nothing))];
      expect(answer.status, `${path} ${JSON.stringify(body)}: ${answer.text}`).toBeGreaterThanOrEqual(400);
      expect(plain(answer), path).toBe(plain(none));
    }
  });

  test('a bulk change of a list leaves what is foreign as it was', async (context) => {
    const { api, ask, own, foreign } = await twoCustomers(dialect, context);
    const ids = [own['/v1/accounts']!, foreign['/v1/accounts']!];
    const { id } = await good<Made>(ask('POST', '/v1/bulk', { action: 'suspend', selection: { ids } }));
    const job = await eventually('the end of the job', async () => {
      const now = await good<{ state: string; done: number; failed: number }>(ask('GET', `/v1/jobs/${id}`));
      return now.state === 'running' ? undefined : now;
    });
    expect(job).toMatchObject({ state: 'done', done: 1, failed: 1 });
    const rows = await api.store.db
      .selectFrom('accounts')
      .select(['id', 'status'])
      .where('id', 'in', ids)
      .execute();
    expect(ids.map((account) => rows.find((row) => row.id === account)?.status)).toEqual([
      'suspended',
      'active',
    ]);
  });
});
