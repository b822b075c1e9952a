// Accounts over HTTP, on both databases.

import { describe, expect, test } from 'vitest';
import { derivedPassword } from '../../../caster/accounts/account-password.ts';
import { isPasswordOf } from '../../../caster/accounts/password-hash.ts';
import { DIALECTS, useStores } from '../../support/use-stores.ts';
import {
  apiUnderTest,
  everything,
  fleet,
  good,
  NEVER_SKIPPED,
  type ApiUnderTest,
  type Ask,
} from './api-under-test.ts';

const stores = useStores();
const DAY_MS = 86_400_000;

interface Account {
  readonly id: string;
  readonly username: string;
  readonly state: string;
  readonly activatedAt: string | null;
  readonly validUntil: string | null;
}

const PLAN = { name: 'Month', counts: 'bytes', currency: 'EUR', priceMicros: 1, validityDays: 30 };

async function oneAccount(ask: Ask, settings: object = {}): Promise<string> {
  return (await fleet(ask, 1, settings)).accounts[0]!.id;
}

/** What the store has of an account. */
async function rowOf({ store }: ApiUnderTest, id: string) {
  return await store.db.selectFrom('accounts').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
}

describe.each(DIALECTS)('on %s', (dialect) => {
  test('600 are made at once, each with a name of its own and its derived password', async (context) => {
    const api = await apiUnderTest(stores, dialect, context);
    const { id, accounts } = await fleet(api.owner, 600);
    expect(new Set(accounts.map(({ username }) => username)).size).toBe(600);
    expect(accounts.every(({ username }) => /^r[a-z2-7]{10}$/.test(username))).toBe(true);
    const { id: first, password } = accounts[0]!;
    expect(password).toBe(derivedPassword(api.accountKey, first, 1));
    const listed = await everything<Account>(api.owner, `/v1/apps/${id}/accounts?order=oldest`, 100);
    expect(listed.map((account) => account.id)).toEqual(accounts.map((account) => account.id));
    expect(listed[0]).toMatchObject({ state: 'not_activated', validUntil: null, held: false });
    const rows = JSON.stringify(await api.store.db.selectFrom('accounts').selectAll().limit(5).execute());
    expect(rows).not.toContain(password);
    const random = await api.store.db.selectFrom('accounts').select('random_key').execute();
    const mean = random.reduce((sum, row) => sum + row.random_key, 0) / random.length / 2 ** 31;
    expect(mean).toBeGreaterThan(0.4);
    expect(mean).toBeLessThan(0.6);
  });

  test('10,000 are made by one call within ten seconds', async (context) => {
    const { owner } = await apiUnderTest(stores, dialect, context, { checksAnswers: false });
    const { id } = await fleet(owner, 0);
    const beganMs = performance.now();
    const { data } = await good<{ data: { password: string }[] }>(
      owner('POST', `/v1/apps/${id}/accounts`, { count: 10_000 }),
    );
    expect(performance.now() - beganMs).toBeLessThan(10_000);
    expect(new Set(data.map(({ password }) => password)).size).toBe(10_000);
  }, 30_000);

  test('by a prefix, with an end, activated, with a spec, a plan and a note', async (context) => {
    const { owner } = await apiUnderTest(stores, dialect, context);
    const { id } = await fleet(owner, 0);
    const spec = await good<{ id: string }>(owner('POST', '/v1/service-specs', { name: 'S' }));
    const plan = await good<{ id: string }>(owner('POST', '/v1/billing-plans', PLAN));
    const { data } = await good<{ data: Account[] }>(
      owner('POST', `/v1/apps/${id}/accounts`, {
        count: 2,
        prefix: 'farm-',
        validUntil: '2099-05-01T12:00:00+02:00',
        activate: true,
        serviceSpecId: spec.id,
        billingPlanId: plan.id,
        note: 'Müller & Söhne',
      }),
    );
    expect(data[0]!.username).toMatch(/^farm-[a-z2-7]{10}$/);
    expect(await good(owner('GET', `/v1/accounts/${data[0]!.id}`))).toMatchObject({
      state: 'usable',
      validUntil: '2099-05-01T10:00:00.000Z',
      serviceSpecId: spec.id,
      billingPlanId: plan.id,
      note: 'Müller & Söhne',
    });
  });

  test('by names that are given: all of them or, where one is taken, none', async (context) => {
    const { owner } = await apiUnderTest(stores, dialect, context, { usernames: ['of-the-file'] });
    const { id } = await fleet(owner, 0);
    const make = (usernames: string[]) => owner('POST', `/v1/apps/${id}/accounts`, { usernames });
    expect(await make(['anna', 'bert'])).toMatchObject({ status: 201 });
    expect(await make(['carl', 'bert', 'of-the-file'])).toMatchObject({
      status: 409,
      body: { code: 'username_taken', errors: [{ param: '/usernames/1' }, { param: '/usernames/2' }] },
    });
    expect(await everything(owner, '/v1/accounts')).toHaveLength(2);
    const twice = await make(['dora', 'dora']);
    expect(twice).toMatchObject({ status: 400, body: { param: '/usernames/1' } });
  });

  test('two requests for the same names make them once', async (context) => {
    const { owner } = await apiUnderTest(stores, dialect, context);
    const { id } = await fleet(owner, 0);
    const usernames = Array.from({ length: 700 }, (_, n) => `user-${n}`);
    const make = () => owner('POST', `/v1/apps/${id}/accounts`, { usernames });
    const answers = await Promise.all([make(), make()]);
    expect(answers.map(({ status }) => status).toSorted()).toEqual([201, 409]);
    expect(await everything(owner, '/v1/accounts', 100)).toHaveLength(700);
  });

  test('no app has more than it may have', async (context) => {
    const { owner } = await apiUnderTest(stores, dialect, context);
    const { id } = await fleet(owner, 0);
    const answer = await owner('POST', `/v1/apps/${id}/accounts`, { count: 10_001 });
    expect(answer).toMatchObject({ status: 400, body: { param: '/count' } });
    const bulk = { action: 'createAccounts', appId: id, count: 1_000_000 };
    await fleet(owner, 0);
    await good(owner('POST', `/v1/apps/${id}/accounts`, { count: 1 }));
    expect(await owner('POST', '/v1/bulk', bulk)).toMatchObject({
      status: 409,
      body: { code: 'accounts_full' },
    });
  });

  test('activated by console: its validity begins by the plan, once', async (context) => {
    const api = await apiUnderTest(stores, dialect, context);
    const { owner, changes } = api;
    const plan = await good<{ id: string }>(owner('POST', '/v1/billing-plans', PLAN));
    const id = await oneAccount(owner, { activation: 'console', billingPlanId: plan.id });
    const first = await good<Account>(owner('POST', `/v1/accounts/${id}/activate`));
    expect(first.state).toBe('usable');
    expect(Date.parse(first.validUntil!) - Date.parse(first.activatedAt!)).toBe(30 * DAY_MS);
    expect(changes.filter(({ kind }) => kind === 'account')).toEqual([{ kind: 'account', id }]);
    expect(await good(owner('POST', `/v1/accounts/${id}/activate`))).toMatchObject({
      activatedAt: first.activatedAt,
      validUntil: first.validUntil,
    });
  });

  test('an end that was set by hand goes before that of the plan', async (context) => {
    const { owner } = await apiUnderTest(stores, dialect, context);
    const plan = await good<{ id: string }>(owner('POST', '/v1/billing-plans', PLAN));
    const id = await oneAccount(owner, { billingPlanId: plan.id });
    await good(owner('PATCH', `/v1/accounts/${id}`, { validUntil: '2090-01-01T00:00:00Z' }));
    expect(await good(owner('POST', `/v1/accounts/${id}/activate`))).toMatchObject({
      validUntil: '2090-01-01T00:00:00.000Z',
    });
  });

  test('renewed from its end, from now where that is past, or until a time', async (context) => {
    const { owner } = await apiUnderTest(stores, dialect, context);
    const id = await oneAccount(owner);
    const renew = (body: object) => good<Account>(owner('POST', `/v1/accounts/${id}/renew`, body));
    const until = '2090-01-01T00:00:00.000Z';
    expect((await renew({ validUntil: until })).validUntil).toBe(until);
    expect((await renew({ days: 2 })).validUntil).toBe('2090-01-03T00:00:00.000Z');
    await renew({ validUntil: '2001-01-01T00:00:00Z' });
    const before = Date.now();
    const renewed = Date.parse((await renew({ days: 1 })).validUntil!);
    expect(renewed - before).toBeGreaterThanOrEqual(DAY_MS);
    expect(renewed - Date.now()).toBeLessThanOrEqual(DAY_MS);
    for (const body of [{}, { days: 1, validUntil: until }, { days: 0 }, { validUntil: 'soon' }]) {
      expect(await owner('POST', `/v1/accounts/${id}/renew`, body)).toMatchObject({ status: 400 });
    }
  });

  test('suspended and reinstated, and listed so', async (context) => {
    const { owner } = await apiUnderTest(stores, dialect, context);
    const { accounts } = await fleet(owner, 3);
    const { id } = accounts[0]!;
    expect(await good(owner('POST', `/v1/accounts/${id}/suspend`))).toMatchObject({ state: 'suspended' });
    const suspended = await everything<Account>(owner, '/v1/accounts?status=suspended');
    expect(suspended.map((account) => account.id)).toEqual([id]);
    expect(await everything(owner, '/v1/accounts?status=active')).toHaveLength(2);
    expect(await good(owner('POST', `/v1/accounts/${id}/reinstate`))).toMatchObject({ status: 'active' });
  });

  test('a derived password is shown again, made anew, and chosen; none of it rests or is logged', async (context) => {
    const api = await apiUnderTest(stores, dialect, context);
    const { owner, memory } = api;
    const { accounts } = await fleet(owner, 1);
    const { id, username, password } = accounts[0]!;
    expect(await good(owner('POST', `/v1/accounts/${id}/password`))).toEqual({ id, username, password });
    const anew = await good<{ password: string }>(owner('POST', `/v1/accounts/${id}/reset-password`));
    expect(anew.password).toBe(derivedPassword(api.accountKey, id, 2));
    expect(anew.password).not.toBe(password);
    const own = 'Correct horse 9!';
    const chosen = await owner('PUT', `/v1/accounts/${id}/password`, { password: own });
    expect(chosen).toMatchObject({ status: 200, body: { hasChosenPassword: true } });
    const row = await rowOf(api, id);
    expect(row.password_version).toBe(3);
    expect(row.password_hash).toMatch(/^\$argon2id\$/);
    expect(await isPasswordOf(row.password_hash!, own)).toBe(true);
    expect(await owner('POST', `/v1/accounts/${id}/password`)).toMatchObject({
      status: 409,
      body: { code: 'password_chosen' },
    });
    await good(owner('POST', `/v1/accounts/${id}/reset-password`));
    expect((await rowOf(api, id)).password_hash).toBeNull();
    const audit = await api.store.db.selectFrom('audit_entries').selectAll().orderBy('id').execute();
    expect(audit.map(({ action }) => action)).toEqual([
      'createApp',
      'createAccounts',
      'showAccountPassword',
      'resetAccountPassword',
      'chooseAccountPassword',
      'showAccountPassword',
      'resetAccountPassword',
    ]);
    const told = JSON.stringify(audit) + JSON.stringify(memory.lines());
    for (const secret of [password, anew.password, own, row.password_hash!]) {
      expect(told).not.toContain(secret);
    }
  });

  test('a password is shown only to who may see secrets', async (context) => {
    const { owner, key } = await apiUnderTest(stores, dialect, context);
    const id = await oneAccount(owner);
    for (const role of ['viewer', 'support', 'billing'] as const) {
      const ask = await key(role);
      expect(await ask('POST', `/v1/accounts/${id}/password`)).toMatchObject({ status: 403 });
      expect(await ask('GET', '/v1/exports/account-passwords.csv')).toMatchObject({ status: 403 });
    }
  });

  test('taken from the device that holds it', async (context) => {
    const api = await apiUnderTest(stores, dialect, context);
    const id = await oneAccount(api.owner);
    await api.store.db
      .updateTable('accounts')
      .set({ held: 1, holder: 'd:dev_x', held_until: Date.now() + 1e6, held_node: 'nod_x' })
      .execute();
    expect(await good(api.owner('GET', `/v1/accounts/${id}`))).toMatchObject({
      held: true,
      heldByDeviceId: 'dev_x',
    });
    expect(await everything(api.owner, '/v1/accounts?held=true')).toHaveLength(1);
    expect(await good(api.owner('POST', `/v1/accounts/${id}/release`))).toMatchObject({
      held: false,
      heldByDeviceId: null,
      heldUntil: null,
    });
    expect(await rowOf(api, id)).toMatchObject({ held: 0, holder: null, held_until: null, held_node: null });
    expect(api.changes.at(-1)).toEqual({ kind: 'account', id });
  });

  test('is found by every filter, alone and together', async (context) => {
    const { owner } = await apiUnderTest(stores, dialect, context);
    const { id: appId } = await fleet(owner, 0);
    const other = await fleet(owner, 1);
    const spec = await good<{ id: string }>(owner('POST', '/v1/service-specs', { name: 'S' }));
    const make = async (body: object) =>
      (await good<{ data: Account[] }>(owner('POST', `/v1/apps/${appId}/accounts`, body))).data[0]!;
    const old = await make({ usernames: ['old-1'], validUntil: '2001-01-01T00:00:00Z', activate: true });
    const spare = await make({ usernames: ['new-1'], serviceSpecId: spec.id });
    const used = await make({ usernames: ['new-2'], activate: true, validUntil: '2090-01-01T00:00:00Z' });
    await good(
      owner('POST', `/v1/apps/${appId}/devices`, { devices: [{ deviceId: 'd', accountId: used.id }] }),
    );
    const found = async (query: string) =>
      (await everything<Account>(owner, `/v1/accounts?order=oldest&${query}`, 1)).map(({ id }) => id);
    expect(await found('')).toEqual([other.accounts[0]!.id, old.id, spare.id, used.id]);
    expect(await found(`appId=${appId}`)).toEqual([old.id, spare.id, used.id]);
    expect(await found(`appId=${appId}&activated=false`)).toEqual([spare.id]);
    expect(await found('expired=true')).toEqual([old.id]);
    expect(await found(`appId=${appId}&expired=false`)).toEqual([spare.id, used.id]);
    expect(await found('validUntilBefore=2050-01-01T00:00:00Z')).toEqual([old.id]);
    expect(await found('bound=true')).toEqual([used.id]);
    expect(await found(`serviceSpecId=${spec.id}`)).toEqual([spare.id]);
    expect(await found('username=new-2&username=old-1')).toEqual([old.id, used.id]);
    expect(await found('usernamePrefix=new-')).toEqual([spare.id, used.id]);
    expect(await found('usernamePrefix=new-&bound=true&activated=true')).toEqual([used.id]);
    expect(await found('usernamePrefix=nothing')).toEqual([]);
    const foreign = await owner('GET', '/v1/accounts?appId=app_none');
    expect(foreign).toMatchObject({ status: 404, body: { code: 'app_not_found', param: 'appId' } });
  });

  test('a rare one is found among 25,000, by pages that may be short', async (context) => {
    const { owner, store } = await apiUnderTest(stores, dialect, context);
    const { id: appId } = await fleet(owner, 0);
    const all: string[] = [];
    for (const count of [10_000, 10_000, 5_000]) {
      const { data } = await good<{ data: Account[] }>(
        owner('POST', `/v1/apps/${appId}/accounts`, { count }),
      );
      all.push(...data.map(({ id }) => id));
    }
    const rare = [all[3]!, all[12_000]!, all[24_999]!];
    await store.db
      .updateTable('accounts')
      .set({ held: 1, holder: 'n:x', held_until: 1 })
      .where('id', 'in', rare)
      .execute();
    const oldest = await everything<Account>(owner, `/v1/accounts?appId=${appId}&held=true&order=oldest`, 2);
    expect(oldest.map(({ id }) => id)).toEqual(rare);
    const newest = await everything<Account>(owner, `/v1/accounts?appId=${appId}&held=true`, 2);
    expect(newest.map(({ id }) => id)).toEqual(rare.toReversed());
  });

  test('deleted: gone, its device free, and told of', async (context) => {
    const { owner, store, changes } = await apiUnderTest(stores, dialect, context);
    const { id: appId, accounts } = await fleet(owner, 1);
    const { id } = accounts[0]!;
    const { data } = await good<{ data: { id: string }[] }>(
      owner('POST', `/v1/apps/${appId}/devices`, { devices: [{ deviceId: 'd', accountId: id }] }),
    );
    expect(await good(owner('DELETE', `/v1/accounts/${id}`))).toEqual({ id, deleted: true });
    expect(changes.slice(-2)).toEqual([
      { kind: 'device', id: data[0]!.id },
      { kind: 'account', id },
    ]);
    expect(await owner('GET', `/v1/accounts/${id}`)).toMatchObject({ status: 404 });
    expect(await store.db.selectFrom('devices').select('account_id').execute()).toEqual([
      { account_id: null },
    ]);
  });
});

describe('on any database, in new accounts', () => {
  test.each([
    [{}, '/count'],
    [{ count: 0 }, '/count'],
    [{ count: 1, usernames: ['a'] }, '/count'],
    [{ count: 1, prefix: 'a/b' }, '/prefix'],
    [{ count: 1, prefix: 'a:b' }, '/prefix'],
    [{ usernames: ['with space'] }, '/usernames/0'],
    [{ usernames: ['a'], prefix: 'x' }, '/prefix'],
    [{ count: 1, validUntil: 'tomorrow' }, '/validUntil'],
    [{ count: 1, validUntil: '+010000-01-01T00:00:00Z' }, '/validUntil'],
    [{ count: 1, note: 'two\nlines' }, '/note'],
    [{ count: 1, password: 'x' }, '/password'],
    [{ count: '1' }, '/count'],
  ])('%j is refused at %s', async (body, param) => {
    const { owner } = await apiUnderTest(stores, 'sqlite', NEVER_SKIPPED);
    const { id } = await fleet(owner, 0);
    expect(await owner('POST', `/v1/apps/${id}/accounts`, body)).toMatchObject({
      status: 400,
      body: { code: 'invalid_body', errors: [{ param }] },
    });
  });
});
