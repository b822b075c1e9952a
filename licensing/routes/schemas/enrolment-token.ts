// Enrolment tokens as they are asked for and shown.

import { z } from 'zod';
import { ENROLMENT_TOKEN_MS_MAX } from '../../../config/limits.ts';
import { idText, listOf, storePageQuery, timeOf, timeText } from '../../../platform/http/schemas.ts';
import type { EnrolmentTokensTable } from '../../../platform/store/tables/pki-tables.ts';
import { customer, vehicleIdText } from './parts.ts';

/** A week: as long as a workshop keeps a car. */
const VALID_SECONDS = 604_800;

export const newEnrolmentTokenBody = z
  .strictObject({
    vehicleId: vehicleIdText,
    customerId: idText
      .nullable()
      .optional()
      .meta({ description: 'Customer whom the vehicle belongs to; a customer’s own key need not say it' }),
    validSeconds: z
      .int()
      .min(1)
      .max(ENROLMENT_TOKEN_MS_MAX / 1000)
      .default(VALID_SECONDS)
      .meta({ description: 'How long it may be used' }),
  })
  .meta({ id: 'NewEnrolmentToken' });

export const enrolmentTokenView = z
  .strictObject({
    id: z.string(),
    customerId: customer,
    vehicleId: z.string(),
    expiresAt: timeText,
    usedAt: timeText.nullable(),
    certificateId: z.string().nullable().meta({ description: 'What was issued for it' }),
    createdAt: timeText,
  })
  .meta({ id: 'EnrolmentToken' });

export const enrolmentTokenWithToken = z
  .strictObject({ ...enrolmentTokenView.shape, token: z.string().meta({ description: 'Shown this once' }) })
  .meta({ id: 'EnrolmentTokenWithToken' });

export const enrolmentTokenList = listOf(enrolmentTokenView).meta({ id: 'EnrolmentTokenList' });

export const enrolmentTokenFilters = z.strictObject({
  ...storePageQuery,
  vehicleId: vehicleIdText.optional(),
});

export function viewOfEnrolmentToken(row: EnrolmentTokensTable): z.input<typeof enrolmentTokenView> {
  return {
    id: row.id,
    customerId: row.customer_id,
    vehicleId: row.vehicle_id,
    expiresAt: timeOf(row.expires_at),
    usedAt: timeOf(row.used_at),
    certificateId: row.certificate_id,
    createdAt: timeOf(row.created_at),
  };
}
