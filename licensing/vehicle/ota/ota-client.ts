// The OTA client of a vehicle: verifies what it is offered, brings it, puts it into the slot that does not run, and starts
// it. Nothing is installed that this vehicle's signed metadata do not name, that is older than what ran, or that is not,
// byte for byte, what was signed.

import { readdirSync } from 'node:fs';
import path from 'node:path';
import { compareVersions, satisfies } from '../../entitlements/version.ts';
import type { OtaClient, OtaGround, OtaOutcome, PackageOffer } from '../ota-port.ts';
import { download } from './download.ts';
import type { Fetch, Patience } from './fetch-file.ts';
import { OtaRefused } from './refusal.ts';
import { REAL_SLOT_FILES, type SlotFiles } from './small-files.ts';
import { PartSlots, type SelfTest } from './slots.ts';
import { type TrustedTarget, trustedTarget } from './trusted-metadata.ts';

export interface OtaClientParts {
  readonly vehicleId: string;
  /** Signed JSON of the vehicle: head, `typ`, and these fields. */
  readonly sign: (typ: string, fields: object) => object;
  /** The vehicle's time, which never goes back. */
  readonly now: () => number;
  /** Whether new software works; it always does where nothing is said. */
  readonly selfTest?: SelfTest;
  readonly fetch?: Fetch;
  readonly patience?: Patience;
  readonly steps?: SlotFiles;
}

const WORKS: SelfTest = () => Promise.resolve(true);

export function openOtaClient({ folder, otaRootUrl }: OtaGround, parts: OtaClientParts): OtaClient {
  const {
    vehicleId,
    sign,
    now,
    patience,
    selfTest = WORKS,
    fetch = globalThis.fetch,
    steps = REAL_SLOT_FILES,
  } = parts;

  async function install(offer: PackageOffer, signal: AbortSignal): Promise<string> {
    const trust = {
      fetch,
      steps,
      folder: path.join(folder, 'trust'),
      rootUrl: otaRootUrl,
      vehicleId,
      now,
      patience,
    };
    const target = await trustedTarget(trust, offer.metadataUrl, offer.targetName, signal);
    const slots = slotsOf(folder, offer.partNumber, steps);
    if (slots.isTrying) await slots.start(selfTest);
    checkWanted(offer, target, slots);
    if (slots.running?.sha256 === target.sha256) return target.version;
    const file = placeFor(folder, offer.partNumber, target.sha256, steps);
    const { length, sha256, version } = target;
    const wanted = { url: offer.url, headers: proofFor(offer, sign), length, sha256, patience };
    await download(fetch, wanted, file, signal);
    slots.install(file, { version, length, sha256 });
    const started = await slots.start(selfTest);
    if (started.kind !== 'running')
      throw new OtaRefused('install_failed', 'the new software did not start; what ran before runs on');
    return version;
  }

  return {
    async fetch(offer, signal): Promise<OtaOutcome> {
      try {
        return { ok: true, version: await install(offer, signal) };
      } catch (error) {
        if (!(error instanceof OtaRefused)) throw error;
        const { reason, message: detail, retryAfterMs } = error;
        return { ok: false, reason, detail, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
      }
    },
  };
}

/** Where the software of a part is, in a client's folder. */
export function slotsOf(folder: string, partNumber: string, steps: SlotFiles = REAL_SLOT_FILES): PartSlots {
  return new PartSlots(path.join(folder, 'slots', encodeURIComponent(partNumber)), steps);
}

/** Where a download of a part goes on; what came of others for the part before is let go. */
function placeFor(folder: string, partNumber: string, sha256: string, steps: SlotFiles): string {
  const downloads = path.join(folder, 'downloads', encodeURIComponent(partNumber));
  steps.makeFolder(downloads);
  for (const name of readdirSync(downloads)) if (name !== sha256) steps.remove(path.join(downloads, name));
  return path.join(downloads, sha256);
}

function checkWanted(offer: PackageOffer, target: TrustedTarget, slots: PartSlots): void {
  const { partNumber, installedVersion } = offer;
  if (target.partNumber !== partNumber)
    throw new OtaRefused('target_other_part', `it is ${target.partNumber}, not ${partNumber}`);
  const isOlder = installedVersion !== null && compareVersions(target.version, installedVersion) < 0;
  if (isOlder || slots.isDowngrade(target.version))
    throw new OtaRefused('downgrade_refused', `${target.version} is older than what ran here`);
  if (!satisfies(target.version, offer))
    throw new OtaRefused('version_not_wanted', `${target.version} is not what the right is for`);
}

/** The address alone is good for nothing: what is shown with it only this vehicle can sign. */
function proofFor({ url }: PackageOffer, sign: OtaClientParts['sign']): Record<string, string> {
  const token = /\/repositories\/([^/]+)\//.exec(url)?.[1] ?? '';
  const proof = JSON.stringify(sign('package_fetch', { token }));
  return { 'vehicle-proof': Buffer.from(proof).toString('base64url') };
}
