// Entitlements for tests: complete and unremarkable; what a test is about it gives itself.

import {
  type Changed,
  changeEntitlement,
  grantEntitlement,
  type NewEntitlement,
} from '../../licensing/entitlements/entitlement-book.ts';
import type { EntitlementTransition } from '../../licensing/entitlements/entitlement-state.ts';
import type { Rights } from '../../licensing/entitlements/rights.ts';
import type { Store } from '../../platform/store/store.ts';

export const DAY_S = 86_400;
export const DAY_MS = 1000 * DAY_S;
export const VEHICLE = 'LSVAA4182E2184847';

export const RIGHTS: Rights = {
  partNumber: 'SW-100',
  version: '1.0',
  versionRule: 'at_least',
  functions: ['lane-assist'],
  validSeconds: 30 * DAY_S,
  uses: null,
  correction: null,
};

export async function addVehicle(store: Store, id = VEHICLE): Promise<void> {
  await store.db.insertInto('vehicles').values({ id, customer_id: null, created_at: 1 }).execute();
}

export interface Asked extends Partial<Omit<NewEntitlement, 'rights'>> {
  readonly rights?: Partial<Rights>;
}

/** Its id; throws where it is refused. */
export async function grant(store: Store, asked: Asked = {}): Promise<string> {
  const granted = await store.write((tx) => grantEntitlement(tx, newEntitlement(asked)));
  if (!granted.ok) throw new Error(granted.reason);
  return granted.id;
}

export function newEntitlement({ rights, ...asked }: Asked = {}): NewEntitlement {
  return {
    customerId: null,
    vehicleId: VEHICLE,
    productId: null,
    orderId: null,
    giftReference: null,
    actor: 'owner',
    nowMs: 0,
    ...asked,
    rights: { ...RIGHTS, ...rights },
  };
}

export function change(
  store: Store,
  id: string,
  transition: EntitlementTransition,
  nowMs: number,
): Promise<Changed> {
  return store.write((tx) => changeEntitlement(tx, id, transition, 'owner', nowMs));
}
