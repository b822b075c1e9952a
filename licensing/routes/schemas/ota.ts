// What vehicles ask of over-the-air updates, and what is shown of that.

import { z } from 'zod';
import { idText, listOf, storePageQuery, timeOf, timeText } from '../../../platform/http/schemas.ts';
import type {
  OtaRequestsTable,
  VehicleInstallsTable,
  VehiclePartsTable,
} from '../../../platform/store/tables/ota-tables.ts';
import { partNumberText } from './package.ts';
import { customer, vehicleIdText } from './parts.ts';

/** Read strictly, by its bytes, where its signature is checked. */
export const signedBody = z
  .looseObject({
    v: z.literal(1),
    typ: z.literal('package_wanted'),
    certID: z.string(),
    vin: z.string(),
    at: z.int(),
    requestId: z.string(),
    partNumber: z.string(),
    version: z.string(),
    installedVersion: z.string().nullable(),
    sig: z.string(),
  })
  .meta({ id: 'PackageWanted', description: 'Signed JSON of the vehicle' });

export const offerView = z
  .looseObject({
    v: z.literal(1),
    typ: z.literal('package_offer'),
    vin: z.string(),
    requestId: z.string(),
    ok: z.boolean(),
    reason: z.string().nullable().meta({ description: 'Why there is none; null where there is' }),
    metadataUrl: z.string().nullable(),
    targetName: z.string().nullable(),
    url: z.string().nullable(),
    expiresAt: z.int().nullable().meta({ description: 'Seconds since 1970' }),
    sig: z.string(),
  })
  .meta({ id: 'PackageOffer', description: 'Signed JSON of the cloud' });

export const repositoryFileParams = z.strictObject({
  token: z.string().min(1).max(100).meta({ description: 'Of the address that the vehicle was given' }),
  file: z.string().regex(/^[A-Za-z0-9._-]{1,100}$/, 'must be the name of a file'),
});

export const otaRequestView = z
  .strictObject({
    id: z.string(),
    customerId: customer,
    vehicleId: z.string(),
    certificateId: z.string(),
    requestId: z.string().meta({ description: 'The vehicle’s own name of it' }),
    grantId: z.string().nullable(),
    partNumber: z.string(),
    wantedVersion: z.string(),
    installedVersion: z.string().nullable(),
    entitlementId: z.string().nullable(),
    packageId: z.string().nullable(),
    releaseId: z.string().nullable(),
    state: z.enum(['offered', 'refused']),
    reason: z.string().nullable(),
    urlExpiresAt: timeText.nullable(),
    downloadedAt: timeText.nullable(),
    installedAt: timeText.nullable(),
    vehicleReason: z
      .string()
      .nullable()
      .meta({ description: 'Why the vehicle did not take what it was offered, as it says itself' }),
    vehicleRefusedAt: timeText.nullable(),
    createdAt: timeText,
  })
  .meta({ id: 'OtaRequest' });

export const otaRequestList = listOf(otaRequestView).meta({ id: 'OtaRequestList' });

export const otaRequestFilters = z.strictObject({
  ...storePageQuery,
  vehicleId: vehicleIdText.optional(),
  partNumber: partNumberText.optional(),
  entitlementId: idText.optional(),
  releaseId: idText.optional().meta({ description: 'What was offered by this release' }),
});

export const softwareView = z
  .strictObject({
    vehicleId: z.string(),
    counter: z.int().nullable().meta({ description: 'Of its last report; null where there was none' }),
    reportedAt: timeText.nullable(),
    installed: z.array(z.strictObject({ partNumber: z.string(), version: z.string(), since: timeText })),
  })
  .meta({ id: 'VehicleSoftware' });

export const installView = z
  .strictObject({
    id: z.string(),
    vehicleId: z.string(),
    partNumber: z.string(),
    versionBefore: z.string().nullable(),
    version: z.string().nullable().meta({ description: 'null: it is there no more' }),
    reportedAt: timeText,
  })
  .meta({ id: 'VehicleInstall' });

export const installList = listOf(installView).meta({ id: 'VehicleInstallList' });

export const installFilters = z.strictObject(storePageQuery);

export function viewOfOtaRequest(row: OtaRequestsTable): z.input<typeof otaRequestView> {
  return {
    id: row.id,
    customerId: row.customer_id,
    vehicleId: row.vehicle_id,
    certificateId: row.certificate_id,
    requestId: row.request_id,
    grantId: row.grant_id,
    partNumber: row.part_number,
    wantedVersion: row.wanted_version,
    installedVersion: row.installed_version,
    entitlementId: row.entitlement_id,
    packageId: row.package_id,
    releaseId: row.release_id,
    state: row.state,
    reason: row.reason,
    urlExpiresAt: timeOf(row.url_expires_at),
    downloadedAt: timeOf(row.downloaded_at),
    installedAt: timeOf(row.installed_at),
    vehicleReason: row.vehicle_reason,
    vehicleRefusedAt: timeOf(row.vehicle_refused_at),
    createdAt: timeOf(row.created_at),
  };
}

export function viewOfPart(row: VehiclePartsTable): z.input<typeof softwareView>['installed'][number] {
  return { partNumber: row.part_number, version: row.version, since: timeOf(row.reported_at) };
}

export function viewOfInstall(row: VehicleInstallsTable): z.input<typeof installView> {
  return {
    id: row.id,
    vehicleId: row.vehicle_id,
    partNumber: row.part_number,
    versionBefore: row.version_before,
    version: row.version,
    reportedAt: timeOf(row.reported_at),
  };
}
