// Packages and releases as they are asked for and shown.

import { z } from 'zod';
import {
  PACKAGE_BYTES_MAX,
  PACKAGE_NOTES_LENGTH_MAX,
  PACKAGE_PREFIXES_MAX,
  PACKAGE_REQUIRES_MAX,
  VEHICLE_ID_LENGTH_MAX,
} from '../../../config/limits.ts';
import {
  idText,
  listOf,
  storePageQuery,
  timeOf,
  timeText,
  wholeNumberText,
} from '../../../platform/http/schemas.ts';
import type { PackagesTable, ReleasesTable } from '../../../platform/store/tables/ota-tables.ts';
import { isVersion } from '../../entitlements/version.ts';
import { type Compatibility, readCompatibility } from '../../ota/compatibility.ts';
import { customer } from './parts.ts';

export const partNumberText = z
  .string()
  .regex(/^[A-Za-z0-9._-]{1,64}$/, 'must be 1 to 64 of the characters A-Z a-z 0-9 . _ -')
  .meta({ description: 'Software part number' });

export const versionText = z
  .string()
  .max(40)
  .refine(isVersion, 'must be 1 to 4 whole numbers with dots between, such as 1.4.0')
  .meta({ description: 'One to four whole numbers, compared as numbers' });

const compatibility = z
  .strictObject({
    vehicleIdPrefixes: z
      .array(z.string().regex(new RegExp(`^[A-Za-z0-9_-]{1,${VEHICLE_ID_LENGTH_MAX}}$`)))
      .max(PACKAGE_PREFIXES_MAX)
      .default([])
      .meta({ description: 'Beginnings of the ids of vehicles that it is made for; none: every vehicle' }),
    requires: z
      .array(z.strictObject({ partNumber: partNumberText, version: versionText }))
      .max(PACKAGE_REQUIRES_MAX)
      .default([])
      .meta({ description: 'What must be installed besides, in this version at least' }),
  })
  .meta({ id: 'PackageCompatibility' });

const notes = z.string().max(PACKAGE_NOTES_LENGTH_MAX);

export const newPackage = z
  .strictObject({
    partNumber: partNumberText,
    version: versionText,
    minVersionFrom: versionText.nullable().default(null).meta({
      description: 'What must be installed of this part before, at least; null: anything or nothing',
    }),
    compatibility: compatibility.prefault({}),
    notes: notes.default('').meta({ description: 'For people' }),
    customerId: idText.nullable().optional().meta({
      description:
        'Customer whose vehicles may have it; null: every vehicle. A customer’s own key need not say it',
    }),
  })
  .meta({ id: 'NewPackage' });

export const packageView = z
  .strictObject({
    id: z.string(),
    customerId: customer,
    partNumber: z.string(),
    version: z.string(),
    minVersionFrom: z.string().nullable(),
    compatibility,
    notes,
    state: z.enum(['awaiting_content', 'ready']),
    length: z.int().nullable().meta({ description: 'Bytes of the content; null while it is awaited' }),
    sha256: z.string().nullable().meta({ description: 'Of the content, hex' }),
    receivedBytes: z.int().meta({ description: 'Bytes that came so far: where the next piece begins' }),
    createdAt: timeText,
    contentAt: timeText.nullable(),
  })
  .meta({ id: 'Package' });

export const packageList = listOf(packageView).meta({ id: 'PackageList' });

export const packageFilters = z.strictObject({
  ...storePageQuery,
  partNumber: partNumberText.optional(),
  customerId: idText.optional(),
});

export const contentQuery = z.strictObject({
  offset: wholeNumberText(0, PACKAGE_BYTES_MAX)
    .default(0)
    .meta({ description: 'Where in the content this piece begins: receivedBytes, or 0 to begin anew' }),
  more: z
    .enum(['true', 'false'])
    .default('false')
    .transform((text) => text === 'true')
    .meta({ description: 'Whether more pieces come' }),
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/, 'must be 64 hex digits in lower case')
    .optional()
    .meta({ description: 'What the whole content must have; with the last piece' }),
});

export function viewOfPackage(row: PackagesTable, receivedBytes: number): z.input<typeof packageView> {
  const { vehicleIdPrefixes, requires }: Compatibility = readCompatibility(row.compatibility);
  return {
    id: row.id,
    customerId: row.customer_id,
    partNumber: row.part_number,
    version: row.version,
    minVersionFrom: row.min_version_from,
    compatibility: { vehicleIdPrefixes: [...vehicleIdPrefixes], requires: [...requires] },
    notes: row.notes,
    state: row.state,
    length: row.length,
    sha256: row.sha256,
    receivedBytes: row.length ?? receivedBytes,
    createdAt: timeOf(row.created_at),
    contentAt: timeOf(row.content_at),
  };
}

const sharePercent = z.int().min(1).max(100).meta({
  description: 'Of the entitled vehicles, how many get it, in percent: always the same ones, and more later',
});

export const newRelease = z
  .strictObject({
    packageId: idText,
    state: z.enum(['draft', 'active']).default('draft'),
    sharePercent: sharePercent.default(100),
  })
  .meta({ id: 'NewRelease' });

export const releaseChange = z.strictObject({ sharePercent }).meta({ id: 'ReleaseChange' });

export const releaseView = z
  .strictObject({
    id: z.string(),
    customerId: customer,
    packageId: z.string(),
    partNumber: z.string(),
    state: z.enum(['draft', 'active', 'paused', 'aborted']),
    sharePercent,
    createdAt: timeText,
    changedAt: timeText,
  })
  .meta({ id: 'Release' });

export const releaseList = listOf(releaseView).meta({ id: 'ReleaseList' });

export const releaseFilters = z.strictObject({
  ...storePageQuery,
  partNumber: partNumberText.optional(),
  packageId: idText.optional(),
  state: z.enum(['draft', 'active', 'paused', 'aborted']).optional(),
});

export function viewOfRelease(row: ReleasesTable): z.input<typeof releaseView> {
  return {
    id: row.id,
    customerId: row.customer_id,
    packageId: row.package_id,
    partNumber: row.part_number,
    state: row.state,
    sharePercent: row.share_percent,
    createdAt: timeOf(row.created_at),
    changedAt: timeOf(row.changed_at),
  };
}
