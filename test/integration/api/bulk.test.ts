// Bulk jobs over HTTP, on both databases: every action, by list, app and filter; what a job says of itself, also when
// its process ends.

import { describe, expect, test } from 'vitest';
import { BulkJobs, type BulkWork } from '../../../caster/accounts/bulk/bulk-jobs.ts';
import { OWNER } from '../../../platform/http/actor.ts';
import { Journal } from '../../../platform/observe/journal.ts';
import { newId } from '../../../platform/store/id.ts';
import { insertAll } from '../../../platform/store/insert-all.ts';
import { DIALECTS, useStores } from '../../support/use-stores.ts';
import { memoryLog } from '../../unit/platform/observe/memory-log.ts';
import { apiUnderTest, everything, fleet, good, NEVER_SKIPPED, type ApiUnderTest } from './api-under-test.ts';

const stores = useStores();

interface Job {
  readonly id: string;
  readonly state: string;
  readonly total: number;
  readonly done: number;
  readonly failed: number;
}

interface Row {
  readonly row: number;
  readonly ok: boolean;
  readonly target: string;
  readonly code: string | null;
  readonly detail: string | null;
}

interface Account {
  readonly id: string;
  readonly username: string;
  readonly status: string;
  readonly validUntil: string | null;
  readonly activatedAt: string | null;
  readonly serviceSpecId: string | null;
}

/** Asks for a job and waits until it is over. */
async function run({ owner, jobs }: ApiUnderTest, body: object, ask = owner): Promise<Job> {
  const job = await ask('POST', '/v1/bulk', body);
  if (job.status !== 202) throw new Error(job.text);
  await jobs.idle();
  return await good<Job>(ask('GET', `/v1/jobs/${(job.body as Job).id}`));
}

