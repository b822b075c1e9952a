// What becomes of entitlements to one part of one vehicle: bought again, above, for ever; ended early, refunded. Every
// change with its history and what is to be told of it, in one transaction.

import { describe, expect, test } from 'vitest';
import {
  changeEntitlement,
  findEntitlement,
  grantEntitlement,
  rightFor,
  whyNotWorthBuying,
} from '../../../licensing/entitlements/entitlement-book.ts';
import type { Store } from '../../../platform/store/store.ts';
import {
  addVehicle,
  change,
  DAY_MS,
  DAY_S,
  grant,
  newEntitlement,
  RIGHTS,
  VEHICLE,
} from '../../support/entitlements.ts';
import { DIALECTS, useStores } from '../../support/use-stores.ts';

const stores = useStores();

const right = (store: Store, nowMs: number) => rightFor(store.db, VEHICLE, RIGHTS.partNumber, nowMs);

async function stateOf(store: Store, id: string): Promise<string | undefined> {
  return (await findEntitlement(store.db, id))?.state;
}

async function history(store: Store, id: string): Promise<string[]> {
  const rows = await store.db
    .selectFrom('entitlement_changes')
    .selectAll()
    .where('entitlement_id', '=', id)
    .orderBy('revision')
    .execute();
  return rows.map(({ revision, change: name, state }) => `${revision} ${name} ${state}`);
}

async function told(store: Store): Promise<unknown[]> {
  const rows = await store.db.selectFrom('outbox').selectAll().orderBy('seq').execute();
  return rows.map(({ topic, body }) => [topic, JSON.parse(body) as unknown]);
}

