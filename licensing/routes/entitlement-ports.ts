// What the resources of entitlements need of the rest of the process.

import type { Journal } from '../../platform/observe/journal.ts';
import type { Store } from '../../platform/store/store.ts';

export interface EntitlementRoutesPorts {
  readonly store: Store;
  readonly journal: Journal;
  readonly outbox: { wake(): void };
}
