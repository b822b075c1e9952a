// Apps as they are asked for and shown. A secret is in the answer that makes it, and in no other.

import { z } from 'zod';
import { HOLD_S_MAX, QUOTA_MAX, SECRET_OVERLAP_S_MAX } from '../../../config/limits.ts';
import {
  addressRanges,
  idText,
  listOf,
  many,
  nameText,
  timeOf,
  timeText,
} from '../../../platform/http/schemas.ts';
import type { AppsTable } from '../../../platform/store/tables.ts';
import {
  DEFAULT_APP_ALLOCATION,
  DEFAULT_APP_QUOTA,
  readAppAllocation,
  readAppQuota,
  RELEASE_POLICIES,
} from '../../accounts/app-policy.ts';
import { createdAndUpdated, newOwner, owner, reference } from './parts.ts';

export const ACTIVATIONS = ['first_connect', 'console', 'terminal'] as const;
export const APP_STATUSES = ['active', 'suspended'] as const;

const most = z.int().min(0).max(QUOTA_MAX).nullable();

const QUOTA = {
  devicesMax: most.meta({ description: 'Devices of the app, bound or seen; null: no limit' }),
  sessionsMax: most.meta({ description: 'Sessions of the app at a time; null: no limit' }),
  loginsPerMinute: most.meta({ description: 'Signed logins within a minute; null: no limit' }),
} as const;

const ALLOCATION = {
  release: z.enum(RELEASE_POLICIES).meta({
    description:
      'When an account goes back to the pool: at the end of its session, after holdS without one, or never',
  }),
  holdS: z.int().min(0).max(HOLD_S_MAX).meta({ description: 'Seconds, where release is idle' }),
} as const;

const FIELDS = {
  activation: z.enum(ACTIVATIONS).meta({ description: 'What activates an account that a device gets' }),
  bound: z.boolean().meta({ description: 'Only devices that were bound beforehand may use the app' }),
  ipRanges: addressRanges.meta({ description: 'Where its devices may come from; anywhere where not given' }),
} as const;

export const newApp = z
  .strictObject({
    name: nameText,
    customerId: newOwner,
    activation: FIELDS.activation.default('first_connect'),
    bound: FIELDS.bound.default(false),
    serviceSpecId: idText.nullish(),
    billingPlanId: idText.nullish(),
    ipRanges: FIELDS.ipRanges.nullish(),
    quota: z
      .strictObject({
        devicesMax: QUOTA.devicesMax.default(DEFAULT_APP_QUOTA.devicesMax),
        sessionsMax: QUOTA.sessionsMax.default(DEFAULT_APP_QUOTA.sessionsMax),
        loginsPerMinute: QUOTA.loginsPerMinute.default(DEFAULT_APP_QUOTA.loginsPerMinute),
      })
      .prefault({}),
    allocation: z
      .strictObject({
        release: ALLOCATION.release.default(DEFAULT_APP_ALLOCATION.release),
        holdS: ALLOCATION.holdS.default(DEFAULT_APP_ALLOCATION.holdS),
      })
      .prefault({}),
  })
  .meta({ id: 'NewApp', description: 'A name alone is enough' });

export const appChange = z
  .strictObject({
    name: nameText.optional(),
    activation: FIELDS.activation.optional(),
    bound: FIELDS.bound.optional(),
    serviceSpecId: idText.nullish(),
    billingPlanId: idText.nullish(),
    ipRanges: FIELDS.ipRanges.nullish(),
    quota: z.strictObject(QUOTA).partial().optional(),
    allocation: z.strictObject(ALLOCATION).partial().optional(),
  })
  .meta({ id: 'AppChange', description: 'What is not given stays; null removes' });

const viewShape = {
  id: z.string(),
  customerId: owner,
  name: z.string(),
  appKey: z.string().meta({ description: 'Names the app in signed logins' }),
  status: z.enum(APP_STATUSES),
  activation: FIELDS.activation,
  bound: FIELDS.bound,
  serviceSpecId: reference,
  billingPlanId: reference,
  ipRanges: z.array(z.string()).nullable(),
  quota: z.strictObject(QUOTA),
  allocation: z.strictObject(ALLOCATION),
  previousSecretUntil: timeText
    .nullable()
    .meta({ description: 'The secret before the last rotation works until then' }),
  ...createdAndUpdated,
} as const;

export const appView = z.strictObject(viewShape).meta({ id: 'App' });
export const appList = listOf(appView).meta({ id: 'AppList' });

const appSecret = z.string().meta({ description: 'Shown this once, and kept sealed' });
export const appWithSecret = z.strictObject({ ...viewShape, appSecret }).meta({ id: 'AppWithSecret' });

export const secretRotation = z
  .strictObject({
    overlapS: z
      .int()
      .min(0)
      .max(SECRET_OVERLAP_S_MAX)
      .default(0)
      .meta({ description: 'Seconds that the secret before works on' }),
  })
  .meta({ id: 'SecretRotation' });

export const appFilters = {
  customerId: idText.optional(),
  status: z.enum(APP_STATUSES).optional(),
  serviceSpecId: idText.optional(),
  billingPlanId: idText.optional(),
  appKey: many(idText),
} as const;

export function viewOfApp(row: AppsTable): z.input<typeof appView> {
  return {
    id: row.id,
    customerId: row.customer_id,
    name: row.name,
    appKey: row.app_key,
    status: row.status,
    activation: row.activation,
    bound: row.bound === 1,
    serviceSpecId: row.service_spec_id,
    billingPlanId: row.billing_plan_id,
    ipRanges: row.ip_ranges === null ? null : (JSON.parse(row.ip_ranges) as string[]),
    quota: readAppQuota(row.quota),
    allocation: readAppAllocation(row.allocation),
    previousSecretUntil: timeOf(row.previous_secret_until),
    createdAt: timeOf(row.created_at),
    updatedAt: timeOf(row.updated_at),
  };
}
