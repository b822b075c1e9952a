// Uses that are counted: lent to a vehicle, reported by it, never more than there were.

import { describe, expect, test } from 'vitest';
import { findEntitlement } from '../../../licensing/entitlements/entitlement-book.ts';
import {
  countDown,
  leaseFor,
  takeUseReport,
  type ReportTaken,
  type UseReport,
} from '../../../licensing/entitlements/use-ledger.ts';
import type { Store } from '../../../platform/store/store.ts';
import type { GrantsTable } from '../../../platform/store/tables/grant-tables.ts';
import { addVehicle, change, grant, VEHICLE } from '../../support/entitlements.ts';
import { DIALECTS, useStores } from '../../support/use-stores.ts';

const stores = useStores();

async function lease(store: Store, id: string): Promise<{ leaseId: string; uses: number | null }> {
  return await store.write(async (tx) => leaseFor(tx, (await findEntitlement(tx, id))!, 1));
}

function take(store: Store, report: Partial<UseReport>, suspends = false): Promise<ReportTaken> {
  const whole = { vehicleId: VEHICLE, leaseId: '', used: 0, counter: 1, prevHash: '', hash: 'h', ...report };
  return store.write((tx) => takeUseReport(tx, whole, { nowMs: 2, suspends }));
}

function grantRow(columns: Partial<GrantsTable>): GrantsTable {
  return {
    ...{ id: 'gra_1', customer_id: null, vehicle_id: VEHICLE, part_number: 'SW-100', seq: 1, revision: 1 },
    ...{ entitlement_id: '', certificate_id: 'crt_1', right_state: 'active', version: '1.0', facts: '{}' },
    ...{ content_hash: '', document: null, state: 'deactivated', renew_at: null, sent_at: 1 },
    ...{ receipt_result: 'deactivated', receipt_reason: null, installed_version: null, receipt_counter: 1 },
    ...{ receipted_at: null, created_at: 1 },
    ...columns,
  };
}

async function left(store: Store, id: string): Promise<number | null | undefined> {
  return (await findEntitlement(store.db, id))?.uses_left;
}

