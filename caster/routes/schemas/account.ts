// Accounts as they are asked for and shown. Passwords are in the answers that are about them, and in no other.

import { z } from 'zod';
import { ROWS_PER_REQUEST_MAX, VALIDITY_DAYS_MAX } from '../../../config/limits.ts';
import { flagText, idText, listOf, many, timeOf, timeText } from '../../../platform/http/schemas.ts';
import type { AccountRow } from '../../accounts/records/account-filter.ts';
import {
  createdAndUpdated,
  noteText,
  owner,
  passwordText,
  reference,
  usernameText,
  validityTime,
} from './parts.ts';

export const ACCOUNT_STATUSES = ['active', 'suspended'] as const;

/** What every new account may be given. */
export const newAccountShape = {
  prefix: usernameText
    .max(24)
    .optional()
    .meta({ description: 'What made user names begin with; 10 random characters follow' }),
  validUntil: validityTime.nullish(),
  activate: z
    .boolean()
    .default(false)
    .meta({ description: 'Activate at once, whatever the app’s activation is' }),
  serviceSpecId: idText.nullish().meta({ description: 'Goes before that of the app' }),
  billingPlanId: idText.nullish().meta({ description: 'Goes before that of the app' }),
  note: noteText.nullish(),
} as const;

export const newAccounts = z
  .strictObject({
    count: z.int().min(1).max(ROWS_PER_REQUEST_MAX).optional(),
    usernames: z
      .array(usernameText)
      .min(1)
      .max(ROWS_PER_REQUEST_MAX)
      .optional()
      .meta({ description: 'Instead of count: one account for each' }),
    ...newAccountShape,
  })
  .superRefine(({ count, usernames, prefix }, context) => {
    if ((count === undefined) === (usernames === undefined)) {
      const detail = 'is missing: give count, or usernames instead';
      context.addIssue({
        code: 'custom',
        path: ['count'],
        message: count === undefined ? detail : 'must not be given with usernames',
      });
    }
    if (usernames !== undefined && prefix !== undefined) {
      context.addIssue({ code: 'custom', path: ['prefix'], message: 'must not be given with usernames' });
    }
    const seen = new Set<string>();
    for (const [index, username] of (usernames ?? []).entries()) {
      if (seen.has(username)) {
        context.addIssue({ code: 'custom', path: ['usernames', index], message: 'stands in the list twice' });
      }
      seen.add(username);
    }
  })
  .meta({ id: 'NewAccounts' });

export const credentials = z
  .strictObject({ id: z.string(), username: z.string(), password: z.string() })
  .meta({ id: 'AccountCredentials' });

export const createdAccounts = z
  .strictObject({ object: z.literal('list'), data: z.array(credentials) })
  .meta({ id: 'CreatedAccounts' });

export const accountChange = z
  .strictObject({
    serviceSpecId: idText.nullish(),
    billingPlanId: idText.nullish(),
    validUntil: validityTime.nullish(),
    note: noteText.nullish(),
  })
  .meta({ id: 'AccountChange', description: 'What is not given stays; null removes' });

export const renewalShape = {
  validUntil: validityTime.optional().meta({ description: 'The new end' }),
  days: z
    .int()
    .min(1)
    .max(VALIDITY_DAYS_MAX)
    .optional()
    .meta({ description: 'Instead: this many days from its end, or from now where that is past' }),
} as const;

export function complainOfRenewal(
  { validUntil, days }: { readonly validUntil?: number | undefined; readonly days?: number | undefined },
  context: Pick<z.core.$RefinementCtx, 'addIssue'>,
): void {
  if ((validUntil === undefined) !== (days === undefined)) return;
  const message = days === undefined ? 'is missing: give validUntil or days' : 'must not be given with days';
  context.addIssue({ code: 'custom', path: ['validUntil'], message });
}

export const renewal = z.strictObject(renewalShape).superRefine(complainOfRenewal).meta({ id: 'Renewal' });

export const ownPassword = z.strictObject({ password: passwordText }).meta({ id: 'OwnPassword' });

export const accountView = z
  .strictObject({
    id: z.string(),
    appId: z.string(),
    customerId: owner,
    username: z.string(),
    status: z.enum(ACCOUNT_STATUSES),
    state: z
      .enum(['usable', 'suspended', 'expired', 'not_activated'])
      .meta({ description: 'What a login would meet now, as far as the account itself says' }),
    hasChosenPassword: z.boolean().meta({ description: 'It was chosen, and cannot be shown again' }),
    serviceSpecId: reference,
    billingPlanId: reference,
    activatedAt: timeText.nullable(),
    validUntil: timeText.nullable(),
    boundDeviceId: reference.meta({ description: 'Device (its row’s id) that it is bound to for good' }),
    held: z.boolean().meta({ description: 'A device or a login has it at the moment' }),
    heldByDeviceId: reference,
    heldUntil: timeText.nullable(),
    lastLoginAt: timeText.nullable(),
    note: z.string().nullable(),
    ...createdAndUpdated,
  })
  .meta({ id: 'Account' });

export const accountList = listOf(accountView).meta({ id: 'AccountList' });

export const accountFilters = {
  appId: idText.optional(),
  customerId: idText.optional(),
  username: many(usernameText),
  usernamePrefix: usernameText.optional().meta({ description: 'The list then goes by user name' }),
  status: z.enum(ACCOUNT_STATUSES).optional(),
  activated: flagText.optional(),
  expired: flagText.optional(),
  validUntilBefore: validityTime.optional(),
  held: flagText.optional(),
  bound: flagText.optional(),
  serviceSpecId: idText.optional(),
  billingPlanId: idText.optional(),
} as const;

export function viewOfAccount(row: AccountRow, nowMs = Date.now()): z.input<typeof accountView> {
  return {
    id: row.id,
    appId: row.app_id,
    customerId: row.customer_id,
    username: row.username,
    status: row.status,
    state: stateOf(row, nowMs),
    hasChosenPassword: row.password_hash !== null,
    serviceSpecId: row.service_spec_id,
    billingPlanId: row.billing_plan_id,
    activatedAt: timeOf(row.activated_at),
    validUntil: timeOf(row.valid_until),
    boundDeviceId: row.bound_device_id,
    held: row.held === 1,
    heldByDeviceId: row.held === 1 && row.holder?.startsWith('d:') === true ? row.holder.slice(2) : null,
    heldUntil: row.held === 1 ? timeOf(row.held_until) : null,
    lastLoginAt: timeOf(row.last_login_at),
    note: row.note,
    createdAt: timeOf(row.created_at),
    updatedAt: timeOf(row.updated_at),
  };
}

function stateOf(row: AccountRow, nowMs: number): 'usable' | 'suspended' | 'expired' | 'not_activated' {
  if (row.status === 'suspended') return 'suspended';
  if (row.valid_until !== null && row.valid_until <= nowMs) return 'expired';
  return row.activated_at === null ? 'not_activated' : 'usable';
}