describe.each(DIALECTS)('on %s', (dialect) => {
  test('every account of an app is suspended, reinstated, activated, renewed, released', async (context) => {
    const api = await apiUnderTest(stores, dialect, context);
    const { owner, changes } = api;
    const { id: appId, accounts } = await fleet(owner, 700);
    await fleet(owner, 3);
    const list = () => everything<Account>(owner, `/v1/accounts?appId=${appId}&order=oldest`, 100);
    const selection = { appId };
    changes.length = 0;
    const job = await run(api, { action: 'suspend', selection });
    expect(job).toMatchObject({ kind: 'suspend', state: 'done', total: 700, done: 700, failed: 0 });
    expect((await list()).every(({ status }) => status === 'suspended')).toBe(true);
    expect(changes.map(({ id }) => id)).toEqual(accounts.map(({ id }) => id));
    const rows = await everything<Row>(owner, `/v1/jobs/${job.id}/rows`, 100);
    expect(rows.map(({ row, ok, target }) => [row, ok, target])).toEqual(
      accounts.map(({ id }, row) => [row, true, id]),
    );
    await run(api, { action: 'reinstate', selection });
    await run(api, { action: 'activate', selection });
    await run(api, { action: 'renew', selection, validUntil: '2080-01-01T00:00:00Z' });
    await run(api, { action: 'renew', selection, days: 31 });
    await run(api, { action: 'release', selection });
    const after = await list();
    expect(after).toHaveLength(700);
    for (const { status, activatedAt, validUntil } of after) {
      expect([status, activatedAt === null, validUntil]).toEqual([
        'active',
        false,
        '2080-02-01T00:00:00.000Z',
      ]);
    }
    expect(await everything(owner, '/v1/accounts?activated=false')).toHaveLength(3);
  });

  test('by filter: only those that fit when it begins', async (context) => {
    const api = await apiUnderTest(stores, dialect, context);
    const { owner } = api;
    const { id: appId } = await fleet(owner, 0);
    const make = (body: object) => good(owner('POST', `/v1/apps/${appId}/accounts`, body));
    await make({ count: 60, validUntil: '2001-01-01T00:00:00Z', prefix: 'old-' });
    await make({ count: 60, prefix: 'new-' });
    const filter = { appId, expired: true };
    expect(await run(api, { action: 'renew', selection: { filter }, days: 10 })).toMatchObject({
      total: 60,
      done: 60,
    });
    expect(await everything(owner, '/v1/accounts?expired=true')).toEqual([]);
    const byName = { filter: { usernamePrefix: 'new-' } };
    expect(await run(api, { action: 'suspend', selection: byName })).toMatchObject({ total: 60, done: 60 });
    const suspended = await everything<Account>(owner, '/v1/accounts?status=suspended', 100);
    expect(suspended.every(({ username }) => username.startsWith('new-'))).toBe(true);
  });

  test('by list: each unknown id is told of, each repeated one done once', async (context) => {
    const api = await apiUnderTest(stores, dialect, context);
    const { accounts } = await fleet(api.owner, 2);
    const [a, b] = accounts.map(({ id }) => id);
    const job = await run(api, { action: 'suspend', selection: { ids: [a, 'acc_none', b, a] } });
    expect(job).toMatchObject({ state: 'done', total: 3, done: 2, failed: 1 });
    const failed = await everything<Row>(api.owner, `/v1/jobs/${job.id}/rows?ok=false`);
    expect(failed).toEqual([
      { row: 1, ok: false, target: 'acc_none', code: 'account_not_found', detail: null },
    ]);
    const again = await run(api, { action: 'suspend', selection: { ids: [a] } });
    expect(await everything<Row>(api.owner, `/v1/jobs/${again.id}/rows`)).toMatchObject([
      { ok: true, detail: 'unchanged' },
    ]);
  });

  test('a spec is set and taken away, only where it belongs', async (context) => {
    const api = await apiUnderTest(stores, dialect, context);
    const { owner, customer } = api;
    const { id: customerId, ask } = await customer();
    const own = await fleet(owner, 2);
    const theirs = await fleet(ask, 2);
    const spec = await good<{ id: string }>(ask('POST', '/v1/service-specs', { name: 'S' }));
    const set = { action: 'setServiceSpec', serviceSpecId: spec.id };
    const ids = [...own.accounts, ...theirs.accounts].map(({ id }) => id);
    const job = await run(api, { ...set, selection: { ids } });
    expect(job).toMatchObject({ done: 2, failed: 2 });
    const rows = await everything<Row>(owner, `/v1/jobs/${job.id}/rows`);
    expect(rows.map(({ code }) => code)).toEqual([
      'service_spec_not_found',
      'service_spec_not_found',
      null,
      null,
    ]);
    const withIt = await everything<Account>(owner, `/v1/accounts?serviceSpecId=${spec.id}`);
    expect(withIt.map(({ id }) => id).toSorted()).toEqual(theirs.accounts.map(({ id }) => id).toSorted());
    await run(api, { ...set, serviceSpecId: null, selection: { filter: { customerId } } });
    expect(await everything(owner, `/v1/accounts?serviceSpecId=${spec.id}`)).toEqual([]);
    const foreign = await ask('POST', '/v1/bulk', { ...set, serviceSpecId: 'spec_none', selection: { ids } });
    expect(foreign).toMatchObject({ status: 404, body: { code: 'service_spec_not_found' } });
  });

  test('accounts are made, and their passwords exported', async (context) => {
    const api = await apiUnderTest(stores, dialect, context);
    const { owner } = api;
    const { id: appId } = await fleet(owner, 0);
    const job = await run(api, {
      action: 'createAccounts',
      appId,
      count: 1200,
      prefix: 'b-',
      activate: true,
    });
    expect(job).toMatchObject({ state: 'done', total: 1200, done: 1200 });
    const csv = (await owner('GET', `/v1/exports/account-passwords.csv?appId=${appId}`)).text;
    const [header, ...lines] = csv.trimEnd().split('\r\n');
    expect(header).toBe('id,username,password');
    expect(lines).toHaveLength(1200);
    const [id, username, password] = lines[7]!.split(',');
    expect(await good(owner('POST', `/v1/accounts/${id}/password`))).toEqual({ id, username, password });
    const rows = (await owner('GET', `/v1/jobs/${job.id}/rows.csv`)).text.trimEnd().split('\r\n');
    expect(rows[0]).toBe('row,ok,target,code,detail');
    expect(rows[8]).toBe(`7,true,${id},,${username}`);
    const audit = await good<{ data: { action: string }[] }>(owner('GET', '/v1/audit'));
    expect(audit.data.map(({ action }) => action)).toContain('exportAccountPasswords');
  });

  test('of 25,000 rows the few that failed are found by short pages', async (context) => {
    const { owner, store } = await apiUnderTest(stores, dialect, context);
    const jobs = new BulkJobs({ store, journal: new Journal(memoryLog().log), nodeId: newId('nod') });
    const job = await store.write((tx) =>
      jobs.add(tx, { kind: 'suspend', total: 25_000, request: {}, actor: OWNER }),
    );
    const rare = [3, 9_999, 10_000, 24_999];
    const rows = Array.from({ length: 25_000 }, (_, row) => ({
      job_id: job.id,
      row,
      ok: rare.includes(row) ? (0 as const) : (1 as const),
      target: null,
      code: null,
      detail: null,
    }));
    await insertAll(store, store.db, 'job_rows', rows);
    await store.db.updateTable('jobs').set({ state: 'done', done: 24_996, failed: 4 }).execute();
    const failed = await everything<Row>(owner, `/v1/jobs/${job.id}/rows?ok=false`, 1);
    expect(failed.map(({ row }) => row)).toEqual(rare);
    expect(await everything(owner, `/v1/jobs/${job.id}/rows`, 100)).toHaveLength(25_000);
    expect(await owner('GET', `/v1/jobs/${job.id}/rows?cursor=x`)).toMatchObject({
      body: { code: 'invalid_cursor' },
    });
  });

  test('a customer sees his own jobs, and works on his own accounts only', async (context) => {
    const api = await apiUnderTest(stores, dialect, context);
    const { owner, customer } = api;
    const [anna, bert] = [await customer(), await customer()];
    const own = await fleet(anna.ask, 2);
    const other = await fleet(bert.ask, 2);
    const ids = [...own.accounts, ...other.accounts].map(({ id }) => id);
    const job = await run(api, { action: 'suspend', selection: { ids } }, anna.ask);
    expect(job).toMatchObject({ done: 2, failed: 2 });
    await run(api, { action: 'suspend', selection: { filter: { status: 'active' } } }, anna.ask);
    expect(await everything(owner, '/v1/accounts?status=suspended')).toHaveLength(2);
    const byApp = await anna.ask('POST', '/v1/bulk', { action: 'suspend', selection: { appId: other.id } });
    expect(byApp).toMatchObject({ status: 404, body: { code: 'app_not_found' } });
    for (const path of [`/v1/jobs/${job.id}`, `/v1/jobs/${job.id}/rows`, `/v1/jobs/${job.id}/rows.csv`]) {
      expect(await bert.ask('GET', path)).toMatchObject({ status: 404, body: { code: 'job_not_found' } });
    }
    expect(await everything(bert.ask, '/v1/jobs')).toEqual([]);
    expect(await everything(owner, '/v1/jobs')).toHaveLength(2);
  });

  test('the same Idempotency-Key begins one job', async (context) => {
    const { owner, jobs } = await apiUnderTest(stores, dialect, context);
    const { id: appId } = await fleet(owner, 0);
    const body = { action: 'createAccounts', appId, count: 10 };
    const ask = () => owner('POST', '/v1/bulk', body, { 'idempotency-key': 'once' });
    const first = await ask();
    const second = await ask();
    await jobs.idle();
    expect(second.body).toEqual(first.body);
    expect(await everything(owner, '/v1/accounts')).toHaveLength(10);
  });

  test('a job whose process died is told as failed, with the rows that were done', async (context) => {
    const { owner, store } = await apiUnderTest(stores, dialect, context);
    const journal = new Journal(memoryLog().log);
    // A process that gets no further than its second piece.
    const dying = new BulkJobs({ store, journal, nodeId: newId('nod') });
    const { promise: stuck, resolve: die } = Promise.withResolvers<never[]>();
    const { promise: began, resolve: begin } = Promise.withResolvers<undefined>();
    let pieces = 0;
    const work: BulkWork<string> = {
      take: () => {
        pieces += 1;
        if (pieces === 1) return Promise.resolve(['a', 'b']);
        begin(undefined);
        return stuck;
      },
      act: (_tx, entries) => Promise.resolve(entries.map((target) => ({ ok: true, target }))),
      tell: () => undefined,
    };
    const job = await store.write((tx) =>
      dying.add(tx, { kind: 'suspend', total: 5, request: { action: 'suspend' }, actor: OWNER }),
    );
    dying.run(job, work, dying.askForPlace(OWNER)!);
    await began;
    expect(await good(owner('GET', `/v1/jobs/${job.id}`))).toMatchObject({ state: 'running', done: 2 });
    const next = new BulkJobs({ store, journal, nodeId: newId('nod') });
    await next.start();
    expect(await good(owner('GET', `/v1/jobs/${job.id}`))).toMatchObject({
      state: 'failed',
      total: 5,
      done: 2,
      failed: 0,
      finishedAt: expect.any(String) as string,
    });
    expect(await everything(owner, `/v1/jobs/${job.id}/rows`)).toMatchObject([
      { target: 'a' },
      { target: 'b' },
    ]);
    await next.stop();
    die([]);
    await dying.stop();
    // What the other has said of it stays.
    expect(await good(owner('GET', `/v1/jobs/${job.id}`))).toMatchObject({ state: 'failed' });
  });

  test('a job of a node that is alive is left alone', async (context) => {
    const { owner, store } = await apiUnderTest(stores, dialect, context);
    const journal = new Journal(memoryLog().log);
    const node = newId('nod');
    const nowMs = Date.now();
    await store.db
      .insertInto('nodes')
      .values({ id: node, name: 'n', started_at: nowMs, seen_at: nowMs })
      .execute();
    const other = new BulkJobs({ store, journal, nodeId: node });
    const job = await store.write((tx) =>
      other.add(tx, { kind: 'suspend', total: 5, request: {}, actor: OWNER }),
    );
    const here = new BulkJobs({ store, journal, nodeId: newId('nod') });
    await here.start();
    expect(await good(owner('GET', `/v1/jobs/${job.id}`))).toMatchObject({ state: 'running' });
    await here.stop();
  });

  test('a stop ends a job between two pieces, and says so', async (context) => {
    const { owner, jobs } = await apiUnderTest(stores, dialect, context);
    const { id: appId } = await fleet(owner, 0);
    const begun = await good<Job>(
      owner('POST', '/v1/bulk', { action: 'createAccounts', appId, count: 200_000 }),
    );
    await jobs.stop();
    const job = await good<Job>(owner('GET', `/v1/jobs/${begun.id}`));
    expect(job.state).toBe('failed');
    expect(job.done).toBeLessThan(200_000);
    const made = await everything(owner, `/v1/apps/${appId}/accounts`, 100);
    expect(made).toHaveLength(job.done);
    const more = await owner('POST', '/v1/bulk', { action: 'createAccounts', appId, count: 1 });
    expect(more).toMatchObject({ status: 429, body: { code: 'too_many_jobs' } });
  });

  test('of ten jobs that a customer asks for at once two begin, and eight may be asked for again', async (context) => {
    const { customer, jobs } = await apiUnderTest(stores, dialect, context);
    const { ask } = await customer('owner');
    const { id: appId } = await good(ask('POST', '/v1/apps', { name: 'a' }));
    const create = (n: number) =>
      ask(
        'POST',
        '/v1/bulk',
        { action: 'createAccounts', appId, count: 2000 },
        { 'idempotency-key': `j${n}` },
      );
    const begun = await Promise.all(Array.from({ length: 10 }, (_, n) => create(n)));
    expect(begun.map(({ status }) => status).toSorted()).toEqual([202, 202, ...Array<number>(8).fill(429)]);
    await jobs.idle();
    const refused = begun.findIndex(({ status }) => status === 429);
    expect(await create(refused)).toMatchObject({ status: 202 });
    await jobs.idle();
  });

  test('the jobs of one customer leave room for those of others', async (context) => {
    const { store } = await apiUnderTest(stores, dialect, context);
    const jobs = new BulkJobs({ store, journal: new Journal(memoryLog().log), nodeId: newId('nod') });
    const gate = Promise.withResolvers<readonly never[]>();
    const begin = async (customerId: string | null): Promise<boolean> => {
      const actor = { id: 'key', customerId };
      const place = jobs.askForPlace(actor);
      if (place === undefined) return false;
      const job = await store.write((tx) => jobs.add(tx, { kind: 'suspend', total: 1, request: {}, actor }));
      const work = { take: () => gate.promise, act: () => Promise.resolve([]), tell: () => undefined };
      jobs.run(job, work, place);
      return true;
    };
    const begun: boolean[] = [];
    for (const customer of ['cus_a', 'cus_a', 'cus_a', 'cus_b', null, null])
      begun.push(await begin(customer));
    expect(begun).toEqual([true, true, false, true, true, false]);
    gate.resolve([]);
    await jobs.stop();
  });

  test('old jobs are forgotten with their rows, running ones never', async (context) => {
    const api = await apiUnderTest(stores, dialect, context);
    const { accounts } = await fleet(api.owner, 3);
    const job = await run(api, { action: 'suspend', selection: { ids: accounts.map(({ id }) => id) } });
    const again = new BulkJobs({
      store: api.store,
      journal: new Journal(memoryLog().log),
      nodeId: newId('nod'),
    });
    await again.start();
    expect(await api.owner('GET', `/v1/jobs/${job.id}`)).toMatchObject({ status: 200 });
    await api.store.db.updateTable('jobs').set({ created_at: 1 }).execute();
    await again.stop();
    await again.start();
    await again.stop();
    expect(await api.owner('GET', `/v1/jobs/${job.id}`)).toMatchObject({ status: 404 });
    expect(await api.store.db.selectFrom('job_rows').select('row').execute()).toEqual([]);
  });
});

