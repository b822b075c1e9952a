// The preview of a billing plan: what a month would cost.

import { z } from 'zod';
import { MOUNTPOINT_NAME_LENGTH_MAX } from '../../../config/limits.ts';
import { idText } from '../../../platform/http/schemas.ts';
import type { PreviewedPeriod } from '../../metering/rating/month-preview.ts';
import { changedBillingPlan } from './billing-plan.ts';
import { micros } from './charge.ts';
import { monthText } from './statement.ts';

const ROVERS_MAX = 1_000_000;
const BYTES_PER_SECOND_MAX = 1_000_000;
const EPOCHS_PER_SECOND_MAX = 100;

export const billingPlanToPreview = z
  .strictObject({
    plan: changedBillingPlan,
    month: monthText.optional().meta({
      description: 'By the calendar of the plan. Where nothing is said, the one that goes on',
    }),
    use: z.strictObject({
      rovers: z
        .int()
        .min(1)
        .max(ROVERS_MAX)
        .meta({ description: 'Each with an account, all of one customer' }),
      hoursPerDay: z.number().min(0).max(24),
      bytesPerSecond: z.number().min(0).max(BYTES_PER_SECOND_MAX).default(0),
      epochsPerSecond: z.number().min(0).max(EPOCHS_PER_SECOND_MAX).default(1),
      serviceSpecId: idText.optional(),
      mountpoint: z.string().min(1).max(MOUNTPOINT_NAME_LENGTH_MAX).optional(),
    }),
  })
  .meta({
    id: 'BillingPlanToPreview',
    description: 'A fleet that begins with the month and is used alike every day of it',
  });

const units = z.number().min(0).meta({ description: 'In what the plan counts' });

export const billingPlanPreview = z
  .strictObject({
    object: z.literal('billing_plan_preview'),
    month: z.string(),
    timeZone: z.string(),
    currency: z.string(),
    units,
    amountMicros: micros,
    periods: z
      .array(
        z
          .strictObject({ periodKey: z.string(), units, amountMicros: micros })
          .meta({ id: 'PreviewedPeriod' }),
      )
      .meta({ description: 'What included amounts and tiers begin anew with, or what is paid for' }),
  })
  .meta({ id: 'BillingPlanPreview' });

export function viewOfPeriod({ key, units: counted, micros: amount }: PreviewedPeriod) {
  return { periodKey: key, units: counted, amountMicros: amount.toString() };
}
