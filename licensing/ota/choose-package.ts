// Which package a vehicle gets for its right to a part, or why none: of those that are released and fit, the newest.

import { createHash } from 'node:crypto';
import type { Kysely } from '../../platform/store/sql.ts';
import type { Tables } from '../../platform/store/tables.ts';
import type { PackagesTable, ReleasesTable } from '../../platform/store/tables/ota-tables.ts';
import { compareVersions, satisfies } from '../entitlements/version.ts';
import { type InstalledParts, misfitOf, MISFITS, readCompatibility } from './compatibility.ts';

/** In the order in which it is looked at: where several hold, the first is told. */
export const NO_PACKAGE = [
  'no_package',
  'version_not_of_right',
  'already_installed',
  'older_than_installed',
  'base_version_too_old',
  ...MISFITS,
  'release_paused',
  'not_in_share',
] as const;

export type NoPackage = (typeof NO_PACKAGE)[number];

export interface Wish {
  readonly vehicleId: string;
  /** Whose the vehicle is: it gets its own customer’s packages, and the operator’s. */
  readonly customerId: string | null;
  readonly partNumber: string;
  readonly version: string;
  readonly versionRule: 'at_least' | 'exact';
  /** What runs now; null where nothing does. */
  readonly installedVersion: string | null;
  readonly installed: InstalledParts;
}

export interface Candidate {
  readonly packageRow: PackagesTable;
  readonly release: ReleasesTable;
}

export type Choice =
  | { readonly ok: true; readonly candidate: Candidate }
  /** Of several reasons that of the newest package. */
  | { readonly ok: false; readonly reason: NoPackage };

export async function candidatesFor(
  db: Kysely<Tables>,
  { customerId, partNumber }: Pick<Wish, 'customerId' | 'partNumber'>,
): Promise<Candidate[]> {
  const releases = await db
    .selectFrom('releases')
    .selectAll()
    .where('part_number', '=', partNumber)
    .where('state', 'in', ['active', 'paused'])
    .where((one) => one.or([one('customer_id', 'is', null), one('customer_id', '=', customerId)]))
    .execute();
  if (releases.length === 0) return [];
  const ids = releases.map(({ package_id }) => package_id);
  const packages = await db.selectFrom('packages').selectAll().where('id', 'in', ids).execute();
  const byId = new Map(packages.map((row) => [row.id, row]));
  return releases.map((release) => ({ release, packageRow: byId.get(release.package_id)! }));
}

export function choosePackage(wish: Wish, candidates: readonly Candidate[]): Choice {
  const newestFirst = candidates.toSorted((a, b) =>
    compareVersions(b.packageRow.version, a.packageRow.version),
  );
  let reason: NoPackage | undefined;
  for (const candidate of newestFirst) {
    const unfit = unfitOf(wish, candidate);
    if (unfit === undefined) return { ok: true, candidate };
    reason ??= unfit;
  }
  return { ok: false, reason: reason ?? 'no_package' };
}

function unfitOf(wish: Wish, { packageRow, release }: Candidate): NoPackage | undefined {
  const { installedVersion } = wish;
  if (!satisfies(packageRow.version, wish)) return 'version_not_of_right';
  if (installedVersion !== null) {
    const step = compareVersions(packageRow.version, installedVersion);
    if (step === 0) return 'already_installed';
    if (step < 0) return 'older_than_installed';
  }
  const from = packageRow.min_version_from;
  if (from !== null && (installedVersion === null || compareVersions(installedVersion, from) < 0))
    return 'base_version_too_old';
  const misfit = misfitOf(readCompatibility(packageRow.compatibility), wish.vehicleId, wish.installed);
  if (misfit !== undefined) return misfit;
  if (release.state !== 'active') return 'release_paused';
  return isInShare(release, wish.vehicleId) ? undefined : 'not_in_share';
}

/** The same vehicles at every question, and the same ones and more where the share grows. */
export function isInShare(
  { id, share_percent: percent }: Pick<ReleasesTable, 'id' | 'share_percent'>,
  vehicleId: string,
): boolean {
  const draw = createHash('sha256').update(`${id} ${vehicleId}`).digest().readUInt32BE(0);
  return draw % 100 < percent;
}
