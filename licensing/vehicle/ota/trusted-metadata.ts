// The signed metadata that say what this vehicle may install, verified as The Update Framework says by tuf-js, from a
// root that was pinned at the first contact. What was verified is kept in one file that is written whole: tuf-js itself
// writes file by file, and power lost between would leave a vehicle that trusts nothing any more.

import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Updater } from 'tuf-js';
import { DownloadHTTPError } from 'tuf-js/dist/error.js';
import {
  OTA_METADATA_BYTES_MAX,
  OTA_ROOT_BYTES_MAX,
  OTA_ROOTS_PER_REFRESH_MAX,
} from '../../../config/limits.ts';
import { systemErrorCode } from '../../../platform/start-problem.ts';
import type { FileSteps } from '../storage/file-steps.ts';
import { bytesOf, codeOf, type Fetch, get, type Patience } from './fetch-file.ts';
import { OtaRefused, type OtaRefusal } from './refusal.ts';
import { readJson, writeJson } from './small-files.ts';

export interface TrustParts {
  readonly fetch: Fetch;
  readonly steps: FileSteps;
  /** Where the verified metadata are kept. */
  readonly folder: string;
  readonly rootUrl: string;
  readonly vehicleId: string;
  /** The vehicle's time, which never goes back. */
  readonly now: () => number;
  readonly patience?: Patience | undefined;
}

export interface TrustedTarget {
  readonly length: number;
  /** Hex. */
  readonly sha256: string;
  readonly partNumber: string;
  readonly version: string;
}

const WORK = 'work-';
const ROLES = ['root', 'timestamp', 'snapshot', 'targets'] as const;
type Texts = Partial<Record<(typeof ROLES)[number], string>>;

/** What is kept: the verified files, and the latest time that was seen, behind which the vehicle's never falls. */
type Kept = Texts & { seenMs?: number };

