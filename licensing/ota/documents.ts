// What vehicles send to have a package, and what they say to have installed. All signed by the vehicle's key.

import { z } from 'zod';
import { OTA_MANIFEST_PARTS_MAX } from '../../config/limits.ts';
import { isVersion } from '../entitlements/version.ts';
import { partNumberForm, UPLINK_HEAD } from '../grants/format/documents.ts';

const text = z.string().min(1).max(200);
const version = z.string().max(40).refine(isVersion);

/** Up: `ota`, or POST /v1/ota/requests. */
export const packageWanted = z.looseObject({
  ...UPLINK_HEAD,
  typ: z.literal('package_wanted'),
  requestId: text,
  partNumber: partNumberForm,
  version,
  installedVersion: version.nullable(),
  grantId: text.nullable().optional(),
});
export type PackageWanted = z.infer<typeof packageWanted>;

/** Up: `state`. */
export const vehicleState = z.looseObject({
  ...UPLINK_HEAD,
  typ: z.literal('state'),
  installed: z.array(z.looseObject({ partNumber: partNumberForm, version })).max(OTA_MANIFEST_PARTS_MAX),
  /** The newest grant of each part that it relies on. */
  rights: z
    .array(z.looseObject({ partNumber: partNumberForm, seq: z.int().min(1) }))
    .max(OTA_MANIFEST_PARTS_MAX)
    .optional(),
  /** What it was offered and did not take: the last of each part. */
  refused: z
    .array(z.looseObject({ partNumber: partNumberForm, requestId: text, reason: text }))
    .max(OTA_MANIFEST_PARTS_MAX)
    .optional(),
  /** How far its clock is behind the latest time that it has seen; left out where it is not. */
  clockBehindS: z.int().min(0).optional(),
  counter: z.int().min(0),
});
export type VehicleState = z.infer<typeof vehicleState>;

/** The header `vehicle-proof` of a download, as base64url: whoever has the address only has nothing. */
export const packageFetch = z.looseObject({
  ...UPLINK_HEAD,
  typ: z.literal('package_fetch'),
  token: text,
});

/** Down: `ota`, signed by the grant key of the vehicle's algorithm. */
export interface PackageOffer {
  readonly v: 1;
  readonly typ: 'package_offer';
  readonly vin: string;
  readonly requestId: string;
  readonly ok: boolean;
  /** Why not; null where it is offered. */
  readonly reason: string | null;
  readonly metadataUrl: string | null;
  readonly targetName: string | null;
  readonly url: string | null;
  /** Seconds since 1970. */
  readonly expiresAt: number | null;
}
