// Licence grants and the keys that sign them, as they are asked for and shown: never what is inside a grant.

import { z } from 'zod';
import { idText, listOf, storePageQuery, timeOf, timeText } from '../../../platform/http/schemas.ts';
import type { GrantsTable, SigningKeysTable } from '../../../platform/store/tables/grant-tables.ts';
import { SIGNING_PURPOSES } from '../../grants/signing-keys.ts';
import { customer, keyAlgorithm, vehicleIdText } from './parts.ts';

const GRANT_STATES = [
  'numbered',
  'made',
  'sent',
  'received',
  'activated',
  'deactivated',
  'refused',
  'superseded',
] as const satisfies readonly GrantsTable['state'][];

export const grantView = z
  .strictObject({
    id: z.string(),
    customerId: customer,
    vehicleId: z.string(),
    partNumber: z.string(),
    seq: z.int().meta({ description: 'Grows by one with each grant of the same vehicle and part' }),
    entitlementId: z.string(),
    revision: z.int().meta({ description: 'Of the entitlement, that this grant says everything of' }),
    certificateId: z.string().meta({ description: 'For whose key it is encrypted' }),
    right: z.enum(['active', 'revoked']).meta({ description: 'revoked: it takes the function away' }),
    version: z.string(),
    state: z.enum(GRANT_STATES).meta({
      description:
        'numbered: not made yet · sent: no receipt yet · received: stored in the vehicle, activated later · superseded: a later one counts',
    }),
    receipt: z
      .strictObject({
        result: z.string(),
        reason: z.string().nullable(),
        installedVersion: z.string().nullable(),
        at: timeText,
      })
      .nullable()
      .meta({ description: 'What the vehicle said last, signed' }),
    sentAt: timeText.nullable(),
    createdAt: timeText,
  })
  .meta({ id: 'Grant' });

export const grantList = listOf(grantView).meta({ id: 'GrantList' });

export const grantFilters = z.strictObject({
  ...storePageQuery,
  vehicleId: vehicleIdText.optional(),
  entitlementId: idText.optional(),
  state: z.enum(GRANT_STATES).optional(),
});

export function viewOfGrant(row: GrantsTable): z.input<typeof grantView> {
  return {
    id: row.id,
    customerId: row.customer_id,
    vehicleId: row.vehicle_id,
    partNumber: row.part_number,
    seq: row.seq,
    entitlementId: row.entitlement_id,
    revision: row.revision,
    certificateId: row.certificate_id,
    right: row.right_state,
    version: row.version,
    state: row.state,
    receipt:
      row.receipt_result === null
        ? null
        : {
            result: row.receipt_result,
            reason: row.receipt_reason,
            installedVersion: row.installed_version,
            at: timeOf(row.receipted_at ?? row.created_at),
          },
    sentAt: timeOf(row.sent_at),
    createdAt: timeOf(row.created_at),
  };
}

export const signingKeyView = z
  .strictObject({
    id: z.string().meta({ description: 'The kid in what it signs' }),
    purpose: z.enum(SIGNING_PURPOSES),
    algorithm: z.enum(['es256', 'sm2']),
    spki: z.string().meta({ description: 'SubjectPublicKeyInfo, DER, base64url' }),
    createdAt: timeText,
    retiredAt: timeText.nullable().meta({ description: 'From when on vehicles trust it no more' }),
  })
  .meta({ id: 'SigningKey' });

export const signingKeyList = listOf(signingKeyView).meta({ id: 'SigningKeyList' });

export const rotation = z
  .strictObject({
    purpose: z.enum(SIGNING_PURPOSES),
    algorithm: keyAlgorithm.meta({ description: 'Of the vehicles that it signs for' }),
    isCompromised: z
      .boolean()
      .default(false)
      .meta({ description: 'True where the old key was given away: vehicles trust it no more at once' }),
  })
  .meta({ id: 'SigningKeyRotation' });

export function viewOfSigningKey(row: SigningKeysTable): z.input<typeof signingKeyView> {
  return {
    id: row.id,
    purpose: row.purpose,
    algorithm: row.algorithm,
    spki: row.spki,
    createdAt: timeOf(row.created_at),
    retiredAt: timeOf(row.retired_at),
  };
}
