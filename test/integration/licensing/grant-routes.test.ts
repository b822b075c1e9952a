// Licence grants over HTTP: who sees which, in what order, and never what is inside.

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, test, type TestContext } from 'vitest';
import type { GrantsTable } from '../../../platform/store/tables/grant-tables.ts';
import {
  type ApiAnswer,
  type ApiUnderTest,
  type Ask,
  everything,
  good,
  openApi,
} from '../../support/api-app.ts';
import { grantRow } from '../../support/store-rows.ts';
import { DIALECTS, useStores } from '../../support/use-stores.ts';
import { claimed, newDriver, newVehicle } from './shop-under-test.ts';

const stores = useStores();
let api: ApiUnderTest | undefined;
afterEach(async () => {
  await api?.close();
  api = undefined;
});

async function open(
  context: TestContext,
  dialect: (typeof DIALECTS)[number] = 'sqlite',
): Promise<ApiUnderTest> {
  api = await openApi(await stores.open(dialect, context));
  return api;
}

/** Its id. */
async function granted(
  { store }: ApiUnderTest,
  vehicleId: string,
  row: Partial<GrantsTable> = {},
): Promise<string> {
  const whole = grantRow({ vehicle_id: vehicleId, ...row });
  await store.db.insertInto('grants').values(whole).execute();
  return whole.id;
}

async function ids(ask: Ask, query = ''): Promise<string[]> {
  const { data } = await good<{ data: { id: string }[] }>(ask('GET', `/v1/grants${query}`));
  return data.map(({ id }) => id);
}

describe.each(DIALECTS)('on %s', (dialect) => {
  test('they are listed by vehicle, entitlement and state, the newest first', async (context) => {
    const under = await open(context, dialect);
    const [one, other] = [await newVehicle(under), await newVehicle(under)];
    const first = await granted(under, one, { state: 'superseded', entitlement_id: 'ent_a' });
    const second = await granted(under, one, { state: 'activated', entitlement_id: 'ent_a', seq: 2 });
    const third = await granted(under, other, { state: 'activated', entitlement_id: 'ent_b' });
    const { owner } = under;
    expect(await ids(owner)).toEqual([third, second, first]);
    expect(await ids(owner, '?order=oldest')).toEqual([first, second, third]);
    expect(await ids(owner, `?vehicleId=${one}`)).toEqual([second, first]);
    expect(await ids(owner, '?entitlementId=ent_b')).toEqual([third]);
    expect(await ids(owner, '?state=activated')).toEqual([third, second]);
    expect(await ids(owner, `?vehicleId=${one}&state=activated`)).toEqual([second]);
    expect(await ids(owner, '?state=refused')).toEqual([]);
  });

  test('page by page each comes once, with one that is made meanwhile or without', async (context) => {
    const under = await open(context, dialect);
    const vehicle = await newVehicle(under);
    const made: string[] = [];
    for (let seq = 1; seq <= 8; seq++) made.push(await granted(under, vehicle, { seq }));
    const pages: { data: { id: string }[]; hasMore: boolean; nextCursor: string | null }[] = [];
    pages.push(await good(under.owner('GET', '/v1/grants?limit=3')));
    await granted(under, vehicle, { seq: 9 });
    while (pages.at(-1)?.nextCursor != null)
      pages.push(await good(under.owner('GET', `/v1/grants?limit=3&cursor=${pages.at(-1)!.nextCursor}`)));
    expect(pages.map(({ data, hasMore }) => [data.length, hasMore])).toEqual([
      [3, true],
      [3, true],
      [2, false],
    ]);
    expect(pages.flatMap(({ data }) => data.map(({ id }) => id))).toEqual(made.toReversed());
  });

  test('the pages of a filtered list have what the filter lets through only', async (context) => {
    const under = await open(context, dialect);
    const [one, other] = [await newVehicle(under), await newVehicle(under)];
    const mine: string[] = [];
    for (let seq = 1; seq <= 5; seq++) {
      mine.push(await granted(under, one, { seq }));
      await granted(under, other, { seq });
    }
    const found = await everything<{ id: string }>(under.owner, `/v1/grants?vehicleId=${one}`, 2);
    expect(found.map(({ id }) => id)).toEqual(mine.toReversed());
  });
});