/** Rejects with OtaRefused. What was verified before the refusal is kept: no later answer may be older. */
export async function trustedTarget(
  parts: TrustParts,
  metadataUrl: string,
  name: string,
  signal: AbortSignal,
): Promise<TrustedTarget> {
  const { steps, folder } = parts;
  steps.makeFolder(folder);
  const file = path.join(folder, 'metadata.json');
  const kept = (readJson(steps, file) ?? {}) as Kept;
  const nowMs = Math.max(parts.now(), kept.seenMs ?? 0);
  // Left behind where the power went.
  for (const name of readdirSync(folder).filter((one) => one.startsWith(WORK)))
    rmSync(path.join(folder, name), { recursive: true, force: true });
  const work = mkdtempSync(path.join(folder, WORK));
  try {
    const texts: Texts = { ...kept, root: kept.root ?? (await firstRoot(parts, signal)) };
    for (const role of ROLES) {
      const text = texts[role];
      if (text !== undefined) writeFileSync(path.join(work, `${role}.json`), text);
    }
    // A first root that is none, or is not signed by its own keys, ends here: it is not pinned.
    const client = clientFor(parts, { work, metadataUrl, signal });
    try {
      return await verify(parts, client, { work, name, nowMs });
    } finally {
      writeJson(steps, file, { ...textsIn(work), seenMs: nowMs } satisfies Kept);
    }
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

interface Client {
  readonly updater: Updater;
  /** What it means that the updater failed. */
  readonly refusalOf: (error: unknown) => OtaRefused;
}

function clientFor(
  parts: TrustParts,
  where: { readonly work: string; readonly metadataUrl: string; readonly signal: AbortSignal },
): Client {
  let refused: OtaRefused | undefined;
  const downloadBytes = async (url: string, bytesMax: number): Promise<Buffer> => {
    try {
      return await metadataFile(parts, url, bytesMax, where.signal);
    } catch (error) {
      // tuf-js tells of some errors by their text only.
      if (error instanceof OtaRefused) refused = error;
      throw error;
    }
  };
  const options = {
    ...{ metadataDir: where.work, metadataBaseUrl: where.metadataUrl },
    config: {
      ...{ maxRootRotations: OTA_ROOTS_PER_REFRESH_MAX, rootMaxLength: OTA_ROOT_BYTES_MAX },
      ...{ timestampMaxLength: OTA_METADATA_BYTES_MAX, snapshotMaxLength: OTA_METADATA_BYTES_MAX },
      ...{ targetsMaxLength: OTA_METADATA_BYTES_MAX, maxDelegations: 0 },
    },
    fetcher: { downloadBytes, downloadFile: () => Promise.reject(new Error('packages come another way')) },
  };
  try {
    return { updater: new Updater(options), refusalOf: (error) => refused ?? refusalFor(error) };
  } catch (error) {
    throw refusalFor(error);
  }
}

async function verify(
  parts: TrustParts,
  { updater, refusalOf }: Client,
  { work, name, nowMs }: { readonly work: string; readonly name: string; readonly nowMs: number },
): Promise<TrustedTarget> {
  let target;
  try {
    await updater.refresh();
    target = await updater.getTargetInfo(name);
  } catch (error) {
    throw refusalOf(error);
  }
  checkTimes(textsIn(work), nowMs);
  if (target === undefined) throw new OtaRefused('target_missing', 'this vehicle’s targets do not have it');
  const { vehicleId, partNumber, version } = target.custom;
  if (vehicleId !== parts.vehicleId)
    throw new OtaRefused('metadata_other_vehicle', 'the target is for another vehicle');
  const sha256 = target.hashes['sha256'];
  if (sha256 === undefined || typeof partNumber !== 'string' || typeof version !== 'string')
    throw new OtaRefused('metadata_malformed', 'the target has no hash, part or version');
  return { length: target.length, sha256, partNumber, version };
}

/** Of another vehicle's files none gets as far as being kept, however new it is. */
async function metadataFile(
  { fetch, vehicleId, patience }: TrustParts,
  url: string,
  bytesMax: number,
  signal: AbortSignal,
): Promise<Buffer> {
  const got = await get(fetch, url, {}, { signal, bytesMax, patience });
  const isRoot = url.endsWith('.root.json');
  if (got.status !== 200) {
    const code = await codeOf(got);
    // How tuf-js knows that the root it has is the newest.
    if (isRoot && (got.status === 404 || got.status === 403)) throw new DownloadHTTPError(code, got.status);
    throw new OtaRefused('metadata_unavailable', code);
  }
  const bytes = await bytesOf(got, bytesMax);
  if (!isRoot && ownerOf(bytes) !== vehicleId)
    throw new OtaRefused('metadata_other_vehicle', 'the metadata are for another vehicle');
  return bytes;
}

function ownerOf(bytes: Buffer): unknown {
  try {
    const { signed } = JSON.parse(bytes.toString()) as { readonly signed: { readonly vehicleId: unknown } };
    return signed.vehicleId;
  } catch {
    throw new OtaRefused('metadata_malformed', 'it is no metadata');
  }
}

async function firstRoot({ fetch, rootUrl, patience }: TrustParts, signal: AbortSignal): Promise<string> {
  const got = await get(fetch, rootUrl, {}, { signal, bytesMax: OTA_ROOT_BYTES_MAX, patience });
  if (got.status !== 200) throw new OtaRefused('root_unavailable', `status ${got.status}`);
  return (await bytesOf(got, OTA_ROOT_BYTES_MAX)).toString();
}

/** By the vehicle's own time as well: tuf-js goes by the clock, which may have been set back. */
function checkTimes(texts: Texts, nowMs: number): void {
  for (const role of ROLES) {
    const { signed } = JSON.parse(texts[role] ?? '{"signed":{}}') as {
      readonly signed: { expires?: string };
    };
    if (!(Date.parse(signed.expires ?? '') > nowMs))
      throw new OtaRefused('metadata_expired', `${role}.json is expired`);
  }
}

function textsIn(folder: string): Texts {
  const texts: Texts = {};
  for (const role of ROLES) {
    try {
      texts[role] = readFileSync(path.join(folder, `${role}.json`), 'utf8');
    } catch (error) {
      if (systemErrorCode(error) !== 'ENOENT') throw error;
    }
  }
  return texts;
}

const BY_TEXT: readonly (readonly [RegExp, OtaRefusal])[] = [
  [/expired/, 'metadata_expired'],
  [/was signed by|failed to verify|no signature/, 'metadata_forged'],
  [/doesn't match timestamp|does not match snapshot|hash|length|Missing targets/i, 'metadata_mixed'],
  [/less than current version|Expected version|Missing file/, 'metadata_rolled_back'],
];

/** tuf-js has no codes: it wraps some errors in others, and only their sentences tell which it was. */
function refusalFor(error: unknown): OtaRefused {
  const text = String(error);
  // The sentence of the parser has a piece of what came in it.
  if (error instanceof SyntaxError) return new OtaRefused('metadata_malformed', text.slice(0, 200));
  const found = BY_TEXT.find(([pattern]) => pattern.test(text));
  return new OtaRefused(found?.[1] ?? 'metadata_malformed', text.slice(0, 200));
}
