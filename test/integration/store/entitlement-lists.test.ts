// Lists of entitlements find their pages by an index, however many entitlements there are.

import { expect, test } from 'vitest';
import { visibleEntitlements } from '../../../licensing/entitlements/who-sees.ts';
import { type Actor, NO_CUSTOMER } from '../../../platform/http/actor.ts';
import { useStores } from '../../support/use-stores.ts';

const stores = useStores();
const DRIVER: Actor = { kind: 'driver', id: 'drv_1', name: 'x', role: 'driver', customerId: NO_CUSTOMER };

test('entitlements of a product, and those of a driver, are listed by an index', async (context) => {
  const { db } = await stores.open('sqlite', context);
  const all = db.selectFrom('entitlements').selectAll().orderBy('id', 'desc').limit(100);
  const plans: string[] = [];
  for (const query of [all.where('product_id', '=', 'prd_1'), all.where(visibleEntitlements(DRIVER))]) {
    const compiled = query.compile();
    const plan = await db.executeQuery<{ detail: string }>({
      ...compiled,
      sql: `explain query plan ${compiled.sql}`,
    });
    plans.push(plan.rows.map(({ detail }) => detail).join('\n'));
  }
  expect(plans[0]).toContain('USING INDEX entitlements_product');
  expect(plans[0]).not.toContain('B-TREE');
  expect(plans[1]).toContain('USING INDEX entitlements_vehicle');
});