describe.each(DIALECTS)('on %s', (dialect) => {
  async function open(context: Parameters<typeof stores.open>[1]): Promise<Store> {
    const store = await stores.open(dialect, context);
    await addVehicle(store);
    return store;
  }

  test('a thousand who count down at once take exactly what is there', async (context) => {
    const store = await open(context);
    const id = await grant(store, { rights: { uses: 600, validSeconds: null } });
    const taken = await Promise.all(Array.from({ length: 1000 }, () => countDown(store.db, id, 1)));
    expect([taken.filter(Boolean).length, await left(store, id)]).toEqual([600, 0]);
  });

  test('a lease is the same until it is used up, and all leases together are what was bought', async (context) => {
    const store = await open(context);
    const id = await grant(store, { rights: { uses: 1500 } });
    const first = await lease(store, id);
    expect(first.uses).toBe(1000);
    expect(await lease(store, id)).toEqual(first);
    await take(store, { leaseId: first.leaseId, used: 400, counter: 7, hash: 'a' });
    expect(await lease(store, id)).toEqual(first);
    await take(store, { leaseId: first.leaseId, used: 1000, counter: 9, prevHash: 'a', hash: 'b' });
    const second = await lease(store, id);
    expect(second).toMatchObject({ uses: 500 });
    expect(second.leaseId).not.toBe(first.leaseId);
  });

  test('reports go on from each other, and what is left goes down by what is new in them', async (context) => {
    const store = await open(context);
    const id = await grant(store, { rights: { uses: 10 } });
    const { leaseId } = await lease(store, id);
    expect(await take(store, { leaseId, used: 3, counter: 5, hash: 'a' })).toEqual({
      ...{ ok: true, isNew: true },
      ...{ counter: 5, usesLeft: 7 },
    });
    expect(await take(store, { leaseId, used: 4, counter: 9, prevHash: 'a', hash: 'b' })).toMatchObject({
      usesLeft: 6,
    });
  });

  test('the last use ends the right', async (context) => {
    const store = await open(context);
    const id = await grant(store, { rights: { uses: 2 } });
    const { leaseId } = await lease(store, id);
    await take(store, { leaseId, used: 2, counter: 1 });
    expect(await findEntitlement(store.db, id)).toMatchObject({ state: 'used_up', uses_left: 0 });
  });

  test('a report that comes again, also behind a later one, is answered again and changes nothing', async (context) => {
    const store = await open(context);
    const id = await grant(store, { rights: { uses: 10 } });
    const { leaseId } = await lease(store, id);
    const first = { leaseId, used: 3, counter: 5, hash: 'a' };
    await take(store, first);
    await take(store, { leaseId, used: 4, counter: 6, prevHash: 'a', hash: 'b' });
    expect(await take(store, first)).toEqual({ ok: true, isNew: false, counter: 6, usesLeft: 6 });
  });

  test.for([
    ['a counter that went back', { used: 1, counter: 4, prevHash: 'a' }, 'counter_back'],
    ['the same counter with other content', { used: 1, counter: 5, prevHash: 'a' }, 'counter_back'],
    ['another chain', { used: 4, counter: 6, prevHash: '' }, 'chain_broken'],
    ['fewer uses than before', { used: 2, counter: 6, prevHash: 'a' }, 'uses_back'],
    ['more uses than were lent', { used: 11, counter: 6, prevHash: 'a' }, 'uses_beyond'],
  ] as const)('%s is not taken, is flagged, and the right rests', async ([, report, reason], context) => {
    const store = await open(context);
    const id = await grant(store, { rights: { uses: 10 } });
    const { leaseId } = await lease(store, id);
    await take(store, { leaseId, used: 3, counter: 5, hash: 'a' });
    expect(await take(store, { leaseId, ...report, hash: 'x' }, true)).toEqual({
      ok: false,
      ...{ reason, entitlementId: id, counter: 5, isSuspended: true },
    });
    expect(await findEntitlement(store.db, id)).toMatchObject({ state: 'suspended', uses_left: 7 });
    const row = await store.db.selectFrom('use_leases').selectAll().executeTakeFirstOrThrow();
    expect(row).toMatchObject({ used: 3, counter: 5, chain_head: 'a', flags: 1 });
  });

  test('a right that rested for such a report and is resumed has a new lease for what is left', async (context) => {
    const store = await open(context);
    const id = await grant(store, { rights: { uses: 10 } });
    const first = await lease(store, id);
    const { leaseId } = first;
    await take(store, { leaseId, used: 3, counter: 5, hash: 'a' });
    await take(store, { leaseId, used: 1, counter: 4, hash: 'b' }, true);
    await change(store, id, 'resume', 3);
    const second = await lease(store, id);
    expect(second).toMatchObject({ uses: 7 });
    expect(second.leaseId).not.toBe(first.leaseId);
    const report = { leaseId: second.leaseId, used: 2, counter: 6, hash: 'c' };
    expect(await take(store, report)).toMatchObject({ ok: true, usesLeft: 5 });
  });

  test('a bad report while the right rests closes the lease, too', async (context) => {
    const store = await open(context);
    const id = await grant(store, { rights: { uses: 10 } });
    const { leaseId } = await lease(store, id);
    await take(store, { leaseId, used: 3, counter: 5, hash: 'a' });
    await change(store, id, 'suspend', 2);
    await take(store, { leaseId, used: 1, counter: 4, hash: 'b' }, true);
    await change(store, id, 'resume', 3);
    expect((await lease(store, id)).leaseId).not.toBe(leaseId);
  });

  test('a vehicle whose storage was put back is lent the rest anew when its right is resumed, and not before', async (context) => {
    const store = await open(context);
    const id = await grant(store, { rights: { uses: 10 } });
    const first = await lease(store, id);
    await take(store, { leaseId: first.leaseId, used: 3, counter: 5, hash: 'a' });
    await store.db
      .insertInto('grants')
      .values(grantRow({ entitlement_id: id, receipt_reason: 'storage_rolled_back', receipted_at: 5 }))
      .execute();
    expect(await lease(store, id)).toEqual(first);
    await change(store, id, 'suspend', 6);
    await change(store, id, 'resume', 7);
    const second = await lease(store, id);
    expect([second.leaseId === first.leaseId, second.uses]).toEqual([false, 7]);
  });

  test('a lease of another vehicle is unknown', async (context) => {
    const store = await open(context);
    await addVehicle(store, 'OTHER');
    const id = await grant(store, { rights: { uses: 10 } });
    const { leaseId } = await lease(store, id);
    expect(await take(store, { vehicleId: 'OTHER', leaseId, used: 1 })).toEqual({
      ok: false,
      reason: 'lease_unknown',
    });
  });
});
