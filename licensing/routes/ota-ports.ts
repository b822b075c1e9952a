// What the resources of over-the-air updates need.

import type { Journal } from '../../platform/observe/journal.ts';
import type { Store } from '../../platform/store/store.ts';
import type { OtaOffice } from '../ota/ota-office.ts';

export interface OtaRoutesPorts {
  readonly store: Store;
  readonly journal: Journal;
  readonly ota: OtaOffice;
  readonly downloadsMax?: number | undefined;
}
