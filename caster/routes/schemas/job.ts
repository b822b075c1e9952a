// Bulk requests, and jobs as they are shown.

import { z } from 'zod';
import { BULK_ROWS_MAX, ROWS_PER_REQUEST_MAX } from '../../../config/limits.ts';
import { idText, listOf, timeOf, timeText } from '../../../platform/http/schemas.ts';
import type { JobRowsTable, JobsTable } from '../../../platform/store/tables.ts';
import { ACCOUNT_STATUSES, complainOfRenewal, newAccountShape, renewalShape } from './account.ts';
import { devicesList } from './device.ts';
import { owner, usernameText, validityTime } from './parts.ts';

const filter = z
  .strictObject({
    appId: idText.optional(),
    customerId: idText.optional(),
    usernamePrefix: usernameText.optional(),
    status: z.enum(ACCOUNT_STATUSES).optional(),
    activated: z.boolean().optional(),
    expired: z.boolean().optional(),
    validUntilBefore: validityTime.optional(),
    held: z.boolean().optional(),
    bound: z.boolean().optional(),
    serviceSpecId: idText.optional(),
    billingPlanId: idText.optional(),
  })
  .refine((given) => Object.keys(given).length > 0, 'must narrow the accounts down by something')
  .meta({ id: 'AccountFilter', description: 'As in GET /v1/accounts; all of it must fit' });

const selection = z
  .strictObject({
    ids: z.array(idText).min(1).max(ROWS_PER_REQUEST_MAX).optional().meta({ description: 'Accounts by id' }),
    appId: idText.optional().meta({ description: 'All accounts of this app' }),
    filter: filter.optional(),
  })
  .refine(
    (given) => Object.values(given).filter((part) => part !== undefined).length === 1,
    'must have one of ids, appId and filter',
  )
  .meta({ id: 'AccountSelection' });

const onAccounts = z.strictObject({
  action: z.enum(['suspend', 'reinstate', 'activate', 'release']),
  selection,
});

export const bulkRequest = z
  .discriminatedUnion('action', [
    onAccounts,
    z.strictObject({ action: z.literal('renew'), selection, ...renewalShape }).superRefine(complainOfRenewal),
    z.strictObject({ action: z.literal('setServiceSpec'), selection, serviceSpecId: idText.nullable() }),
    z.strictObject({ action: z.literal('setBillingPlan'), selection, billingPlanId: idText.nullable() }),
    z.strictObject({
      action: z.literal('createAccounts'),
      appId: idText,
      count: z.int().min(1).max(BULK_ROWS_MAX),
      ...newAccountShape,
    }),
    z.strictObject({
      action: z.literal('bindDevices'),
      appId: idText,
      devices: devicesList,
    }),
  ])
  .meta({ id: 'BulkRequest' });

export type AskedSelection = z.output<typeof selection>;
export type BulkRequest = z.output<typeof bulkRequest>;

export const jobView = z
  .strictObject({
    id: z.string(),
    customerId: owner,
    kind: z.string(),
    state: z.enum(['running', 'done', 'failed']).meta({
      description: 'failed: it was cut short; what done and failed count has happened, the rest has not',
    }),
    total: z.int().meta({ description: 'Rows when it began' }),
    done: z.int().meta({ description: 'Rows that went well' }),
    failed: z.int().meta({ description: 'Rows that did not; GET /v1/jobs/{id}/rows says why' }),
    request: z.record(z.string(), z.unknown()),
    createdAt: timeText,
    finishedAt: timeText.nullable(),
  })
  .meta({ id: 'Job' });

export const jobList = listOf(jobView).meta({ id: 'JobList' });

export const jobRowView = z
  .strictObject({
    row: z.int().meta({ description: 'From 0, in the order of the request' }),
    ok: z.boolean(),
    target: z
      .string()
      .nullable()
      .meta({ description: 'What it is about, such as the id of an account or device' }),
    code: z.string().nullable().meta({ description: 'Error code' }),
    detail: z.string().nullable(),
  })
  .meta({ id: 'JobRow' });

export const jobRowList = listOf(jobRowView).meta({ id: 'JobRowList' });

export function viewOfJob(row: JobsTable): z.input<typeof jobView> {
  return {
    id: row.id,
    customerId: row.customer_id,
    kind: row.kind,
    state: row.state,
    total: row.total,
    done: row.done,
    failed: row.failed,
    request: JSON.parse(row.request) as Record<string, unknown>,
    createdAt: timeOf(row.created_at),
    finishedAt: timeOf(row.finished_at),
  };
}

export function viewOfJobRow({
  row,
  ok,
  target,
  code,
  detail,
}: Omit<JobRowsTable, 'job_id'>): z.input<typeof jobRowView> {
  return { row, ok: ok === 1, target, code, detail };
}
