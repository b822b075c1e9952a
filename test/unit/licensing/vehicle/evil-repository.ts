// A repository as the server makes it, whose every file a test may exchange: what a man in the middle, or somebody with
// some of the keys, can do to a vehicle. It answers without a network.

import { createHash, createPrivateKey, randomBytes, sign } from 'node:crypto';
import { canonicalJson } from '../../../../licensing/grants/format/jcs.ts';
import {
  makeRoot,
  makeSnapshot,
  makeTargets,
  makeTimestamp,
  makeTufKey,
  type RootFacts,
  type TargetFacts,
  type TufKey,
  type TufRole,
} from '../../../../licensing/ota/tuf-metadata.ts';
import type { PackageOffer } from '../../../../licensing/vehicle/ota-port.ts';
import type { Fetch } from '../../../../licensing/vehicle/ota/fetch-file.ts';

export const ROOT_URL = 'https://cloud.example/v1/ota/root.json';
const BASE = 'https://cloud.example/v1/ota/repositories/ota_token';
const HOUR_MS = 3_600_000;

export const PART = 'adas.lane';

type OnlineRole = Exclude<TufRole, 'root'>;

/** What is signed, and with which keys: everything may be given otherwise than it should be. */
export interface Publication {
  readonly content: Buffer;
  readonly version?: string;
  readonly vehicleId?: string;
  readonly partNumber?: string;
  /** Of the metadata, each … */
  readonly metadataVersion?: number;
  readonly expiresMs?: number;
  /** … but of these. */
  readonly versions?: Partial<Record<OnlineRole, number>>;
  readonly expires?: Partial<Record<OnlineRole, number>>;
  readonly keys?: Partial<Record<TufRole, TufKey>>;
  readonly targets?: Partial<TargetFacts>;
  /** What is signed of a role is changed by this first. */
  readonly changes?: Partial<Record<OnlineRole, (signed: Signed) => void>>;
}

export type Signed = Record<string, unknown>;

/** The same, or what `change` makes of it, signed anew by these. */
export function resigned(
  body: string,
  signers: readonly TufKey[],
  change: (signed: Signed) => void = () => undefined,
): string {
  const { signed } = JSON.parse(body) as { signed: Signed };
  change(signed);
  const signatures = signers.map(({ id, pkcs8 }) => {
    const key = createPrivateKey({ key: Buffer.from(pkcs8), format: 'der', type: 'pkcs8' });
    return { keyid: id, sig: sign(null, Buffer.from(canonicalJson(signed)), key).toString('hex') };
  });
  return JSON.stringify({ signatures, signed });
}

export class EvilRepository {
  readonly vehicleId: string;
  readonly rootKeys = [makeTufKey(), makeTufKey(), makeTufKey()];
  keys: Readonly<Record<'targets' | 'snapshot' | 'timestamp', TufKey>> = {
    targets: makeTufKey(),
    snapshot: makeTufKey(),
    timestamp: makeTufKey(),
  };
  /** Path below the metadata -> what comes. */
  readonly files = new Map<string, string>();
  content: Buffer = Buffer.alloc(0);
  /** What was asked for, in order, with the range. */
  readonly asked: string[] = [];
  /** Answers instead of the repository where it gives one. */
  instead: Fetch | undefined;

  constructor(vehicleId: string) {
    this.vehicleId = vehicleId;
    this.files.set('1.root.json', this.root(1, this.rootKeys.slice(0, 2)));
  }

  /** `differs`: keys and thresholds of roles. */
  root(
    version: number,
    signers: readonly TufKey[],
    expiresMs = Date.now() + 1000 * HOUR_MS,
    differs: Partial<RootFacts['roles']> = {},
  ): string {
    const one = (key: TufKey) => ({ keys: [key], threshold: 1 });
    const { targets, snapshot, timestamp } = this.keys;
    const roles = {
      root: { keys: this.rootKeys, threshold: 2 },
      ...{ targets: one(targets), snapshot: one(snapshot), timestamp: one(timestamp) },
      ...differs,
    };
    return makeRoot({ version, expiresMs, roles }, signers);
  }

  /** Signs what the vehicle may install, and puts it where the vehicle looks. */
  publish(publication: Publication): void {
    const { content, metadataVersion: version = 1, expiresMs = Date.now() + HOUR_MS } = publication;
    const about = (role: OnlineRole) => ({
      vehicleId: publication.vehicleId ?? this.vehicleId,
      version: publication.versions?.[role] ?? version,
      expiresMs: publication.expires?.[role] ?? expiresMs,
    });
    const [ofTargets, ofSnapshot] = [about('targets'), about('snapshot')];
    const keys = { ...this.keys, ...publication.keys };
    const target: TargetFacts = {
      name: 'pkg_1',
      length: content.length,
      sha256: createHash('sha256').update(content).digest('hex'),
      partNumber: publication.partNumber ?? PART,
      version: publication.version ?? '1.4.0',
      ...publication.targets,
    };
    const changed = (role: OnlineRole, body: string): string => {
      const change = publication.changes?.[role];
      return change === undefined ? body : resigned(body, [keys[role]], change);
    };
    const targets = changed('targets', makeTargets(ofTargets, [target], [keys.targets]));
    const snapshot = changed(
      'snapshot',
      makeSnapshot(ofSnapshot, { ...ofTargets, body: targets }, [keys.snapshot]),
    );
    const timestamp = changed(
      'timestamp',
      makeTimestamp(about('timestamp'), { ...ofSnapshot, body: snapshot }, [keys.timestamp]),
    );
    this.files.set(`${ofTargets.version}.targets.json`, targets);
    this.files.set(`${ofSnapshot.version}.snapshot.json`, snapshot);
    this.files.set('timestamp.json', timestamp);
    this.content = content;
  }

  get offer(): PackageOffer {
    return {
      ...{ partNumber: PART, version: '1.0', versionRule: 'at_least', installedVersion: null },
      ...{
        metadataUrl: `${BASE}/metadata`,
        targetName: 'pkg_1',
        url: `${BASE}/targets/x.pkg_1`,
        expiresAt: 0,
      },
    };
  }

  readonly fetch: Fetch = async (url, init) => {
    const headers = new Headers(init.headers);
    this.asked.push(`${url.split('/').at(-1)} ${headers.get('range') ?? ''}`.trim());
    const given = await this.instead?.(url, init);
    if (given !== undefined && given.status !== 418) return given;
    if (url === ROOT_URL) return new Response(this.files.get('1.root.json'));
    if (url.startsWith(`${BASE}/targets/`)) return rangeOf(this.content, headers.get('range'));
    const file = this.files.get(url.slice(`${BASE}/metadata/`.length));
    return file === undefined ? new Response('{}', { status: 404 }) : new Response(file);
  };
}

/** What `instead` gives to let the repository answer. */
export const AS_USUAL = (): Response => new Response(null, { status: 418 });

export function content(bytes = 100_000): Buffer {
  return randomBytes(bytes);
}

function rangeOf(bytes: Buffer, range: string | null): Response {
  const from = Number(/^bytes=(\d+)-$/.exec(range ?? '')?.[1] ?? -1);
  if (from < 0) return new Response(new Uint8Array(bytes));
  const headers = { 'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}` };
  return new Response(new Uint8Array(bytes.subarray(from)), { status: 206, headers });
}
