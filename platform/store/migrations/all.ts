// Every migration, in order. A new one gets the next number, a file of its own, and a row here; its tables go into
// ../tables.ts. What a released one did is changed by a later one only.

import { accounts } from './0001-accounts.ts';
import { charging } from './0002-charging.ts';
import { plainUses } from './0003-plain-uses.ts';
import { usageDays } from './0004-usage-days.ts';
import { pki } from './0005-pki.ts';
import { entitlements } from './0006-entitlements.ts';
import { ota } from './0007-ota.ts';
import { shop } from './0008-shop.ts';
import { grants } from './0009-grants.ts';
import { givenAccounts } from './0010-given-accounts.ts';
import { vehicleLines } from './0011-vehicle-lines.ts';
import { disputes } from './0012-disputes.ts';
import { vehicleUps } from './0013-vehicle-ups.ts';
import { refusedOffers } from './0014-refused-offers.ts';
import { releaseRequests } from './0015-release-requests.ts';
import { type Migration } from './migration.ts';

export const MIGRATIONS: readonly Migration[] = [
  accounts,
  charging,
  plainUses,
  usageDays,
  pki,
  entitlements,
  ota,
  shop,
  grants,
  givenAccounts,
  vehicleLines,
  disputes,
  vehicleUps,
  refusedOffers,
  releaseRequests,
];