test('a grant is shown with what the vehicle said to it, and without what is inside', async (context) => {
  const under = await open(context);
  const vehicle = await newVehicle(under);
  const secrets = { document: 'the envelope', facts: '{"softRight":"the right"}', content_hash: 'the hash' };
  const id = await granted(under, vehicle, {
    ...{ ...secrets, state: 'refused', seq: 3, revision: 2, sent_at: Date.UTC(2026, 10, 30) },
    ...{ receipt_result: 'refused', receipt_reason: 'seq_not_new', installed_version: '0.9' },
    ...{ receipt_counter: 7, receipted_at: Date.UTC(2026, 11, 1), created_at: Date.UTC(2026, 10, 29) },
  });
  const answer = await under.owner('GET', `/v1/grants/${id}`);
  expect(answer.body).toEqual({
    ...{ id, customerId: null, vehicleId: vehicle, partNumber: 'SW-100', seq: 3, entitlementId: 'ent_1' },
    ...{ revision: 2, certificateId: 'cert_1', right: 'active', version: '1.0', state: 'refused' },
    receipt: {
      ...{ result: 'refused', reason: 'seq_not_new', installedVersion: '0.9' },
      at: '2026-12-01T00:00:00.000Z',
    },
    sentAt: '2026-11-30T00:00:00.000Z',
    createdAt: '2026-11-29T00:00:00.000Z',
  });
});

test('a customer sees the grants of his own vehicles, and the operator all', async (context) => {
  const under = await open(context);
  const [one, other] = [await under.customer('viewer'), await under.customer('owner')];
  const theirs = await granted(under, await newVehicle(under, one.id), { customer_id: one.id });
  const ours = await granted(under, await newVehicle(under));
  expect(await ids(one.ask)).toEqual([theirs]);
  expect(await ids(other.ask)).toEqual([]);
  expect(await ids(await under.key('support'))).toEqual([ours, theirs]);
  expect((await one.ask('GET', `/v1/grants/${ours}`)).body).toMatchObject({ code: 'grant_not_found' });
});

test('a driver sees no grants, not even those of the vehicle that is his', async (context) => {
  const under = await open(context);
  const vehicle = await newVehicle(under);
  const driver = await newDriver(under);
  await claimed(under, driver, vehicle);
  const id = await granted(under, vehicle);
  const answers = [
    await driver.ask('GET', '/v1/grants'),
    await driver.ask('GET', `/v1/grants?vehicleId=${vehicle}`),
    await driver.ask('GET', `/v1/grants/${id}`),
  ];
  expect(answers.map(({ status }) => status)).toEqual([403, 403, 403]);
  expect(answers.map(({ text }) => text).join()).not.toContain(id);
});

test('every answer is one that docs/openapi.json has', async (context) => {
  const under = await open(context);
  const id = await granted(under, await newVehicle(under));
  const [factory, { owner, nobody }] = [await under.key('factory'), under];
  const asked: readonly (readonly [string, number, Promise<ApiAnswer>])[] = [
    ['/v1/grants', 200, owner('GET', '/v1/grants')],
    ['/v1/grants', 400, owner('GET', '/v1/grants?state=lost')],
    ['/v1/grants', 400, owner('GET', '/v1/grants?part=SW-100')],
    ['/v1/grants', 400, owner('GET', '/v1/grants?cursor=AAAA')],
    ['/v1/grants', 401, nobody('GET', '/v1/grants')],
    ['/v1/grants', 403, factory('GET', '/v1/grants')],
    ['/v1/grants/{id}', 200, owner('GET', `/v1/grants/${id}`)],
    ['/v1/grants/{id}', 401, nobody('GET', `/v1/grants/${id}`)],
    ['/v1/grants/{id}', 403, factory('GET', `/v1/grants/${id}`)],
    ['/v1/grants/{id}', 404, owner('GET', '/v1/grants/gra_aaaaaaaaaaaaaaaa')],
  ];
  for (const [at, status, answer] of asked) {
    expect([at, status, (await answer).status]).toEqual([at, status, status]);
    expect([at, DOCUMENTED[at]]).toEqual([at, expect.arrayContaining([String(status)])]);
  }
});

const DOCUMENTED = documented();

/** Path -> the statuses of its GET. */
function documented(): Record<string, string[]> {
  const file = path.join(import.meta.dirname, '../../../docs/openapi.json');
  const { paths } = JSON.parse(readFileSync(file, 'utf8')) as {
    paths: Record<string, { get?: { responses: object } }>;
  };
  return Object.fromEntries(
    Object.entries(paths).map(([at, { get }]) => [at, Object.keys(get?.responses ?? {})]),
  );
}
