// Devices and their bindings over HTTP, on both databases.

import { describe, expect, test } from 'vitest';
import { DIALECTS, useStores } from '../../support/use-stores.ts';
import { apiUnderTest, everything, fleet, good, NEVER_SKIPPED, type ApiUnderTest } from './api-under-test.ts';

const stores = useStores();

interface Device {
  readonly id: string;
  readonly deviceId: string;
  readonly accountId: string | null;
  readonly bound: boolean;
}

/** Which account each device has, and which device each account, as the store has it: both must agree. */
async function bindings({ store }: ApiUnderTest): Promise<[device: string, account: string][]> {
  const devices = await store.db
    .selectFrom('devices')
    .selectAll()
    .where('account_id', 'is not', null)
    .execute();
  const accounts = await store.db
    .selectFrom('accounts')
    .selectAll()
    .where('bound_device_id', 'is not', null)
    .execute();
  const byDevice = devices.map(({ id, account_id }) => [id, account_id!] as [string, string]).toSorted();
  const byAccount = accounts.map(({ id, bound_device_id }) => [bound_device_id!, id]).toSorted();
  expect(byAccount).toEqual(byDevice);
  return byDevice;
}

describe.each(DIALECTS)('on %s', (dialect) => {
  test('are bound to an app, to accounts of it, and again without change', async (context) => {
    const api = await apiUnderTest(stores, dialect, context);
    const { id, accounts } = await fleet(api.owner, 2);
    const devices = [{ deviceId: 'tractor-1', accountId: accounts[0]!.id }, { deviceId: 'tractor-2' }];
    const bind = () => good<{ data: Device[] }>(api.owner('POST', `/v1/apps/${id}/devices`, { devices }));
    const { data } = await bind();
    expect(data.map(({ deviceId, accountId }) => [deviceId, accountId])).toEqual([
      ['tractor-1', accounts[0]!.id],
      ['tractor-2', null],
    ]);
    expect(api.changes).toEqual([
      { kind: 'device', id: data[0]!.id },
      { kind: 'account', id: accounts[0]!.id },
      { kind: 'device', id: data[1]!.id },
    ]);
    expect((await bind()).data).toEqual(data);
    expect(await bindings(api)).toEqual([[data[0]!.id, accounts[0]!.id]]);
    expect(await everything<Device>(api.owner, `/v1/apps/${id}/devices`)).toMatchObject([
      { deviceId: 'tractor-2', bound: true, status: 'active' },
      { deviceId: 'tractor-1', bound: true },
    ]);
  });

  test('a device that was only seen becomes a bound one, and keeps what it had last', async (context) => {
    const { owner, store } = await apiUnderTest(stores, dialect, context);
    const { id: appId, accounts } = await fleet(owner, 1);
    const row = {
      id: 'dev_seen',
      app_id: appId,
      customer_id: null,
      device_id: 'seen',
      status: 'active' as const,
      bound: 0 as const,
      account_id: null,
      last_account_id: accounts[0]!.id,
      last_seen_at: 5,
      created_at: 1,
    };
    await store.db.insertInto('devices').values(row).execute();
    const body = { devices: [{ deviceId: 'seen' }] };
    const { data } = await good<{ data: Device[] }>(owner('POST', `/v1/apps/${appId}/devices`, body));
    expect(data).toEqual([{ id: 'dev_seen', deviceId: 'seen', accountId: null }]);
    expect(await store.db.selectFrom('devices').selectAll().execute()).toEqual([{ ...row, bound: 1 }]);
  });

  test('all of a list or none: each wrong row is named', async (context) => {
    const api = await apiUnderTest(stores, dialect, context);
    const { owner } = api;
    const { id: appId, accounts } = await fleet(owner, 3);
    const other = await fleet(owner, 1);
    const bind = (devices: object[]) => owner('POST', `/v1/apps/${appId}/devices`, { devices });
    await good(bind([{ deviceId: 'first', accountId: accounts[0]!.id }]));
    const many = Array.from({ length: 300 }, (_, n) => ({ deviceId: `many-${n}` }));
    for (const [accountId, code] of [
      [accounts[0]!.id, 'account_bound'],
      [other.accounts[0]!.id, 'account_of_other_app'],
      ['acc_none', 'account_not_found'],
    ]) {
      const answer = await bind([...many, { deviceId: 'wrong', accountId }]);
      expect(answer).toMatchObject({
        status: code === 'account_not_found' ? 404 : 409,
        body: { code, errors: [{ param: '/devices/300/accountId' }] },
      });
    }
    expect(await everything(owner, '/v1/devices')).toHaveLength(1);
    expect(await bindings(api)).toHaveLength(1);
  });

  test('an account goes over to another device of the list where the first gives it up', async (context) => {
    const api = await apiUnderTest(stores, dialect, context);
    const { id: appId, accounts } = await fleet(api.owner, 2);
    const bind = (devices: object[]) =>
      good<{ data: Device[] }>(api.owner('POST', `/v1/apps/${appId}/devices`, { devices }));
    const [a, b] = accounts.map(({ id }) => id);
    const { data } = await bind([{ deviceId: 'd', accountId: a }]);
    await bind([{ deviceId: 'd', accountId: b }]);
    expect(await bindings(api)).toEqual([[data[0]!.id, b]]);
    await bind([{ deviceId: 'd' }]);
    expect(await bindings(api)).toEqual([[data[0]!.id, b]]);
    await bind([{ deviceId: 'd', accountId: null }]);
    expect(await bindings(api)).toEqual([]);
  });

  test('10,000 come in as CSV, a file of a spreadsheet with semicolons, quotes and a BOM too', async (context) => {
    const api = await apiUnderTest(stores, dialect, context);
    const { owner } = api;
    const { id: appId, accounts } = await fleet(owner, 10_000);
    const lines = accounts.map(({ id }, n) => `unit-${n},${id}`);
    const answer = await owner(
      'POST',
      `/v1/apps/${appId}/devices`,
      `deviceId,accountId\r\n${lines.join('\r\n')}\r\n`,
    );
    expect(answer.status).toBe(200);
    expect((answer.body as { data: Device[] }).data).toHaveLength(10_000);
    expect(await bindings(api)).toHaveLength(10_000);
    const second = await fleet(owner, 0);
    const file = '\u{feff}"deviceId";"accountId"\n"a-1";\n"b-2";""\n';
    expect(await good(owner('POST', `/v1/apps/${second.id}/devices`, file))).toMatchObject({
      data: [
        { deviceId: 'a-1', accountId: null },
        { deviceId: 'b-2', accountId: null },
      ],
    });
  });

  test('as a job every row stands on its own', async (context) => {
    const { owner, jobs } = await apiUnderTest(stores, dialect, context);
    const { id: appId, accounts } = await fleet(owner, 1, { quota: { devicesMax: 3 } });
    const devices = [
      { deviceId: 'a', accountId: accounts[0]!.id },
      { deviceId: 'b', accountId: 'acc_none' },
      { deviceId: 'c' },
      { deviceId: 'd' },
      { deviceId: 'e' },
    ];
    const job = await owner('POST', `/v1/apps/${appId}/devices?job=true`, { devices });
    expect(job).toMatchObject({ status: 202, body: { kind: 'bindDevices', total: 5, state: 'running' } });
    const { id } = job.body as { id: string };
    await jobs.idle();
    expect(await good(owner('GET', `/v1/jobs/${id}`))).toMatchObject({ state: 'done', done: 3, failed: 2 });
    expect(await everything(owner, `/v1/jobs/${id}/rows`, 2)).toMatchObject([
      { row: 0, ok: true, detail: 'a' },
      { row: 1, ok: false, target: 'b', code: 'account_not_found' },
      { row: 2, ok: true },
      { row: 3, ok: true },
      { row: 4, ok: false, target: 'e', code: 'devices_full' },
    ]);
    const tooMany = await owner('POST', `/v1/apps/${appId}/devices`, { devices: [{ deviceId: 'z' }] });
    expect(tooMany).toMatchObject({
      status: 403,
      body: { code: 'devices_full', param: '/devices/0/deviceId' },
    });
  });

  test('of twenty calls at once as many bind a device as the quota has room for', async (context) => {
    const { owner, store } = await apiUnderTest(stores, dialect, context);
    const { id: appId } = await fleet(owner, 0, { quota: { devicesMax: 7 } });
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, call) =>
        owner('POST', `/v1/apps/${appId}/devices`, { devices: [{ deviceId: `call-${call}` }] }),
      ),
    );
    const refused = answers.filter(({ status }) => status !== 200).map(({ body }) => body as object);
    expect(refused).toMatchObject(Array.from({ length: 13 }, () => ({ code: 'devices_full' })));
    expect(await store.db.selectFrom('devices').select('id').execute()).toHaveLength(7);
  });

  test('of long lists that come at once each is bound or none of it, and no more than the quota', async (context) => {
    const { owner, store } = await apiUnderTest(stores, dialect, context);
    // Longer than the first piece of the work: some are refused when a part of them is bound.
    const [most, each] = [500, 70];
    const { id: appId } = await fleet(owner, 0, { quota: { devicesMax: most } });
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, call) =>
        owner('POST', `/v1/apps/${appId}/devices`, {
          devices: Array.from({ length: each }, (_, n) => ({ deviceId: `call-${call}-${n}` })),
        }),
      ),
    );
    const bound = answers.filter(({ status }) => status === 200).length;
    expect(bound * each).toBeLessThanOrEqual(most);
    expect(await store.db.selectFrom('devices').select('id').execute()).toHaveLength(bound * each);
  });

  test('twenty calls at once for the same device make one of it', async (context) => {
    const { owner, store } = await apiUnderTest(stores, dialect, context);
    const { id: appId } = await fleet(owner, 0, { quota: { devicesMax: 1 } });
    const answers = await Promise.all(
      Array.from({ length: 20 }, () =>
        owner('POST', `/v1/apps/${appId}/devices`, { devices: [{ deviceId: 'tractor-1' }] }),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    expect(await store.db.selectFrom('devices').select('device_id').execute()).toHaveLength(1);
  });

  test('blocked, unblocked, unbound, given an account, forgotten: each told of and audited', async (context) => {
    const api = await apiUnderTest(stores, dialect, context);
    const { owner, changes } = api;
    const { id: appId, accounts } = await fleet(owner, 1);
    const accountId = accounts[0]!.id;
    const { data } = await good<{ data: Device[] }>(
      owner('POST', `/v1/apps/${appId}/devices`, { devices: [{ deviceId: 'd' }] }),
    );
    const { id } = data[0]!;
    changes.length = 0;
    const post = (verb: string) => good(owner('POST', `/v1/devices/${id}/${verb}`));
    expect(await post('block')).toMatchObject({ status: 'blocked' });
    expect(await everything(owner, '/v1/devices?status=blocked')).toHaveLength(1);
    expect(await post('unblock')).toMatchObject({ status: 'active' });
    const given = await good(owner('PATCH', `/v1/devices/${id}`, { accountId }));
    expect(given).toMatchObject({ accountId, bound: true });
    expect(await bindings(api)).toEqual([[id, accountId]]);
    expect(await everything(owner, `/v1/devices?accountId=${accountId}`)).toHaveLength(1);
    expect(await post('unbind')).toMatchObject({ accountId: null, bound: false });
    expect(await bindings(api)).toEqual([]);
    expect(await owner('PATCH', `/v1/devices/${id}`, { bound: false, accountId })).toMatchObject({
      status: 400,
    });
    await good(owner('PATCH', `/v1/devices/${id}`, { bound: true, accountId }));
    expect(await good(owner('DELETE', `/v1/devices/${id}`))).toEqual({ id, deleted: true });
    expect(await bindings(api)).toEqual([]);
    expect(changes).toEqual([
      { kind: 'device', id },
      { kind: 'device', id },
      ...Array.from({ length: 4 }, () => [
        { kind: 'device', id },
        { kind: 'account', id: accountId },
      ]).flat(),
    ]);
    const audit = await good<{ data: { action: string; before: unknown; after: unknown }[] }>(
      owner('GET', `/v1/audit?targetId=${id}&order=oldest`),
    );
    expect(
      audit.data
        .filter(({ after }) => !JSON.stringify(after ?? null).includes('refused'))
        .map(({ action }) => action),
    ).toEqual([
      'blockDevice',
      'unblockDevice',
      'updateDevice',
      'unbindDevice',
      'updateDevice',
      'deleteDevice',
    ]);
    expect(audit.data[0]).toMatchObject({ before: { status: 'active' }, after: { status: 'blocked' } });
  });

  test('are found by the name that they give themselves, within an app or beyond', async (context) => {
    const { owner } = await apiUnderTest(stores, dialect, context);
    const [first, second] = [await fleet(owner, 0), await fleet(owner, 0)];
    for (const { id } of [first, second]) {
      const devices = [{ deviceId: 'same' }, { deviceId: `own-of-${id}` }];
      await good(owner('POST', `/v1/apps/${id}/devices`, { devices }));
    }
    const found = async (query: string) =>
      (await everything<Device>(owner, `/v1/devices?${query}`, 1)).length;
    expect(await found('deviceId=same')).toBe(2);
    expect(await found(`deviceId=same&appId=${first.id}`)).toBe(1);
    expect(await found(`deviceId=same&deviceId=own-of-${second.id}&appId=${second.id}`)).toBe(2);
    expect(await found('deviceId=none')).toBe(0);
    expect(await found('bound=false')).toBe(0);
  });
});

