// Puts shop and drivers together, and their resources on the HTTP interface.

import type { FastifyInstance } from 'fastify';
import type { Journal } from '../../platform/observe/journal.ts';
import type { Secrets } from '../../platform/secrets/sealed-box.ts';
import type { Store } from '../../platform/store/store.ts';
import { CLAIM_CODE_PURPOSE, ClaimCodes } from '../drivers/claim-codes.ts';
import { DriverDesk, type Passwords } from '../drivers/driver-desk.ts';
import type { DriverSessions } from '../drivers/driver-sessions.ts';
import { VehicleClaims } from '../drivers/vehicle-claims.ts';
import { changeEntitlement, grantEntitlement } from '../entitlements/entitlement-book.ts';
import type { EntitlementPort } from '../shop/entitlement-port.ts';
import { OrderBook } from '../shop/orders.ts';
import { shopRoutes } from './shop-routes.ts';

export interface ShopParts {
  readonly store: Store;
  readonly journal: Journal;
  readonly secrets: Secrets;
  readonly sessions: DriverSessions;
  readonly passwords: Passwords;
  /** Called after a transaction that changed an entitlement. */
  readonly wakeOutbox: () => void;
  readonly now?: () => number;
}

export function openShop(app: FastifyInstance, parts: ShopParts): void {
  const { store, journal, secrets, sessions, passwords, wakeOutbox, now = Date.now } = parts;
  const entitlements: EntitlementPort = {
    grant: grantEntitlement,
    change: changeEntitlement,
    wake: wakeOutbox,
  };
  const orders = new OrderBook(store.dialect, entitlements);
  shopRoutes(app, {
    ...{ store, journal, entitlements, orders, sessions, now },
    drivers: new DriverDesk(store, passwords),
    codes: new ClaimCodes(secrets.deriveKey(CLAIM_CODE_PURPOSE)),
    claims: new VehicleClaims(orders),
  });
}
