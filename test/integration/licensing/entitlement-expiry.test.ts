// What has run out ends within a second, by itself, once, however many processes look.

import { afterEach, describe, expect, test } from 'vitest';
import { findEntitlement } from '../../../licensing/entitlements/entitlement-book.ts';
import { Expiry } from '../../../licensing/entitlements/expiry.ts';
import { Journal } from '../../../platform/observe/journal.ts';
import type { Store } from '../../../platform/store/store.ts';
import { addVehicle, DAY_MS, grant, VEHICLE } from '../../support/entitlements.ts';
import { DIALECTS, useStores } from '../../support/use-stores.ts';
import { memoryLog } from '../../unit/platform/observe/memory-log.ts';

const stores = useStores();
const running: Expiry[] = [];
afterEach(async () => {
  for (const expiry of running.splice(0)) await expiry.stop();
});

function expiryOf(store: Store, now: () => number = Date.now): Expiry {
  const journal = new Journal(memoryLog().log);
  return new Expiry({ store, journal, onEnded: () => undefined, now });
}

describe.each(DIALECTS)('on %s', (dialect) => {
  test('a right ends within a second of its time, also where it was granted after the timer began', async (context) => {
    const store = await stores.open(dialect, context);
    await addVehicle(store);
    const expiry = expiryOf(store);
    running.push(expiry);
    expiry.start();
    await new Promise((resolve) => setTimeout(resolve, 50));
    const endsAt = Date.now() + 1500;
    const id = await grant(store, { nowMs: endsAt - 1000, rights: { validSeconds: 1 } });
    let row = await findEntitlement(store.db, id);
    expect(row).toMatchObject({ state: 'active', ends_at: endsAt });
    while (row?.state === 'active') {
      await new Promise((resolve) => setTimeout(resolve, 5));
      row = await findEntitlement(store.db, id);
    }
    expect(row?.state).toBe('expired');
    expect(row!.updated_at - endsAt).toBeGreaterThanOrEqual(0);
    expect(row!.updated_at - endsAt).toBeLessThan(1000);
  });

  test('three at once end two hundred once each', async (context) => {
    const store = await stores.open(dialect, context);
    await addVehicle(store);
    for (let count = 0; count < 200; count++) await grant(store, { rights: { partNumber: `SW-${count}` } });
    const timers = [0, 1, 2].map(() => expiryOf(store, () => 31 * DAY_MS));
    const ended = await Promise.all(timers.map((timer) => timer.endWhatIsOver()));
    expect(ended.reduce((sum, one) => sum + one)).toBe(200);
    const changes = await store.db
      .selectFrom('entitlement_changes')
      .select('change')
      .where('change', '=', 'expire')
      .execute();
    expect(changes).toHaveLength(200);
  });

  test('after a night without a process, all that follows each other has begun and ended in its own time', async (context) => {
    const store = await stores.open(dialect, context);
    await addVehicle(store);
    const ids = [
      await grant(store, { orderId: 'a' }),
      await grant(store, { orderId: 'b' }),
      await grant(store, { orderId: 'c' }),
    ];
    expect(await expiryOf(store, () => 75 * DAY_MS).endWhatIsOver()).toBe(2);
    const rows = await Promise.all(ids.map((id) => findEntitlement(store.db, id)));
    expect(rows.map((row) => [row!.state, row!.starts_at, row!.ends_at])).toEqual([
      ['expired', 0, 30 * DAY_MS],
      ['expired', 30 * DAY_MS, 60 * DAY_MS],
      ['active', 60 * DAY_MS, 90 * DAY_MS],
    ]);
    expect(rows[0]!.vehicle_id).toBe(VEHICLE);
  });
});