describe('on any database', () => {
  test.each([
    [{}, '/devices'],
    [{ devices: [] }, '/devices'],
    [{ devices: [{ deviceId: 'a b' }] }, '/devices/0/deviceId'],
    [{ devices: [{ deviceId: 'a', account: 'x' }] }, '/devices/0/account'],
    [{ devices: [{ deviceId: 'a' }, { deviceId: 'a' }] }, '/devices/1/deviceId'],
    [
      {
        devices: [
          { deviceId: 'a', accountId: 'acc_1' },
          { deviceId: 'b', accountId: 'acc_1' },
        ],
      },
      '/devices/1/accountId',
    ],
    ['deviceId,account\r\na,b', '/devices/0/account'],
    ['deviceId\r\na,b', '/devices/0/column 2'],
    ['deviceId\r\n"a', '/devices'],
    ['', '/devices'],
    ['deviceId\r\na\r\n=cmd()\r\n', '/devices/1/deviceId'],
  ])('%j is refused at %s', async (body, param) => {
    const { owner } = await apiUnderTest(stores, 'sqlite', NEVER_SKIPPED);
    const { id } = await fleet(owner, 0);
    const answer = await owner('POST', `/v1/apps/${id}/devices`, body);
    expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_body', param } });
  });

  test('an id of another app’s device is not taken', async () => {
    const { owner } = await apiUnderTest(stores, 'sqlite', NEVER_SKIPPED);
    expect(await owner('GET', '/v1/devices/dev_none')).toMatchObject({
      status: 404,
      body: { code: 'device_not_found' },
    });
    expect(await owner('POST', '/v1/apps/app_none/devices', { devices: [{ deviceId: 'a' }] })).toMatchObject({
      status: 404,
      body: { code: 'app_not_found' },
    });
  });
});
