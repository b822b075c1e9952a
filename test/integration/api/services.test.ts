// Mountpoints, service specs and billing plans over HTTP, on both databases.

import { describe, expect, test } from 'vitest';
import { type MountpointConfig } from '../../../config/schema.ts';
import { DIALECTS, useStores } from '../../support/use-stores.ts';
import { apiUnderTest, everything, good, NEVER_SKIPPED } from './api-under-test.ts';

const stores = useStores();

const OF_FILE: MountpointConfig = {
  name: 'FILE1',
  sourcePassword: 'of-the-file',
  access: 'open',
  secondBase: 'refuse',
  chunked: false,
  raw: false,
  listed: true,
  fee: false,
  misc: '',
};

const PLAN = { name: 'By the hour', counts: 'wallTime', currency: 'EUR', priceMicros: 250_000, per: 3600 };

describe.each(DIALECTS)('on %s', (dialect) => {
  describe('a mountpoint', () => {
    test('made with name and password is shown without the password, and told of', async (context) => {
      const { owner, store, changes } = await apiUnderTest(stores, dialect, context);
      const made = await owner('POST', '/v1/mountpoints', { name: 'HILL', sourcePassword: 'secret-of-hill' });
      expect(made).toMatchObject({
        status: 201,
        body: { name: 'HILL', hasSourcePassword: true, access: 'accounts', source: 'api', customerId: null },
      });
      expect(made.text).not.toContain('secret-of-hill');
      const { id } = made.body as { id: string };
      expect(changes).toEqual([{ kind: 'mountpoint', id }]);
      const row = await store.db.selectFrom('mountpoints').selectAll().executeTakeFirstOrThrow();
      expect(JSON.stringify(row)).not.toContain('secret-of-hill');
      const audit = await store.db.selectFrom('audit_entries').selectAll().execute();
      expect(JSON.stringify(audit)).not.toContain('secret-of-hill');
      expect(audit.map(({ action, target_id }) => [action, target_id])).toEqual([['createMountpoint', id]]);
    });

    test('a name is given once, whoever asks, also one of the configuration file', async (context) => {
      const { owner, customer } = await apiUnderTest(stores, dialect, context, { mountpoints: [OF_FILE] });
      const { ask } = await customer();
      await good(ask('POST', '/v1/mountpoints', { name: 'HILL', sourcePassword: 'x' }));
      const again = await owner('POST', '/v1/mountpoints', { name: 'HILL', sourcePassword: 'y' });
      const ofFile = await owner('POST', '/v1/mountpoints', { name: 'FILE1', sourcePassword: 'y' });
      for (const answer of [again, ofFile]) {
        expect(answer).toMatchObject({
          status: 409,
          body: { code: 'mountpoint_name_taken', param: '/name' },
        });
      }
    });

    test('those of the configuration file are listed last and cannot be changed', async (context) => {
      const { owner } = await apiUnderTest(stores, dialect, context, {
        mountpoints: [{ ...OF_FILE, name: 'FILE2' }, OF_FILE],
      });
      for (const name of ['A', 'B', 'C']) {
        await good(owner('POST', '/v1/mountpoints', { name, sourcePassword: 'x' }));
      }
      const all = await everything<{ name: string; id: string; source: string }>(owner, '/v1/mountpoints', 2);
      expect(all.map(({ name }) => name)).toEqual(['C', 'B', 'A', 'FILE1', 'FILE2']);
      const { id } = all[3]!;
      expect((await owner('GET', `/v1/mountpoints/${id}`)).body).toMatchObject({ name: 'FILE1' });
      expect(await owner('PATCH', `/v1/mountpoints/${id}`, { listed: false })).toMatchObject({
        status: 409,
        body: { code: 'mountpoint_in_configuration' },
      });
      expect(await owner('DELETE', '/v1/mountpoints/cfg_NONE')).toMatchObject({ status: 404 });
      const some = await everything<{ name: string }>(owner, '/v1/mountpoints?source=configuration', 1);
      expect(some.map(({ name }) => name)).toEqual(['FILE1', 'FILE2']);
    });

    test('of a customer is for its owner and one of the operator for everyone, unless they say otherwise', async (context) => {
      const { owner, customer } = await apiUnderTest(stores, dialect, context);
      const { ask, id: customerId } = await customer();
      const sharedWith = async (given: object, by = owner): Promise<unknown> => {
        const name = `M${Math.random()}`;
        const made = await good<{ id: string; sharedWith: string }>(
          by('POST', '/v1/mountpoints', { name, sourcePassword: 'x', ...given }),
        );
        const path = `/v1/mountpoints/${made.id}`;
        const keep = await good<{ sharedWith: string }>(by('PATCH', path, { fee: true }));
        const back = await good<{ sharedWith: string }>(by('PATCH', path, { sharedWith: null }));
        return [made.sharedWith, keep.sharedWith, back.sharedWith];
      };
      expect(await sharedWith({})).toEqual(['everyone', 'everyone', 'everyone']);
      expect(await sharedWith({ sharedWith: 'owner' })).toEqual(['owner', 'owner', 'everyone']);
      expect(await sharedWith({ customerId })).toEqual(['owner', 'owner', 'owner']);
      expect(await sharedWith({}, ask)).toEqual(['owner', 'owner', 'owner']);
      expect(await sharedWith({ sharedWith: 'everyone' }, ask)).toEqual(['everyone', 'everyone', 'owner']);
    });

    test('a change keeps what it does not name, and null removes', async (context) => {
      const { owner, store } = await apiUnderTest(stores, dialect, context);
      const body = { name: 'HILL', sourcePassword: 'first', place: 'Hill', country: 'DEU' };
      const { id } = await good<{ id: string }>(owner('POST', '/v1/mountpoints', body));
      const sealed = () =>
        store.db.selectFrom('mountpoints').select('source_password_sealed').executeTakeFirstOrThrow();
      const before = await sealed();
      const changed = await good(owner('PATCH', `/v1/mountpoints/${id}`, { place: null, fee: true }));
      expect(changed).toMatchObject({ place: null, country: 'DEU', fee: true, hasSourcePassword: true });
      expect(await sealed()).toEqual(before);
      await good(owner('PATCH', `/v1/mountpoints/${id}`, { sourcePassword: 'second' }));
      expect(await sealed()).not.toEqual(before);
      const without = await owner('PATCH', `/v1/mountpoints/${id}`, { sourcePassword: null });
      expect(without).toMatchObject({ status: 400, body: { param: '/sourcePassword' } });
      const near = await owner('PATCH', `/v1/mountpoints/${id}`, { sourcePassword: null, nearest: {} });
      expect(near).toMatchObject({ status: 200, body: { hasSourcePassword: false } });
      expect(await good(owner('DELETE', `/v1/mountpoints/${id}`))).toEqual({ id, deleted: true });
      expect(await owner('GET', `/v1/mountpoints/${id}`)).toMatchObject({ status: 404 });
    });
  });

  describe('a service spec', () => {
    test('with a name alone gives everything as received', async (context) => {
      const { owner } = await apiUnderTest(stores, dialect, context);
      expect(await good(owner('POST', '/v1/service-specs', { name: 'All' }))).toMatchObject({
        constellations: null,
        ignoreMountpoint: false,
        maxBaselineKm: 50,
        sessionsPerAccount: 1,
        onExtraSession: 'replace',
      });
    });

    test('comes back as it was given', async (context) => {
      const { owner } = await apiUnderTest(stores, dialect, context);
      const spec = {
        name: 'Farm',
        constellations: ['GPS', 'GAL'],
        bands: ['L1', 'E5a'],
        msmLevelMax: 4,
        messagesDropped: [1230],
        intervalS: 5,
        glonassChannelsKept: true,
        mountpoints: ['HILL'],
        ignoreMountpoint: true,
        maxBaselineKm: 30.5,
        area: {
          polygon: [
            [8, 50],
            [9, 50],
            [9, 51],
          ],
          holes: [
            [
              [8.5, 50.2],
              [8.6, 50.2],
              [8.6, 50.3],
            ],
          ],
        },
        ggaRequired: { withinS: 30, atLogin: true },
        sessionsPerAccount: 2,
        onExtraSession: 'count',
      };
      const made = await good<{ id: string }>(owner('POST', '/v1/service-specs', spec));
      expect(made).toMatchObject(spec);
      const changed = await good(owner('PATCH', `/v1/service-specs/${made.id}`, { area: null, bands: null }));
      expect(changed).toEqual({ ...made, area: null, bands: null, updatedAt: expect.any(String) as string });
    });

    test('a change that makes it contradict itself is refused, and nothing changes', async (context) => {
      const { owner, changes } = await apiUnderTest(stores, dialect, context);
      const made = await good<{ id: string }>(
        owner('POST', '/v1/service-specs', { name: 'X', messagesKept: [1005, 1077] }),
      );
      const refused = await owner('PATCH', `/v1/service-specs/${made.id}`, { messagesDropped: [1077] });
      expect(refused).toMatchObject({ status: 400, body: { param: '/messagesDropped' } });
      expect(await good(owner('GET', `/v1/service-specs/${made.id}`))).toEqual(made);
      expect(changes).toEqual([]);
    });

    test('is not deleted while an app or an account has it', async (context) => {
      const { owner, changes } = await apiUnderTest(stores, dialect, context);
      const { id } = await good<{ id: string }>(owner('POST', '/v1/service-specs', { name: 'X' }));
      const app = await good<{ id: string }>(owner('POST', '/v1/apps', { name: 'A', serviceSpecId: id }));
      const inUse = { status: 409, body: { code: 'service_spec_in_use' } };
      expect(await owner('DELETE', `/v1/service-specs/${id}`)).toMatchObject(inUse);
      await good(owner('POST', `/v1/apps/${app.id}/accounts`, { count: 1, serviceSpecId: id }));
      await good(owner('PATCH', `/v1/apps/${app.id}`, { serviceSpecId: null }));
      expect(await owner('DELETE', `/v1/service-specs/${id}`)).toMatchObject(inUse);
      await good(owner('DELETE', `/v1/apps/${app.id}`));
      expect(await owner('DELETE', `/v1/service-specs/${id}`)).toMatchObject({ status: 200 });
      expect(changes.at(-1)).toEqual({ kind: 'spec', id });
    });
  });

  describe('a billing plan', () => {
    test('comes back as it was given, with what is left out filled in', async (context) => {
      const { owner } = await apiUnderTest(stores, dialect, context);
      expect(await good(owner('POST', '/v1/billing-plans', PLAN))).toMatchObject({
        ...PLAN,
        timeZone: 'UTC',
        included: 0,
        tiers: [],
        mode: 'postpaid',
        atZero: 'continue',
        validityDays: null,
      });
      const prepaid = { ...PLAN, mode: 'prepaid', validityDays: 365, tiers: [{ from: 10, priceMicros: 1 }] };
      expect(await good(owner('POST', '/v1/billing-plans', prepaid))).toMatchObject({
        ...prepaid,
        atZero: 'end',
      });
    });

    test('is changed, told of, kept while in use, and deleted', async (context) => {
      const { owner, changes } = await apiUnderTest(stores, dialect, context);
      const { id } = await good<{ id: string }>(owner('POST', '/v1/billing-plans', PLAN));
      expect(await good(owner('PATCH', `/v1/billing-plans/${id}`, { priceMicros: 1 }))).toMatchObject({
        priceMicros: 1,
        per: 3600,
      });
      expect(changes).toEqual([{ kind: 'plan', id }]);
      const app = await good<{ id: string }>(owner('POST', '/v1/apps', { name: 'A', billingPlanId: id }));
      expect(await owner('DELETE', `/v1/billing-plans/${id}`)).toMatchObject({
        status: 409,
        body: { code: 'billing_plan_in_use', detail: `${app.id} has it` },
      });
    });
  });

  test('what is another customer’s is not there for him, by any verb', async (context) => {
    const { owner, customer } = await apiUnderTest(stores, dialect, context);
    const [anna, bert] = [await customer(), await customer()];
    const rows = [
      ['/v1/mountpoints', { name: 'HILL', sourcePassword: 'x' }, { fee: true }, 'mountpoint_not_found'],
      ['/v1/service-specs', { name: 'X' }, { intervalS: 2 }, 'service_spec_not_found'],
      ['/v1/billing-plans', PLAN, { included: 5 }, 'billing_plan_not_found'],
    ] as const;
    for (const [path, body, change, code] of rows) {
      const { id, customerId } = await good<{ id: string; customerId: string }>(anna.ask('POST', path, body));
      expect(customerId).toBe(anna.id);
      for (const [method, payload] of [
        ['GET', undefined],
        ['PATCH', change],
        ['DELETE', undefined],
      ] as const) {
        expect(await bert.ask(method, `${path}/${id}`, payload)).toMatchObject({
          status: 404,
          body: { code },
        });
      }
      expect(await everything(bert.ask, path)).toEqual([]);
      expect(await everything(bert.ask, `${path}?customerId=${anna.id}`)).toEqual([]);
      expect(await everything(anna.ask, path)).toHaveLength(1);
      expect(await everything(owner, `${path}?customerId=${anna.id}`)).toHaveLength(1);
      const foreign = await bert.ask('POST', path, { ...body, name: 'OTHER', customerId: anna.id });
      expect(foreign).toMatchObject({ status: 404, body: { code: 'customer_not_found' } });
    }
  });

  test('a list goes on where it was while rows are added in front and behind', async (context) => {
    const { owner } = await apiUnderTest(stores, dialect, context);
    const make = (name: string) => good<{ id: string }>(owner('POST', '/v1/service-specs', { name }));
    const ids: string[] = [];
    for (let n = 0; n < 9; n++) ids.push((await make(`S${n}`)).id);
    for (const order of ['newest', 'oldest']) {
      const seen: string[] = [];
      let cursor: string | null = null;
      do {
        const query: string = cursor === null ? '' : `&cursor=${cursor}`;
        const page: { data: { id: string }[]; nextCursor: string | null } = await good(
          owner('GET', `/v1/service-specs?limit=2&order=${order}${query}`),
        );
        seen.push(...page.data.map(({ id }) => id));
        cursor = page.nextCursor;
        if (seen.length < 6) await make('added meanwhile');
      } while (cursor !== null);
      const old = seen.filter((id) => ids.includes(id));
      expect(old).toEqual(order === 'newest' ? ids.toReversed() : ids);
      expect(new Set(seen).size).toBe(seen.length);
    }
    expect(await owner('GET', '/v1/service-specs?cursor=nonsense')).toMatchObject({
      status: 400,
      body: { code: 'invalid_cursor' },
    });
    expect(await owner('GET', '/v1/service-specs?nane=X')).toMatchObject({
      status: 400,
      body: { code: 'unknown_parameter', param: 'nane' },
    });
  });
});

