// Sessions, closed sessions, refusals and exports over HTTP, on both databases.

import { describe, expect, test } from 'vitest';
import { type OpenSession } from '../../../caster/accounts/open-sessions.ts';
import { newSessionId } from '../../../caster/accounts/session-registry.ts';
import { newId } from '../../../platform/store/id.ts';
import { type ClosedSessionsTable, type RefusalsTable } from '../../../platform/store/tables.ts';
import { DIALECTS, useStores } from '../../support/use-stores.ts';
import { apiUnderTest, everything, fleet, good, NEVER_SKIPPED } from './api-under-test.ts';

const stores = useStores();

function session(more: Partial<OpenSession> = {}): OpenSession {
  return {
    id: newSessionId(),
    role: 'rover',
    mountpoint: 'HILL',
    account: 'anna',
    address: '203.0.113.7',
    userAgent: 'NTRIP Test/1.0',
    version: 2,
    secure: false,
    startedAtMs: Date.UTC(2026, 1, 1),
    ...more,
  };
}

function closedSession(more: Partial<ClosedSessionsTable> = {}): ClosedSessionsTable {
  return {
    id: newSessionId(),
    customer_id: null,
    app_id: null,
    account_id: null,
    account: 'anna',
    device: null,
    role: 'rover',
    mountpoint: 'HILL',
    address: '203.0.113.7',
    user_agent: 'NTRIP Test/1.0',
    ntrip_version: 2,
    secure: 1,
    node: 'nod_1',
    started_at: 1000,
    ended_at: 2000,
    duration_ms: 1000,
    reason: 'peer_closed',
    bytes: 5,
    epochs: 4,
    frames: 3,
    epochs_dropped: 2,
    frames_dropped: 1,
    unacknowledged_bytes: 0,
    ...more,
  };
}

function refusal(more: Partial<RefusalsTable> = {}): RefusalsTable {
  return {
    id: newId('ref'),
    customer_id: null,
    app_id: null,
    account_id: null,
    username: 'anna',
    device: null,
    address: '203.0.113.7',
    mountpoint: 'HILL',
    role: 'rover',
    step: 'credentials',
    reason: 'credentials_wrong',
    detail: null,
    count: 3,
    first_at: 1000,
    last_at: 2000,
    ...more,
  };
}

describe('running sessions', () => {
  test('are listed oldest first, found by every filter, shown, and closed with a reason', async () => {
    const { owner, open, closed } = await apiUnderTest(stores, 'sqlite', NEVER_SKIPPED);
    const rover = session({ accountId: 'acc_1', appId: 'app_1', device: 'tractor', customerId: null });
    const base = session({ role: 'base', account: undefined, mountpoint: 'LAKE', startedAtMs: 1 });
    open.push(rover, base);
    const found = async (query: string) =>
      (await everything<{ id: string }>(owner, `/v1/sessions?${query}`, 1)).map(({ id }) => id);
    expect(await found('')).toEqual([base.id, rover.id]);
    for (const query of [
      'account=anna',
      'accountId=acc_1',
      'appId=app_1',
      'device=tractor',
      'mountpoint=HILL',
      'role=rover',
    ]) {
      expect(await found(query)).toEqual([rover.id]);
    }
    expect(await found('mountpoint=HILL&mountpoint=LAKE&address=203.0.113.7')).toHaveLength(2);
    expect(await found('account=nobody')).toEqual([]);
    expect(await good(owner('GET', `/v1/sessions/${rover.id}`))).toEqual({
      id: rover.id,
      customerId: null,
      role: 'rover',
      mountpoint: 'HILL',
      account: 'anna',
      accountId: 'acc_1',
      appId: 'app_1',
      device: 'tractor',
      address: '203.0.113.7',
      userAgent: 'NTRIP Test/1.0',
      ntripVersion: 2,
      tls: false,
      startedAt: '2026-02-01T00:00:00.000Z',
      // Its worker is too busy to tell.
      ...{ servedMountpoint: null, bytes: null, epochs: null, frames: null },
      ...{ epochsDropped: null, unacknowledgedBytes: null, fix: null, health: null },
    });
    const ended = await owner('POST', `/v1/sessions/${rover.id}/close`, { reason: 'moved to another field' });
    expect(ended).toMatchObject({ status: 202, body: { status: 'closing' } });
    expect(await owner('POST', `/v1/sessions/${base.id}/close`)).toMatchObject({ status: 202 });
    expect(closed).toEqual([rover.id, base.id]);
    const audit = await good<{ data: object[] }>(owner('GET', `/v1/audit?targetId=${rover.id}`));
    expect(audit.data).toMatchObject([
      { action: 'closeSession', before: { account: 'anna' }, after: { reason: 'moved to another field' } },
    ]);
    for (const answer of [
      await owner('GET', '/v1/sessions/ses_none'),
      await owner('POST', '/v1/sessions/ses_none/close'),
    ]) {
      expect(answer).toMatchObject({ status: 404, body: { code: 'session_not_found' } });
    }
    expect(await owner('POST', `/v1/sessions/${base.id}/close`, { why: 'x' })).toMatchObject({
      status: 400,
      body: { param: '/why' },
    });
  });

  test('a customer sees and ends those of his accounts, and the bases of his mountpoints', async () => {
    const { open, closed, customer } = await apiUnderTest(stores, 'sqlite', NEVER_SKIPPED);
    const [anna, bert] = [await customer(), await customer()];
    await good(anna.ask('POST', '/v1/mountpoints', { name: 'OWN', sourcePassword: 'x' }));
    const own = session({ customerId: anna.id });
    const ownBase = session({ role: 'base', mountpoint: 'OWN', account: undefined });
    const others = [
      session({ customerId: bert.id }),
      session(),
      session({ role: 'base', account: undefined }),
    ];
    open.push(own, ownBase, ...others);
    const seen = await everything<{ id: string }>(anna.ask, '/v1/sessions');
    expect(seen.map(({ id }) => id)).toEqual([own.id, ownBase.id].toSorted());
    for (const { id } of others) {
      expect(await anna.ask('GET', `/v1/sessions/${id}`)).toMatchObject({ status: 404 });
      expect(await anna.ask('POST', `/v1/sessions/${id}/close`)).toMatchObject({ status: 404 });
    }
    expect(await anna.ask('POST', `/v1/sessions/${own.id}/close`)).toMatchObject({ status: 202 });
    expect(closed).toEqual([own.id]);
  });
});