describe('on any database', () => {
  test.each([
    [{}, '/action'],
    [{ action: 'explode' }, '/action'],
    [{ action: 'suspend' }, '/selection'],
    [{ action: 'suspend', selection: {} }, '/selection'],
    [{ action: 'suspend', selection: { appId: 'a', ids: ['b'] } }, '/selection'],
    [{ action: 'suspend', selection: { filter: {} } }, '/selection/filter'],
    [{ action: 'suspend', selection: { filter: { colour: 'red' } } }, '/selection/filter/colour'],
    [{ action: 'suspend', selection: { ids: [] } }, '/selection/ids'],
    [{ action: 'suspend', selection: { ids: ['a'] }, days: 5 }, '/days'],
    [{ action: 'renew', selection: { ids: ['a'] } }, '/validUntil'],
    [{ action: 'setServiceSpec', selection: { ids: ['a'] } }, '/serviceSpecId'],
    [{ action: 'createAccounts', appId: 'a', count: 0 }, '/count'],
    [
      { action: 'bindDevices', appId: 'a', devices: [{ deviceId: 'x' }, { deviceId: 'x' }] },
      '/devices/1/deviceId',
    ],
  ])('%j is refused at %s', async (body, param) => {
    const { owner } = await apiUnderTest(stores, 'sqlite', NEVER_SKIPPED);
    const answer = await owner('POST', '/v1/bulk', body);
    expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_body', param } });
  });
});
