// What vehicles say to have installed, by their signed reports: what the cloud goes by, not by what it has sent. A report
// whose counter is not above the last one is a copy, or comes from storage that was put back, and changes nothing.

import { newId } from '../../platform/store/id.ts';
import type { Kysely, Transaction } from '../../platform/store/sql.ts';
import type { Tables } from '../../platform/store/tables.ts';
import type { InstalledParts } from './compatibility.ts';
import type { VehicleState } from './documents.ts';
import { noteRefused, type RefusedOffer } from './refused-offers.ts';

export type Taken =
  | {
      readonly ok: true;
      readonly changes: readonly InstallChange[];
      /** Of what it did not take, what is told for the first time. */
      readonly refused: readonly RefusedOffer[];
    }
  | { readonly ok: false; readonly reason: 'counter_not_above'; readonly counter: number };

export interface InstallChange {
  readonly partNumber: string;
  readonly versionBefore: string | null;
  readonly version: string | null;
}

/** What a vehicle says of the grants that it has. */
export interface Held {
  readonly vehicleId: string;
  readonly counter: number;
  /** The newest grant of each part that it relies on; undefined where it does not say. */
  readonly rights: readonly { readonly partNumber: string; readonly seq: number }[] | undefined;
  /** It has said so before with a greater counter. */
  readonly isBehind: boolean;
  /** When it came, ms, not when it could be worked on: receipts that came behind it may have overtaken it. */
  readonly heardMs: number;
}

export async function takeManifest(
  tx: Transaction<Tables>,
  { vin, certID, installed, refused: said = [], counter }: VehicleState,
  nowMs: number,
): Promise<Taken> {
  const first = { vehicle_id: vin, counter: -1, certificate_id: certID, reported_at: nowMs };
  await tx
    .insertInto('vehicle_manifests')
    .values(first)
    .onConflict((conflict) => conflict.column('vehicle_id').doNothing())
    .execute();
  const { numUpdatedRows } = await tx
    .updateTable('vehicle_manifests')
    .set({ counter, certificate_id: certID, reported_at: nowMs })
    .where('vehicle_id', '=', vin)
    .where('counter', '<', counter)
    .executeTakeFirst();
  if (numUpdatedRows === 0n) {
    const row = await tx
      .selectFrom('vehicle_manifests')
      .select('counter')
      .where('vehicle_id', '=', vin)
      .executeTakeFirstOrThrow();
    return { ok: false, reason: 'counter_not_above', counter: row.counter };
  }
  const refused = await noteRefused(tx, vin, said, nowMs);
  const before = await installedParts(tx, vin);
  const now = new Map(installed.map(({ partNumber, version }) => [partNumber, version]));
  const changes = [...new Set([...before.keys(), ...now.keys()])].flatMap((partNumber): InstallChange[] => {
    const [versionBefore, version] = [before.get(partNumber) ?? null, now.get(partNumber) ?? null];
    return version === versionBefore ? [] : [{ partNumber, versionBefore, version }];
  });
  if (changes.length === 0) return { ok: true, changes, refused };
  await tx.deleteFrom('vehicle_parts').where('vehicle_id', '=', vin).execute();
  const parts = [...now].map(([partNumber, version]) => ({
    ...{ vehicle_id: vin, part_number: partNumber, version, reported_at: nowMs },
  }));
  if (parts.length > 0) await tx.insertInto('vehicle_parts').values(parts).execute();
  const installs = changes.map(({ partNumber, versionBefore, version }) => ({
    ...{ id: newId('ins'), vehicle_id: vin, part_number: partNumber },
    ...{ version_before: versionBefore, version, reported_at: nowMs },
  }));
  await tx.insertInto('vehicle_installs').values(installs).execute();
  for (const { partNumber, version } of changes) await noteInstalled(tx, vin, partNumber, version, nowMs);
  return { ok: true, changes, refused };
}

export async function installedParts(
  db: Pick<Kysely<Tables>, 'selectFrom'>,
  vehicleId: string,
): Promise<InstalledParts> {
  const rows = await db
    .selectFrom('vehicle_parts')
    .select(['part_number', 'version'])
    .where('vehicle_id', '=', vehicleId)
    .execute();
  return new Map(rows.map((row) => [row.part_number, row.version]));
}

/** The offer that led to it, for the order’s timeline. */
async function noteInstalled(
  tx: Transaction<Tables>,
  vehicleId: string,
  partNumber: string,
  version: string | null,
  nowMs: number,
): Promise<void> {
  const request = await tx
    .selectFrom('ota_requests')
    .innerJoin('packages', 'packages.id', 'ota_requests.package_id')
    .select(['ota_requests.id', 'packages.version'])
    .where('ota_requests.vehicle_id', '=', vehicleId)
    .where('ota_requests.part_number', '=', partNumber)
    .where('ota_requests.installed_at', 'is', null)
    .orderBy('ota_requests.id', 'desc')
    .executeTakeFirst();
  if (request === undefined || request.version !== version) return;
  await tx.updateTable('ota_requests').set({ installed_at: nowMs }).where('id', '=', request.id).execute();
}