describe.each(DIALECTS)('on %s', (dialect) => {
  test('closed sessions are found by every filter, latest first', async (context) => {
    const { owner, store } = await apiUnderTest(stores, dialect, context);
    const a = closedSession();
    const b = closedSession({
      account_id: 'acc_1',
      app_id: 'app_1',
      device: 'tractor',
      mountpoint: 'LAKE',
      address: '198.51.100.1',
      reason: 'grant_ended',
      account: 'bert',
      ended_at: 9_000_000,
    });
    const c = closedSession({ role: 'base', account: null, reason: 'base_replaced', ended_at: 5000 });
    await store.db.insertInto('closed_sessions').values([a, b, c]).execute();
    const found = async (query: string) =>
      (await everything<{ id: string }>(owner, `/v1/closed-sessions?${query}`, 1)).map(({ id }) => id);
    expect(await found('')).toEqual([c.id, b.id, a.id]);
    expect(await found('order=oldest')).toEqual([a.id, b.id, c.id]);
    for (const query of [
      'account=bert',
      'accountId=acc_1',
      'appId=app_1',
      'device=tractor',
      'mountpoint=LAKE',
      'address=198.51.100.1',
      'reason=grant_ended',
      'endedAfter=1970-01-01T00:01:00Z',
      'account=bert&mountpoint=LAKE&role=rover',
    ]) {
      expect(await found(query)).toEqual([b.id]);
    }
    expect(await found('role=base')).toEqual([c.id]);
    expect(await found('endedBefore=1970-01-01T00:00:03Z')).toEqual([a.id]);
    expect(await good(owner('GET', `/v1/closed-sessions/${b.id}`))).toMatchObject({
      id: b.id,
      tls: true,
      durationMs: 1000,
      endedAt: '1970-01-01T02:30:00.000Z',
      reason: 'grant_ended',
      bytes: 5,
    });
    expect(await owner('GET', '/v1/closed-sessions/ses_none')).toMatchObject({
      status: 404,
      body: { code: 'closed_session_not_found' },
    });
    expect(await owner('GET', '/v1/closed-sessions?endedAfter=yesterday')).toMatchObject({
      status: 400,
      body: { code: 'invalid_parameter', param: 'endedAfter' },
    });
  });

  test('refusals say step, reason, meaning and fix, and are found by every filter', async (context) => {
    const { owner, store } = await apiUnderTest(stores, dialect, context);
    const a = refusal();
    const b = refusal({
      username: 'rk_abc/tractor',
      device: 'tractor',
      app_id: 'app_1',
      account_id: 'acc_1',
      address: '198.51.100.1',
      mountpoint: 'LAKE',
      step: 'app',
      reason: 'clock_outside_window',
      detail: 'off by 3600 s',
    });
    const gone = refusal({ reason: 'a_reason_of_old', username: 'carl' });
    await store.db.insertInto('refusals').values([a, b, gone]).execute();
    const found = async (query: string) =>
      (await everything<{ id: string }>(owner, `/v1/refusals?${query}`, 1)).map(({ id }) => id);
    expect(await found('')).toEqual([gone.id, b.id, a.id]);
    for (const query of [
      `username=${encodeURIComponent('rk_abc/tractor')}`,
      'device=tractor',
      'appId=app_1',
      'accountId=acc_1',
      'address=198.51.100.1',
      'mountpoint=LAKE',
      'reason=clock_outside_window',
    ]) {
      expect(await found(query)).toEqual([b.id]);
    }
    const { data } = await good<{ data: object[] }>(owner('GET', '/v1/refusals?device=tractor'));
    expect(data).toMatchObject([
      {
        step: 'app',
        reason: 'clock_outside_window',
        meaning: expect.stringContaining('more than 300 s away') as string,
        fix: expect.stringContaining('GET /v1/time') as string,
        detail: 'off by 3600 s',
        count: 3,
        firstAt: '1970-01-01T00:00:01.000Z',
        lastAt: '1970-01-01T00:00:02.000Z',
      },
    ]);
    expect((await owner('GET', '/v1/refusals?username=carl')).body).toMatchObject({
      data: [{ reason: 'a_reason_of_old', meaning: 'a_reason_of_old', fix: '' }],
    });
  });

  test('exports have every row, whatever is in a cell, and no formula', async (context) => {
    const { owner, store } = await apiUnderTest(stores, dialect, context);
    const { id: appId, accounts } = await fleet(owner, 450);
    const notes = ['=1+1', '+1', '-1', '@x', 'a,b', 'say "hi"', ' =late', "it's", '北京'];
    for (const [index, note] of notes.entries()) {
      await good(owner('PATCH', `/v1/accounts/${accounts[index]!.id}`, { note }));
    }
    const answer = await owner('GET', `/v1/exports/accounts.csv?appId=${appId}`);
    expect(answer.headers).toMatchObject({
      'content-type': 'text/csv; charset=utf-8',
      'content-disposition': 'attachment; filename="accounts.csv"',
    });
    const [header, ...lines] = answer.text.trimEnd().split('\r\n');
    const columns = header!.split(',');
    expect(lines).toHaveLength(450);
    expect(lines.map((line) => line.split(',')[0])).toEqual(accounts.map(({ id }) => id));
    // What stands between the account's last login, which there is none of, and its creation.
    const written = lines.slice(0, notes.length).map((line) => /,false,,(.*),\d{4}-/.exec(line)![1]);
    expect(columns.slice(11)).toEqual(['held', 'lastLoginAt', 'note', 'createdAt']);
    expect(written).toEqual([
      "'=1+1",
      "'+1",
      "'-1",
      "'@x",
      '"a,b"',
      '"say ""hi"""',
      ' =late',
      "it's",
      '北京',
    ]);
    const unused = await owner('GET', '/v1/exports/accounts.csv?activated=true');
    expect(unused.text).toBe(`${header}\r\n`);
    await good(owner('POST', `/v1/apps/${appId}/devices`, { devices: [{ deviceId: '-x' }] }));
    expect((await owner('GET', '/v1/exports/devices.csv')).text).toContain(",'-x,active,true,");
    await store.db
      .insertInto('closed_sessions')
      .values(closedSession({ user_agent: '=HYPERLINK("http://x")' }))
      .execute();
    expect((await owner('GET', '/v1/exports/closed-sessions.csv')).text).toContain(
      `,"'=HYPERLINK(""http://x"")",2,true,`,
    );
    expect(await owner('GET', '/v1/exports/accounts.csv?appId=app_none')).toMatchObject({ status: 404 });
    expect(await owner('GET', '/v1/exports/accounts.csv?colour=red')).toMatchObject({
      status: 400,
      body: { code: 'unknown_parameter' },
    });
  });

  test('an exported list of devices can be read in again', async (context) => {
    const { owner } = await apiUnderTest(stores, dialect, context);
    const [from, to] = [await fleet(owner, 0), await fleet(owner, 0)];
    const names = ['-minus', 'plain', '...'];
    const devices = names.map((deviceId) => ({ deviceId }));
    await good(owner('POST', `/v1/apps/${from.id}/devices`, { devices }));
    const { text } = await owner('GET', `/v1/exports/devices.csv?appId=${from.id}`);
    const lines = text.trimEnd().split('\r\n').slice(1);
    const csv = ['deviceId', ...lines.map((line) => line.split(',')[3])].join('\n');
    const { data } = await good<{ data: { deviceId: string }[] }>(
      owner('POST', `/v1/apps/${to.id}/devices`, csv),
    );
    expect(data.map(({ deviceId }) => deviceId)).toEqual(names);
  });
});