describe.each(DIALECTS)('on %s, an entitlement', (dialect) => {
  async function open(context: Parameters<typeof stores.open>[1]): Promise<Store> {
    const store = await stores.open(dialect, context);
    await addVehicle(store);
    return store;
  }

  test('is in force from its grant until its end', async (context) => {
    const store = await open(context);
    const id = await grant(store, { nowMs: 5 });
    expect(await right(store, 5)).toMatchObject({ id, starts_at: 5, ends_at: 30 * DAY_MS + 5 });
    expect(await right(store, 30 * DAY_MS + 4)).toBeDefined();
    expect(await right(store, 30 * DAY_MS + 5)).toBeUndefined();
  });

  test('and its history and what is told of it are committed together', async (context) => {
    const store = await open(context);
    const id = await grant(store, { rights: { correction: { appId: 'app_1' } } });
    await change(store, id, 'revoke', 7);
    expect(await history(store, id)).toEqual(['1 grant active', '2 revoke revoked']);
    expect(await told(store)).toEqual([
      ['entitlements', { entitlementId: id, revision: 1 }],
      ['corrections', { entitlementId: id, revision: 1 }],
      ['entitlements', { entitlementId: id, revision: 2 }],
      ['corrections', { entitlementId: id, revision: 2 }],
    ]);
    const failing = store.write(async (tx) => {
      await grantEntitlement(tx, newEntitlement({ orderId: 'ord_lost' }));
      throw new Error('thought better of it');
    });
    await expect(failing).rejects.toThrow('thought better of it');
    const rows = await store.db.selectFrom('entitlements').select('id').execute();
    expect([rows.length, (await told(store)).length]).toEqual([1, 4]);
  });

  test('is one for each order, however often and however parallel it is asked for', async (context) => {
    const store = await open(context);
    const asks = Array.from({ length: 50 }, () =>
      store.write((tx) => grantEntitlement(tx, newEntitlement({ orderId: 'ord_1' }))),
    );
    const answers = await Promise.all(asks);
    expect(new Set(answers.map((answer) => answer.ok && answer.id)).size).toBe(1);
    expect(answers.filter((answer) => answer.ok && !answer.isRepeated)).toHaveLength(1);
    expect(await told(store)).toHaveLength(1);
  });

  test('that is a gift is one for each reference', async (context) => {
    const store = await open(context);
    const first = await grant(store, { giftReference: 'spring' });
    expect(await grant(store, { giftReference: 'spring' })).toBe(first);
    expect(await grant(store, { giftReference: 'summer' })).not.toBe(first);
  });

  test('is refused for a vehicle that is not there', async (context) => {
    const store = await open(context);
    const asked = newEntitlement({ vehicleId: 'nobody' });
    expect(await store.write((tx) => grantEntitlement(tx, asked))).toEqual({
      ok: false,
      reason: 'vehicle_not_found',
    });
  });

  test('bought again goes on from the end of the one before, as one right', async (context) => {
    const store = await open(context);
    const first = await grant(store, { orderId: 'a', nowMs: 0 });
    const second = await grant(store, { orderId: 'b', nowMs: 10 * DAY_MS });
    expect(await stateOf(store, second)).toBe('waiting');
    expect(await right(store, 10 * DAY_MS)).toMatchObject({ id: first, ends_at: 60 * DAY_MS, revision: 2 });
    await change(store, first, 'expire', 30 * DAY_MS + 400);
    expect(await right(store, 30 * DAY_MS + 400)).toMatchObject({
      id: second,
      starts_at: 30 * DAY_MS,
      ends_at: 60 * DAY_MS,
    });
    expect(await history(store, first)).toEqual(['1 grant active', '2 cover active', '3 expire expired']);
    expect(await history(store, second)).toEqual(['1 grant waiting', '2 begin active']);
  });

  test('that was bought again and is refunded lets the second begin at once', async (context) => {
    const store = await open(context);
    const first = await grant(store, { orderId: 'a' });
    const second = await grant(store, { orderId: 'b' });
    await change(store, first, 'refund', 2 * DAY_MS);
    expect(await right(store, 2 * DAY_MS)).toMatchObject({ id: second, ends_at: 32 * DAY_MS });
  });

  test('keeps its own time where the second is refunded', async (context) => {
    const store = await open(context);
    const first = await grant(store, { orderId: 'a' });
    const second = await grant(store, { orderId: 'b' });
    await change(store, second, 'refund', DAY_MS);
    expect(await right(store, DAY_MS)).toMatchObject({ id: first, ends_at: 30 * DAY_MS, revision: 3 });
  });

  test('to a higher version is in force at once, and what is left of the other comes back behind it', async (context) => {
    const store = await open(context);
    const low = await grant(store);
    const high = await grant(store, {
      rights: { version: '2.0', validSeconds: 10 * DAY_S },
      nowMs: DAY_MS,
    });
    expect(await right(store, DAY_MS)).toMatchObject({ id: high, version: '2.0', ends_at: 11 * DAY_MS });
    expect(await findEntitlement(store.db, low)).toMatchObject({ state: 'replaced', replaced_by: high });
    await change(store, high, 'expire', 11 * DAY_MS);
    expect(await right(store, 11 * DAY_MS)).toMatchObject({ id: low, ends_at: 30 * DAY_MS });
  });

  test('to a higher version leaves nothing behind it where the other is over by then', async (context) => {
    const store = await open(context);
    await grant(store);
    const high = await grant(store, { rights: { version: '2.0' }, nowMs: DAY_MS });
    await change(store, high, 'expire', 31 * DAY_MS);
    expect(await right(store, 31 * DAY_MS)).toBeUndefined();
  });

  test('for ever is in force before one for a time, and outlives a higher version for a time', async (context) => {
    const store = await open(context);
    await grant(store);
    const forGood = await grant(store, { rights: { validSeconds: null }, nowMs: 1 });
    expect(await right(store, 1)).toMatchObject({ id: forGood, ends_at: null });
    const high = await grant(store, { rights: { version: '2.0' }, nowMs: 2 });
    expect(await right(store, 2)).toMatchObject({ id: high });
    await change(store, high, 'refund', 3);
    expect(await right(store, 3)).toMatchObject({ id: forGood, ends_at: null });
  });

  test('that would give nothing is told of before anybody pays, and waits where it was paid', async (context) => {
    const store = await open(context);
    const forGood = await grant(store, { rights: { validSeconds: null } });
    expect(await whyNotWorthBuying(store.db, VEHICLE, RIGHTS)).toBe('has_it_for_good');
    expect(await whyNotWorthBuying(store.db, VEHICLE, { ...RIGHTS, version: '1.1' })).toBeUndefined();
    const paid = await grant(store, { orderId: 'late' });
    expect(await stateOf(store, paid)).toBe('waiting');
    await change(store, forGood, 'suspend', 1);
    expect(await whyNotWorthBuying(store.db, VEHICLE, RIGHTS)).toBe('right_suspended');
  });

  test('that is suspended is not in force, keeps its place, and its time runs on', async (context) => {
    const store = await open(context);
    const id = await grant(store);
    await change(store, id, 'suspend', 1);
    expect(await right(store, 2)).toBeUndefined();
    const next = await grant(store, { orderId: 'b', nowMs: 3 });
    expect(await stateOf(store, next)).toBe('waiting');
    await change(store, id, 'resume', 4);
    expect(await right(store, 5)).toMatchObject({ id, ends_at: 60 * DAY_MS });
  });

  test('that has ended takes no change but the return of the money', async (context) => {
    const store = await open(context);
    const id = await grant(store);
    await change(store, id, 'expire', 30 * DAY_MS);
    for (const transition of ['suspend', 'resume', 'revoke', 'expire', 'transfer', 'begin'] as const) {
      expect(await change(store, id, transition, 31 * DAY_MS)).toEqual({
        ok: false,
        reason: 'change_not_possible',
      });
    }
    expect(await change(store, id, 'refund', 31 * DAY_MS)).toMatchObject({ ok: true });
  });

  test('is changed by nobody that is not there', async (context) => {
    const store = await open(context);
    const changed = store.write((tx) => changeEntitlement(tx, 'ent_none', 'revoke', 'owner', 1));
    expect(await changed).toEqual({ ok: false, reason: 'entitlement_not_found' });
  });

  test('of a part is one in force at a time, also where twenty are bought at once', async (context) => {
    const store = await open(context);
    await Promise.all(Array.from({ length: 20 }, (_, count) => grant(store, { orderId: `ord_${count}` })));
    const rows = await store.db.selectFrom('entitlements').select('state').execute();
    expect(rows.filter(({ state }) => state === 'active')).toHaveLength(1);
    expect(await right(store, 1)).toMatchObject({ ends_at: 600 * DAY_MS });
  });
});
