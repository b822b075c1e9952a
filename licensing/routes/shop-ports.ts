// What the resources of shop and drivers need of the rest of the process.

import type { Journal } from '../../platform/observe/journal.ts';
import type { Store } from '../../platform/store/store.ts';
import type { ClaimCodes } from '../drivers/claim-codes.ts';
import type { DriverDesk } from '../drivers/driver-desk.ts';
import type { DriverSessions } from '../drivers/driver-sessions.ts';
import type { VehicleClaims } from '../drivers/vehicle-claims.ts';
import type { EntitlementPort } from '../shop/entitlement-port.ts';
import type { OrderBook } from '../shop/orders.ts';
import type { PaymentEvents } from '../shop/payment-events.ts';
import type { Payments } from '../shop/payments.ts';
import type { ShopJobs } from '../shop/shop-jobs.ts';
import type { TestProvider } from '../shop/test-provider.ts';

export interface ShopRoutesPorts {
  readonly store: Store;
  readonly journal: Journal;
  readonly entitlements: EntitlementPort;
  readonly orders: OrderBook;
  readonly payments: Payments;
  readonly events: PaymentEvents;
  readonly jobs: ShopJobs;
  /** Undefined where it is not configured. */
  readonly testProvider: TestProvider | undefined;
  readonly drivers: DriverDesk;
  readonly sessions: DriverSessions;
  readonly codes: ClaimCodes;
  readonly claims: VehicleClaims;
  readonly now: () => number;
}
