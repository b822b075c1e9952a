// A vehicle with its OTA client, in a folder of its own, and a repository that may do to it what it likes.

import { mkdtempSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { OtaClient, OtaOutcome, PackageOffer } from '../../../../licensing/vehicle/ota-port.ts';
import { openOtaClient, slotsOf } from '../../../../licensing/vehicle/ota/ota-client.ts';
import { useTempFolder } from '../../../support/temp-folder.ts';
import { EvilRepository, PART, ROOT_URL } from './evil-repository.ts';

const temp = useTempFolder();
const VIN = 'LSVAA4182E2184847';

export class VehicleUnderTest {
  readonly folder = mkdtempSync(path.join(temp, 'vehicle-'));
  readonly cloud = new EvilRepository(VIN);
  aheadMs = 0;
  readonly #client: OtaClient = openOtaClient(
    { folder: this.folder, otaRootUrl: ROOT_URL },
    {
      vehicleId: VIN,
      sign: (typ, fields) => ({ typ, ...fields, sig: 'AAAA' }),
      now: () => Date.now() + this.aheadMs,
      fetch: this.cloud.fetch,
      patience: { silentMs: 50, wholeMs: () => 200 },
    },
  );

  fetch(offer: Partial<PackageOffer> = {}): Promise<OtaOutcome> {
    return this.#client.fetch({ ...this.cloud.offer, ...offer }, new AbortController().signal);
  }

  async reason(offer: Partial<PackageOffer> = {}): Promise<string> {
    const outcome = await this.fetch(offer);
    return outcome.ok ? 'installed' : outcome.reason;
  }

  get installed(): string | undefined {
    return slotsOf(this.folder, PART).running?.version;
  }

  /** Version of the metadata of a role that it keeps; undefined where it keeps none. */
  keeps(role: 'root' | 'timestamp' | 'snapshot' | 'targets'): number | undefined {
    const file = path.join(this.folder, 'trust', 'metadata.json');
    const kept = JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>;
    const text = kept[role];
    return text === undefined
      ? undefined
      : (JSON.parse(text) as { signed: { version: number } }).signed.version;
  }
}