describe('on any database, in a new', () => {
  test.each([
    [{ name: 'HILL' }, '/sourcePassword'],
    [{ name: 'no spaces', sourcePassword: 'x' }, '/name'],
    [{ name: 'HILL', sourcePassword: 'x', nearest: {} }, '/sourcePassword'],
    [{ name: 'NEAR', nearest: { maxBaselineKm: 2, hysteresisKm: 2 } }, '/nearest/hysteresisKm'],
    [{ name: 'HILL', sourcePassword: 'x', colour: 'red' }, '/colour'],
    [{ name: 'HILL', sourcePassword: 'x', sharedWith: 'friends' }, '/sharedWith'],
    [{ name: 'HILL', sourcePassword: 'x', nearest: { reach: 1 } }, '/nearest/reach'],
  ])('mountpoint %j is refused at %s', async (body, param) => {
    const { owner } = await apiUnderTest(stores, 'sqlite', NEVER_SKIPPED);
    const answer = await owner('POST', '/v1/mountpoints', body);
    expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_body', param } });
  });

  test.each([
    [{ name: 'X', constellations: ['NAVSTAR'] }, '/constellations/0'],
    [{ name: 'X', bands: ['L1', 'G1'], constellations: ['GPS'] }, '/bands'],
    [{ name: 'X', msmLevelMax: 6 }, '/msmLevelMax'],
    [{ name: 'X', messagesKept: [1005], messagesDropped: [1005] }, '/messagesDropped'],
    [
      {
        name: 'X',
        area: {
          polygon: [
            [1, 1],
            [1, 1],
            [1, 1],
          ],
        },
      },
      '/area/polygon',
    ],
    [{ name: 'X', area: { center: [181, 0], radiusKm: 5 } }, '/area/center/0'],
    [{ name: 'X', area: { center: [8, 0], radius: 5 } }, '/area/radiusKm'],
    [{ name: 'X', ignoreMountpoint: true, maxBaselineKm: 0 }, '/maxBaselineKm'],
    [{ name: 'X', ggaRequired: { withinS: 0 } }, '/ggaRequired/withinS'],
    [{ name: '' }, '/name'],
    [{}, '/name'],
    [{ name: 'X', customerId: 'cus_nobody' }, '/customerId'],
  ])('service spec %j is refused at %s', async (body, param) => {
    const { owner } = await apiUnderTest(stores, 'sqlite', NEVER_SKIPPED);
    const answer = await owner('POST', '/v1/service-specs', body);
    expect([400, 404]).toContain(answer.status);
    const { errors, param: own } = answer.body as { errors?: { param: string }[]; param?: string };
    expect(errors?.[0]?.param ?? own).toBe(param);
  });

  test.each([
    [{ ...PLAN, currency: 'EURO' }, '/currency'],
    [{ ...PLAN, currency: 'QQQ' }, '/currency'],
    [{ ...PLAN, timeZone: 'Mars/Base' }, '/timeZone'],
    [{ ...PLAN, timeZone: '+02:00' }, '/timeZone'],
    [{ ...PLAN, counts: 'period', per: 1 }, '/period'],
    [{ ...PLAN, counts: 'period', period: 'month' }, '/per'],
    [{ ...PLAN, priceMicros: 0.5 }, '/priceMicros'],
    [{ ...PLAN, priceMicros: -1 }, '/priceMicros'],
    [
      {
        ...PLAN,
        tiers: [
          { from: 5, priceMicros: 1 },
          { from: 5, priceMicros: 1 },
        ],
      },
      '/tiers/1/from',
    ],
    [{ ...PLAN, included: 9, tiers: [{ from: 9, priceMicros: 1 }] }, '/tiers/0/from'],
    [{ ...PLAN, atZero: 'end' }, '/atZero'],
    [{ ...PLAN, price: 1 }, '/price'],
  ])('billing plan %j is refused at %s', async (body, param) => {
    const { owner } = await apiUnderTest(stores, 'sqlite', NEVER_SKIPPED);
    const answer = await owner('POST', '/v1/billing-plans', body);
    expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_body', errors: [{ param }] } });
  });
});

