// Entitlements over HTTP: who sees which, what may be done to them, what is kept of it.

import { afterEach, describe, expect, test } from 'vitest';
import { deadLetterPorts } from '../../../licensing/entitlements/dead-letters.ts';
import { Journal } from '../../../platform/observe/journal.ts';
import { newId } from '../../../platform/store/id.ts';
import { type ApiAnswer, type ApiUnderTest, openApi } from '../../support/api-app.ts';
import { addVehicle, grant, VEHICLE } from '../../support/entitlements.ts';
import { useStores } from '../../support/use-stores.ts';
import { memoryLog } from '../../unit/platform/observe/memory-log.ts';

const stores = useStores();
let api: ApiUnderTest;
afterEach(() => api.close());

function listOf<Entry>({ body }: ApiAnswer): Entry[] {
  return (body as { data: Entry[] }).data;
}

describe('entitlements', () => {
  async function open(context: Parameters<typeof stores.open>[1]): Promise<ApiUnderTest> {
    const store = await stores.open('sqlite', context);
    api = await openApi(store);
    await addVehicle(store);
    return api;
  }

  test('are listed by vehicle, part and state, and each customer sees his own', async (context) => {
    const { store, owner, customer } = await open(context);
    const one = await customer('viewer');
    const theirs = await grant(store, { customerId: one.id, orderId: 'ord_1' });
    const ours = await grant(store, { orderId: 'ord_2' });
    const ids = async (ask: typeof owner, query = ''): Promise<string[]> => {
      return listOf<{ id: string }>(await ask('GET', `/v1/entitlements${query}`)).map(({ id }) => id);
    };
    expect(await ids(owner)).toEqual([ours, theirs]);
    expect(await ids(owner, '?state=waiting')).toEqual([ours]);
    expect(await ids(owner, '?orderId=ord_1&partNumber=SW-100')).toEqual([theirs]);
    expect(await ids(one.ask)).toEqual([theirs]);
    expect((await one.ask('GET', `/v1/entitlements/${ours}`)).status).toBe(404);
  });

  test('are shown to a driver for the vehicles that are his, and changed by none', async (context) => {
    const { store, owner, nobody } = await open(context);
    await addVehicle(store, 'OTHERS');
    const his = await grant(store);
    const others = await grant(store, { vehicleId: 'OTHERS' });
    const login = { email: 'driver@example.com', password: 'somebody with a vehicle' };
    const driver = (await nobody('POST', '/v1/drivers', login)).body as { id: string };
    const { token } = (await nobody('POST', '/v1/drivers/login', login)).body as { token: string };
    const claim = { id: newId('clm'), vehicle_id: VEHICLE, customer_id: null, driver_id: driver.id };
    const times = { created_at: 1, updated_at: 1 };
    await store.db
      .insertInto('vehicle_claims')
      .values({ ...claim, state: 'active', ...times })
      .execute();
    const headers = { authorization: `Bearer ${token}` };
    const list = await nobody('GET', '/v1/entitlements', undefined, headers);
    expect(listOf<{ id: string }>(list).map(({ id }) => id)).toEqual([his]);
    const seen = async (id: string): Promise<number> =>
      (await nobody('GET', `/v1/entitlements/${id}/history`, undefined, headers)).status;
    expect([await seen(his), await seen(others)]).toEqual([200, 404]);
    const revoked = await nobody('POST', `/v1/entitlements/${his}/revoke`, {}, headers);
    expect(revoked.status).toBe(403);
    expect((await owner('GET', `/v1/entitlements/${his}`)).body).toMatchObject({ state: 'active' });
  });

  test('are shown whole', async (context) => {
    const { store, owner } = await open(context);
    const rights = { uses: 5, correction: { appId: 'app_1' } };
    const id = await grant(store, { orderId: 'ord_1', rights, nowMs: Date.UTC(2026, 10, 30) });
    expect((await owner('GET', `/v1/entitlements/${id}`)).body).toEqual({
      ...{ id, customerId: null, vehicleId: 'LSVAA4182E2184847', productId: null },
      ...{ orderId: 'ord_1', giftReference: null, partNumber: 'SW-100', version: '1.0' },
      ...{ versionRule: 'at_least', functions: ['lane-assist'], validSeconds: 2_592_000 },
      ...{ uses: 5, usesLeft: 5, correctionAppId: 'app_1', state: 'active', replacedBy: null, revision: 1 },
      ...{ startsAt: '2026-11-30T00:00:00.000Z', endsAt: '2026-12-30T00:00:00.000Z' },
      coveredUntil: '2026-12-30T00:00:00.000Z',
      ...{ createdAt: '2026-11-30T00:00:00.000Z', updatedAt: '2026-11-30T00:00:00.000Z' },
    });
  });

  test('are suspended, resumed and revoked, with reason, history, audit and event', async (context) => {
    const { store, owner, memory } = await open(context);
    const id = await grant(store);
    for (const [name, state] of [
      ['suspend', 'suspended'],
      ['resume', 'active'],
      ['revoke', 'revoked'],
    ] as const) {
      const reason = `we ${name}`;
      const answer = await owner('POST', `/v1/entitlements/${id}/${name}`, { reason });
      expect(answer).toMatchObject({ status: 200, body: { state } });
    }
    const again = await owner('POST', `/v1/entitlements/${id}/resume`, {});
    const problem = { code: 'entitlement_state_wrong', detail: 'it is revoked' };
    expect(again).toMatchObject({ status: 409, body: problem });
    const history = await owner('GET', `/v1/entitlements/${id}/history?order=oldest`);
    const changes = listOf<Record<'change' | 'actor' | 'reason', unknown>>(history);
    expect(changes.map(({ change, actor, reason }) => [change, actor, reason])).toEqual([
      ['grant', 'owner', null],
      ['suspend', 'owner', 'we suspend'],
      ['resume', 'owner', 'we resume'],
      ['revoke', 'owner', 'we revoke'],
    ]);
    const audit = await owner('GET', '/v1/audit?limit=10');
    const actions = listOf<{ action: string }>(audit).map(({ action }) => action);
    expect(actions.filter((action) => action.endsWith('Entitlement'))).toHaveLength(4);
    expect(memory.lines().filter(({ event }) => event === 'entitlement_changed')).toHaveLength(3);
  });
});

describe('dead letters', () => {
  test('are shown to operators, and go back into the outbox once', async (context) => {
    const store = await stores.open('sqlite', context);
    api = await openApi(store);
    const { onDead } = deadLetterPorts(store, new Journal(memoryLog().log));
    await onDead({ topic: 't', entry: { id: 'obx_1', body: '{}' }, tries: 20, problem: 'no' });
    const [letter] = listOf<{ id: string }>(await api.owner('GET', '/v1/dead-letters?topic=t'));
    expect(letter).toMatchObject({ topic: 't', entryId: 'obx_1', tries: 20, problem: 'no' });
    const one = await api.customer('viewer');
    expect((await one.ask('GET', '/v1/dead-letters')).status).toBe(403);
    const path = `/v1/dead-letters/${letter!.id}/retry`;
    expect((await api.owner('POST', path)).status).toBe(200);
    expect((await api.owner('POST', path)).status).toBe(404);
    const rows = await store.db.selectFrom('outbox').select(['id', 'topic', 'published_at']).execute();
    expect(rows).toEqual([{ id: 'obx_1', topic: 't', published_at: null }]);
  });
});
