// Apps over HTTP, on both databases.

import { describe, expect, test } from 'vitest';
import { DIALECTS, useStores } from '../../support/use-stores.ts';
import { apiUnderTest, everything, fleet, good, NEVER_SKIPPED } from './api-under-test.ts';

const stores = useStores();

interface App {
  readonly id: string;
  readonly appKey: string;
  readonly appSecret: string;
}

const PLAN = { name: 'P', counts: 'bytes', currency: 'EUR', priceMicros: 1 };

describe.each(DIALECTS)('on %s', (dialect) => {
  test('a name alone makes an app with generous limits', async (context) => {
    const { owner } = await apiUnderTest(stores, dialect, context);
    const made = await owner('POST', '/v1/apps', { name: 'Tractors' });
    expect(made).toMatchObject({
      status: 201,
      body: {
        name: 'Tractors',
        status: 'active',
        activation: 'first_connect',
        bound: false,
        serviceSpecId: null,
        billingPlanId: null,
        ipRanges: null,
        quota: { devicesMax: 100_000, sessionsMax: 100_000, loginsPerMinute: 60_000 },
        allocation: { release: 'idle', holdS: 900 },
      },
    });
    const { appKey, appSecret } = made.body as App;
    expect(appKey).toMatch(/^rk_[a-z2-7]{16}$/);
    expect(appSecret).toMatch(/^[\w-]{43}$/);
  });

  test('its secret is in the answer that makes it, and nowhere else', async (context) => {
    const { owner, store, memory } = await apiUnderTest(stores, dialect, context);
    const first = await good<App>(owner('POST', '/v1/apps', { name: 'A' }));
    const second = await good<App>(owner('POST', `/v1/apps/${first.id}/rotate-secret`, { overlapS: 60 }));
    expect(second.appSecret).not.toBe(first.appSecret);
    const shown = [
      (await owner('GET', '/v1/apps')).text,
      (await owner('GET', `/v1/apps/${first.id}`)).text,
      (await owner('PATCH', `/v1/apps/${first.id}`, { name: 'B' })).text,
      (await owner('GET', '/v1/audit')).text,
      JSON.stringify(await store.db.selectFrom('apps').selectAll().execute()),
      JSON.stringify(await store.db.selectFrom('audit_entries').selectAll().execute()),
      JSON.stringify(memory.lines()),
    ].join('\n');
    for (const { appSecret } of [first, second]) expect(shown).not.toContain(appSecret);
  });

  test('an answer that is asked for again by its Idempotency-Key has the same secret', async (context) => {
    const { owner } = await apiUnderTest(stores, dialect, context);
    const headers = { 'idempotency-key': 'one-app' };
    const first = await owner('POST', '/v1/apps', { name: 'A' }, headers);
    const again = await owner('POST', '/v1/apps', { name: 'A' }, headers);
    expect(again.body).toEqual(first.body);
    expect(again.headers['idempotent-replayed']).toBe('true');
    const other = await owner('POST', '/v1/apps', { name: 'B' }, headers);
    expect(other).toMatchObject({ status: 409, body: { code: 'idempotency_key_reused' } });
    expect(await everything(owner, '/v1/apps')).toHaveLength(1);
  });

  test('a rotation keeps the old secret for as long as asked, and none without', async (context) => {
    const { owner, store, changes } = await apiUnderTest(stores, dialect, context);
    const { id } = await good<App>(owner('POST', '/v1/apps', { name: 'A' }));
    const row = () => store.db.selectFrom('apps').selectAll().executeTakeFirstOrThrow();
    const sealed = (await row()).secret_sealed;
    const before = Date.now();
    await good(owner('POST', `/v1/apps/${id}/rotate-secret`, { overlapS: 3600 }));
    const after = await row();
    expect(after.previous_secret_sealed).toBe(sealed);
    expect(after.previous_secret_until! - before).toBeGreaterThanOrEqual(3_600_000);
    expect(after.previous_secret_until! - Date.now()).toBeLessThanOrEqual(3_600_000);
    await good(owner('POST', `/v1/apps/${id}/rotate-secret`));
    expect(await row()).toMatchObject({ previous_secret_sealed: null, previous_secret_until: null });
    expect(changes).toEqual([
      { kind: 'app', id },
      { kind: 'app', id },
    ]);
    const tooLong = await owner('POST', `/v1/apps/${id}/rotate-secret`, { overlapS: 2_592_001 });
    expect(tooLong).toMatchObject({ status: 400, body: { param: '/overlapS' } });
  });

  test('a change keeps what it does not name, is told of and audited with before and after', async (context) => {
    const { owner, changes } = await apiUnderTest(stores, dialect, context);
    const { id } = await good<App>(owner('POST', '/v1/apps', { name: 'A', ipRanges: ['10.0.0.0/8'] }));
    const changed = await good(
      owner('PATCH', `/v1/apps/${id}`, {
        bound: true,
        activation: 'console',
        quota: { devicesMax: null },
        allocation: { holdS: 5 },
        ipRanges: null,
      }),
    );
    expect(changed).toMatchObject({
      name: 'A',
      bound: true,
      activation: 'console',
      quota: { devicesMax: null, sessionsMax: 100_000, loginsPerMinute: 60_000 },
      allocation: { release: 'idle', holdS: 5 },
      ipRanges: null,
    });
    expect(changes).toEqual([{ kind: 'app', id }]);
    const [entry] = (await good<{ data: object[] }>(owner('GET', '/v1/audit?action=updateApp'))).data;
    expect(entry).toMatchObject({
      target: { kind: 'app', id },
      before: { bound: false, ipRanges: ['10.0.0.0/8'] },
      after: { bound: true, ipRanges: null },
    });
  });

  test('suspended and reinstated, again without complaint', async (context) => {
    const { owner, changes } = await apiUnderTest(stores, dialect, context);
    const { id } = await good<App>(owner('POST', '/v1/apps', { name: 'A' }));
    for (const [verb, status] of [
      ['suspend', 'suspended'],
      ['suspend', 'suspended'],
      ['reinstate', 'active'],
    ] as const) {
      expect(await good(owner('POST', `/v1/apps/${id}/${verb}`))).toMatchObject({ status });
    }
    expect(changes).toHaveLength(3);
    expect(await everything(owner, '/v1/apps?status=suspended')).toEqual([]);
    expect(await owner('POST', '/v1/apps/app_none/suspend')).toMatchObject({
      status: 404,
      body: { code: 'app_not_found' },
    });
  });

  test('is deleted with 600 accounts and their devices', async (context) => {
    const { owner, store, changes } = await apiUnderTest(stores, dialect, context);
    const { id, accounts } = await fleet(owner, 600);
    await good(
      owner('POST', `/v1/apps/${id}/devices`, {
        devices: accounts.slice(0, 300).map((account, n) => ({ deviceId: `d${n}`, accountId: account.id })),
      }),
    );
    changes.length = 0;
    expect(await good(owner('DELETE', `/v1/apps/${id}`))).toEqual({ id, deleted: true });
    for (const table of ['apps', 'accounts', 'devices'] as const) {
      expect(await store.db.selectFrom(table).select('id').execute()).toEqual([]);
    }
    expect(changes).toEqual([
      { kind: 'app', id },
      { kind: 'accounts_of_app', id },
      { kind: 'app', id },
    ]);
    expect(await owner('GET', `/v1/apps/${id}`)).toMatchObject({ status: 404 });
  });

  test('is given only specs and plans that belong where it does', async (context) => {
    const { owner, customer } = await apiUnderTest(stores, dialect, context);
    const [anna, bert] = [await customer(), await customer()];
    const spec = async (ask: typeof owner, body = {}) =>
      (await good<{ id: string }>(ask('POST', '/v1/service-specs', { name: 'S', ...body }))).id;
    const specs = { anna: await spec(anna.ask), bert: await spec(bert.ask), operator: await spec(owner) };
    const app = (ask: typeof owner, body: object) => ask('POST', '/v1/apps', { name: 'A', ...body });
    const notThere = { status: 404, body: { code: 'service_spec_not_found', param: '/serviceSpecId' } };
    expect(await app(anna.ask, { serviceSpecId: specs.anna })).toMatchObject({ status: 201 });
    expect(await app(anna.ask, { serviceSpecId: specs.bert })).toMatchObject(notThere);
    expect(await app(anna.ask, { serviceSpecId: specs.operator })).toMatchObject(notThere);
    expect(await app(anna.ask, { billingPlanId: 'plan_none' })).toMatchObject({
      status: 404,
      body: { code: 'billing_plan_not_found' },
    });
    const forAnna = { customerId: anna.id, serviceSpecId: specs.operator };
    expect(await app(owner, forAnna)).toMatchObject({ status: 201, body: { customerId: anna.id } });
    expect(await app(owner, { ...forAnna, serviceSpecId: specs.bert })).toMatchObject(notThere);
  });

  test('a customer does not undo the plan that the operator has sold him', async (context) => {
    const { owner, customer } = await apiUnderTest(stores, dialect, context);
    const { id: customerId, ask } = await customer();
    const sold = await good<{ id: string }>(owner('POST', '/v1/billing-plans', PLAN));
    const own = await good<{ id: string }>(ask('POST', '/v1/billing-plans', { ...PLAN, priceMicros: 0 }));
    const { id } = await good<App>(
      owner('POST', '/v1/apps', { name: 'A', customerId, billingPlanId: sold.id }),
    );
    const { data } = await good<{ data: { id: string }[] }>(
      ask('POST', `/v1/apps/${id}/accounts`, { count: 1 }),
    );
    const account = data[0]!.id;
    const refused = { status: 403, body: { code: 'choice_of_operator', param: '/billingPlanId' } };
    const change = { billingPlanId: own.id };
    expect(await ask('PATCH', `/v1/apps/${id}`, { billingPlanId: null })).toMatchObject(refused);
    expect(await ask('PATCH', `/v1/apps/${id}`, change)).toMatchObject(refused);
    expect(await ask('PATCH', `/v1/accounts/${account}`, change)).toMatchObject(refused);
    expect(await ask('POST', `/v1/apps/${id}/accounts`, { count: 1, ...change })).toMatchObject(refused);
    expect(await ask('PATCH', `/v1/apps/${id}`, { name: 'B', billingPlanId: sold.id })).toMatchObject({
      status: 200,
    });
    expect(await owner('PATCH', `/v1/apps/${id}`, { billingPlanId: null })).toMatchObject({ status: 200 });
    expect(await ask('PATCH', `/v1/apps/${id}`, change)).toMatchObject({ status: 200 });
  });

  test('is found by its filters', async (context) => {
    const { owner, customer } = await apiUnderTest(stores, dialect, context);
    const { id: customerId } = await customer();
    const first = await good<App>(owner('POST', '/v1/apps', { name: 'A' }));
    const second = await good<App>(owner('POST', '/v1/apps', { name: 'B', customerId }));
    const ids = async (query: string) =>
      (await everything<App>(owner, `/v1/apps?${query}`)).map(({ id }) => id);
    expect(await ids('order=oldest')).toEqual([first.id, second.id]);
    expect(await ids(`customerId=${customerId}`)).toEqual([second.id]);
    expect(await ids(`appKey=${first.appKey}`)).toEqual([first.id]);
    expect(await ids(`appKey=${first.appKey}&appKey=${second.appKey}`)).toHaveLength(2);
  });
});