describe('a preview', () => {
  test('of a service spec is of a mountpoint that the caller sees, and says why nothing is known', async (context) => {
    const { owner, customer } = await apiUnderTest(stores, 'sqlite', context, {
      mountpoints: [{ ...OF_FILE, raw: true }],
    });
    await good(owner('POST', '/v1/mountpoints', { name: 'HILL', sourcePassword: 'x' }));
    const { ask } = await customer();
    const preview = (mountpoint: string, by = owner) =>
      by('POST', '/v1/service-specs/preview', { mountpoint, msmLevelMax: 4, constellations: ['GPS'] });
    expect(await preview('HILL')).toMatchObject({
      status: 200,
      body: { unknownFor: 'no_base', shape: 'constellations=GPS level=4', messages: [] },
    });
    expect((await preview('FILE1', ask)).body).toMatchObject({ unknownFor: 'raw' });
    expect((await preview('HILL', ask)).body).toMatchObject({ code: 'mountpoint_not_found' });
  });

  test('of a billing plan is reckoned, and nothing is made or noted', async (context) => {
    const { owner, store } = await apiUnderTest(stores, 'sqlite', context);
    const { name: _name, ...plan } = PLAN;
    const use = { rovers: 10, hoursPerDay: 8 };
    const asked = { plan, month: '2026-11', use };
    expect(await owner('POST', '/v1/billing-plans/preview', asked)).toMatchObject({
      status: 200,
      body: { amountMicros: '600000000', currency: 'EUR' },
    });
    const wrong = await owner('POST', '/v1/billing-plans/preview', { ...asked, plan: { ...plan, per: 0 } });
    expect(wrong).toMatchObject({ status: 400, body: { param: '/plan/per' } });
    expect(await store.db.selectFrom('billing_plans').selectAll().execute()).toEqual([]);
    expect(await store.db.selectFrom('audit_entries').selectAll().execute()).toEqual([]);
  });
});
