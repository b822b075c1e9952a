// What the resources of licensing need of the rest of the process. The composition root provides it.

import type { ChangeBus } from '../../platform/bus/bus.ts';
import type { Journal } from '../../platform/observe/journal.ts';
import type { Store } from '../../platform/store/store.ts';
import type { PackageFiles } from '../ota/package-files.ts';
import type { Presence } from '../broker/vehicle-line.ts';
import type { CertificateOffice } from '../pki/certificate-office.ts';
import type { RevocationLists } from '../pki/revocation-lists.ts';

export interface LicensingRoutesPorts {
  readonly store: Store;
  readonly bus: ChangeBus;
  readonly journal: Journal;
  readonly office: CertificateOffice;
  readonly revocationLists: RevocationLists;
  /** On whichever node it is connected. */
  readonly presenceOf: (vehicleId: string) => Promise<Presence>;
  readonly packages: PackageFiles;
}
