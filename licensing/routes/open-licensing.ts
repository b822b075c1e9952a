// Puts the parts of licensing together, and its resources on the HTTP interface.

import path from 'node:path';
import type { FastifyInstance } from 'fastify';
import type { Config } from '../../config/schema.ts';
import type { Secrets } from '../../platform/secrets/sealed-box.ts';
import type { VehicleLine } from '../broker/vehicle-line.ts';
import { ClaimDesk } from '../drivers/claim-desk.ts';
import type { Passwords } from '../drivers/driver-desk.ts';
import type { DriverSessions } from '../drivers/driver-sessions.ts';
import type { GrantsCrypto } from '../grants/grants-crypto.ts';
import type { BrokerAddress } from '../grants/trust.ts';
import { PackageFiles } from '../ota/package-files.ts';
import { CertificateOffice } from '../pki/certificate-office.ts';
import type { KeyAlgorithm } from '../pki/keys.ts';
import type { PkiCrypto } from '../pki/pki-crypto.ts';
import { RevocationLists } from '../pki/revocation-lists.ts';
import { supplyLicensingMetrics } from './licensing-metrics.ts';
import { licensingRoutes } from './licensing-routes.ts';
import { type EntitlementParts, openEntitlements } from './open-entitlements.ts';
import { openGrants } from './open-grants.ts';
import { openOta } from './open-ota.ts';
import { openShop } from './open-shop.ts';
import { openUseDesk } from './open-use-desk.ts';
import type { LicensingRoutesPorts } from './ports.ts';

const DAY_MS = 86_400_000;

export interface LicensingParts extends Pick<
  LicensingRoutesPorts,
  'store' | 'bus' | 'journal' | 'presenceOf'
> {
  readonly line: VehicleLine;
  readonly redis: EntitlementParts['redis'];
  /** One word that no other process has. */
  readonly nodeId: string;
  readonly corrections: EntitlementParts['corrections'];
  readonly metrics: EntitlementParts['metrics'];
  /** Where vehicles with such a key find the broker; without `ca` its certificate comes from the RSA root. */
  readonly broker: (algorithm: KeyAlgorithm) => BrokerAddress;
  readonly secrets: Secrets;
  /** Whoever starts it ends it. */
  readonly crypto: PkiCrypto & GrantsCrypto;
  readonly settings: Config['licensing'];
  /** The same that the HTTP interface lets drivers in by. */
  readonly sessions: DriverSessions;
  readonly passwords: Passwords;
  /** Contents of packages are in a folder of it. */
  readonly dataDir: string;
  /** Asked for each certificate: the port may not be known before the server listens. */
  readonly publicUrl: () => string;
}

export interface Licensing {
  /** Before the store closes. */
  stop(): Promise<void>;
}

/** To be called before the server listens: routes cannot be added later. */
export async function openLicensing(app: FastifyInstance, parts: LicensingParts): Promise<Licensing> {
  const { store, bus, journal, line, secrets, crypto, settings, dataDir, publicUrl } = parts;
  const { sessions, passwords, presenceOf } = parts;
  const entitlements = openEntitlements(app, parts);
  const terms = {
    publicUrl,
    certificateMs: settings.certificateDays * DAY_MS,
    renewalGraceMs: settings.renewalGraceDays * DAY_MS,
  };
  const office = new CertificateOffice({ store, secrets, bus, crypto, terms });
  const packages = new PackageFiles(path.join(dataDir, 'packages'));
  licensingRoutes(app, {
    ...{ store, bus, journal, presenceOf },
    office,
    revocationLists: new RevocationLists(store, crypto),
    packages,
  });
  const shop = await openShop(app, {
    ...{ store, journal, secrets, publicUrl },
    ...{ sessions, passwords, payments: settings.payments },
    wakeOutbox: () => entitlements.outbox.wake(),
  });
  shop.jobs.start();
  const { authorities } = office;
  const grants = openGrants(app, {
    ...{ store, bus, journal, line, secrets, crypto, authorities, queue: entitlements.queue },
    correctionLoginFor: (row) => entitlements.corrections.correctionLoginFor(row),
    // Our own certificate comes from the RSA root, which vehicles with SM2 keys have not pinned.
    broker: async (algorithm) => {
      const address = parts.broker(algorithm);
      return algorithm === 'sm2' && address.ca === undefined
        ? { ...address, ca: (await authorities.of('rsa')).rootPem }
        : address;
    },
    otaRootUrl: () => `${publicUrl()}/v1/ota/root.json`,
  });
  grants.office.start();
  const ota = openOta(app, {
    ...{ store, journal, secrets, publicUrl, packages, now: Date.now },
    verify: (ask) => crypto.verifySigned(ask),
    sign: (algorithm, document) => grants.keys.signFor(algorithm, document),
    onHeld: (held) => grants.office.hearOfHeld(held),
  });
  supplyLicensingMetrics(parts.metrics, journal, {
    grantsUnsent: () => grants.office.unsentCount,
    otaRootEndsMs: () => ota.rootEndsMs,
  });
  ota.start(line);
  new ClaimDesk({
    ...{ store, journal, line, codes: shop.codes, now: Date.now },
    verify: (ask) => crypto.verifySigned(ask),
    sign: (algorithm, document) => grants.keys.signFor(algorithm, document),
  }).start();
  openUseDesk({
    ...{ store, journal, line, crypto, keys: grants.keys },
    onTaken: () => entitlements.outbox.wake(),
  });
  return {
    stop: async () => {
      await shop.stop();
      await entitlements.stop();
    },
  };
}