describe('on any database, in a new app', () => {
  test.each([
    [{}, '/name'],
    [{ name: ' ' }, '/name'],
    [{ name: 'A', colour: 1 }, '/colour'],
    [{ name: 'A', activation: 'never' }, '/activation'],
    [{ name: 'A', ipRanges: ['10.0.0.0/33'] }, '/ipRanges/0'],
    [{ name: 'A', ipRanges: [] }, '/ipRanges'],
    [{ name: 'A', quota: { devices: 5 } }, '/quota/devices'],
    [{ name: 'A', quota: { sessionsMax: -1 } }, '/quota/sessionsMax'],
    [{ name: 'A', allocation: { release: 'sometimes' } }, '/allocation/release'],
    [{ name: 'A', appSecret: 'mine' }, '/appSecret'],
    [{ name: "A'; drop table apps; --", bound: 'yes' }, '/bound'],
  ])('%j is refused at %s', async (body, param) => {
    const { owner } = await apiUnderTest(stores, 'sqlite', NEVER_SKIPPED);
    expect(await owner('POST', '/v1/apps', body)).toMatchObject({
      status: 400,
      body: { code: 'invalid_body', errors: [{ param }] },
    });
  });

  test('a name that looks like SQL is a name', async (context) => {
    const { owner } = await apiUnderTest(stores, 'sqlite', context);
    const name = `Robert'); drop table apps; --"\\%_`;
    const { id } = await good<App>(owner('POST', '/v1/apps', { name }));
    expect(await good(owner('GET', `/v1/apps/${id}`))).toMatchObject({ name });
  });
});
