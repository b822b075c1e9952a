// Puts the desk for reports of uses together: documents of vehicles are verified, and answers signed, in the crypto pool.

import type { Journal } from '../../platform/observe/journal.ts';
import type { Store } from '../../platform/store/store.ts';
import type { VehicleLine } from '../broker/vehicle-line.ts';
import { UseDesk } from '../entitlements/use-desk.ts';
import { useReportDocument } from '../entitlements/use-documents.ts';
import type { GrantsCrypto } from '../grants/grants-crypto.ts';
import type { SigningKeys } from '../grants/signing-keys.ts';
import { readVehicleDocument } from '../ota/vehicle-documents.ts';

export interface UseDeskPorts {
  readonly store: Store;
  readonly journal: Journal;
  readonly line: VehicleLine;
  readonly crypto: Pick<GrantsCrypto, 'verifySigned'>;
  readonly keys: Pick<SigningKeys, 'signFor'>;
  /** Something was committed that the outbox has to tell. */
  readonly onTaken: () => void;
}

export function openUseDesk({ store, journal, line, crypto, keys, onTaken }: UseDeskPorts): void {
  const verify: GrantsCrypto['verifySigned'] = (ask) => crypto.verifySigned(ask);
  const reader = { store, verify, now: Date.now };
  new UseDesk({
    ...{ store, journal, line, onTaken, suspends: true },
    read: async ({ body, vehicleId }) => {
      const checked = await readVehicleDocument(reader, body, useReportDocument, { vehicleId });
      if (!checked.ok) return checked;
      const { document, certificate } = checked;
      return { ok: true, document, algorithm: certificate.algorithm };
    },
    sign: (algorithm, document) => keys.signFor(algorithm, document),
  }).start();
}
