// Timestamp, snapshot and targets of each vehicle: made anew where what it may install has changed, a key was rotated, or
// one of them has used up half of its time. Versions only rise, as the store has them. A file that is there never
// changes, but the timestamp, which is always the newest.

import { OTA_METADATA_VERSIONS_KEPT, OTA_TARGETS_MS, OTA_TIMESTAMP_MS } from '../../config/limits.ts';
import type { Transaction } from '../../platform/store/sql.ts';
import type { Store } from '../../platform/store/store.ts';
import type { Tables } from '../../platform/store/tables.ts';
import type { OtaMetadataTable } from '../../platform/store/tables/ota-tables.ts';
import type { CurrentKeys, OnlineRole } from './ota-keys.ts';
import {
  type About,
  makeSnapshot,
  makeTargets,
  makeTimestamp,
  signersOf,
  type TargetFacts,
  type TufKey,
} from './tuf-metadata.ts';

const LASTS_MS = {
  targets: OTA_TARGETS_MS,
  snapshot: OTA_TARGETS_MS,
  timestamp: OTA_TIMESTAMP_MS,
} as const satisfies Record<OnlineRole, number>;

/** Brings a vehicle's metadata up to date, in one transaction: of two at a time the second finds nothing to do. */
export async function refreshMetadata(
  store: Store,
  vehicleId: string,
  wanted: readonly TargetFacts[],
  keys: CurrentKeys,
  nowMs: number,
): Promise<void> {
  if (await isFresh(store, vehicleId, wanted, keys, nowMs)) return;
  await store.write(async (tx) => {
    // Locks: versions of one vehicle are given out one after the other.
    await tx.updateTable('vehicles').set({ id: vehicleId }).where('id', '=', vehicleId).execute();
    const rows = await newestRows(tx, vehicleId);
    const write = async (role: OnlineRole, make: (about: About) => string): Promise<OtaMetadataTable> => {
      const version = (rows.get(role)?.version ?? 0) + 1;
      const expiresMs = nowMs + LASTS_MS[role];
      const body = make({ vehicleId, version, expiresMs });
      const row = { vehicle_id: vehicleId, role, version, body, expires_at: expiresMs, created_at: nowMs };
      await tx.insertInto('ota_metadata').values(row).execute();
      await tx
        .deleteFrom('ota_metadata')
        .where('vehicle_id', '=', vehicleId)
        .where('role', '=', role)
        .where('version', '<=', version - OTA_METADATA_VERSIONS_KEPT)
        .execute();
      return row;
    };
    let targets = rows.get('targets');
    const areTargetsGood = isGood(targets, keys.targets, nowMs) && isOf(targets, wanted);
    if (!areTargetsGood)
      targets = await write('targets', (about) => makeTargets(about, wanted, [keys.targets]));
    let snapshot = rows.get('snapshot');
    const isSnapshotGood = areTargetsGood && isGood(snapshot, keys.snapshot, nowMs);
    if (!isSnapshotGood)
      snapshot = await write('snapshot', (about) => makeSnapshot(about, targets!, [keys.snapshot]));
    if (!isSnapshotGood || !isGood(rows.get('timestamp'), keys.timestamp, nowMs))
      await write('timestamp', (about) => makeTimestamp(about, snapshot!, [keys.timestamp]));
  });
}

/** By the name under which a client asks for it: `timestamp.json`, `3.snapshot.json`, `2.targets.json`. */
export async function metadataFile(
  store: Store,
  vehicleId: string,
  name: string,
): Promise<string | undefined> {
  const [, version, role] = /^(?:(\d{1,9})\.)?(timestamp|snapshot|targets)\.json$/.exec(name) ?? [];
  // Consistent snapshots: the timestamp is the only one without a version.
  if (role === undefined || (role === 'timestamp') !== (version === undefined)) return undefined;
  let rows = store.db.selectFrom('ota_metadata').select('body').where('vehicle_id', '=', vehicleId);
  rows = rows
    .where('role', '=', role as OnlineRole)
    .orderBy('version', 'desc')
    .limit(1);
  if (version !== undefined) rows = rows.where('version', '=', Number(version));
  return (await rows.executeTakeFirst())?.body;
}

async function isFresh(
  store: Store,
  vehicleId: string,
  wanted: readonly TargetFacts[],
  keys: CurrentKeys,
  nowMs: number,
): Promise<boolean> {
  const rows = await newestRows(store.db, vehicleId);
  const areGood = (['targets', 'snapshot', 'timestamp'] as const).every((role) =>
    isGood(rows.get(role), keys[role], nowMs),
  );
  return areGood && isOf(rows.get('targets'), wanted);
}

async function newestRows(
  db: Pick<Transaction<Tables>, 'selectFrom'>,
  vehicleId: string,
): Promise<Map<OnlineRole, OtaMetadataTable>> {
  const rows = await db
    .selectFrom('ota_metadata')
    .selectAll()
    .where('vehicle_id', '=', vehicleId)
    .orderBy('version', 'asc')
    .execute();
  return new Map(rows.map((row) => [row.role, row]));
}

/** Has half of its time left, and is signed by the key that signs now. */
function isGood(row: OtaMetadataTable | undefined, key: TufKey, nowMs: number): row is OtaMetadataTable {
  if (row === undefined || row.expires_at - nowMs < LASTS_MS[row.role] / 2) return false;
  return signersOf(row.body).includes(key.id);
}

function isOf(row: OtaMetadataTable | undefined, wanted: readonly TargetFacts[]): boolean {
  if (row === undefined) return false;
  const { signed } = JSON.parse(row.body) as { readonly signed: { readonly targets: TargetsText } };
  const names = Object.keys(signed.targets);
  if (names.length !== wanted.length) return false;
  return wanted.every(({ name, sha256, length }) => {
    const target = signed.targets[name];
    return target?.hashes.sha256 === sha256 && target.length === length;
  });
}

type TargetsText = Readonly<
  Record<string, { readonly hashes: { readonly sha256: string }; readonly length: number }>
>;
