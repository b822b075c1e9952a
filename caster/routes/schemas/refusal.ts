// Refusals as they are shown: the step, the reason, and what to do.

import { z } from 'zod';
import { idText, listOf, timeOf, timeText } from '../../../platform/http/schemas.ts';
import type { RefusalsTable } from '../../../platform/store/tables.ts';
import { REFUSAL_REASONS, type RefusalReason } from '../../accounts/refusal-reason.ts';
import { owner, reference } from './parts.ts';

export const refusalView = z
  .strictObject({
    id: z.string(),
    customerId: owner,
    appId: reference,
    accountId: reference,
    username: z.string().meta({
      description:
        'As presented: a user name, an app key, or appKey/deviceId; empty where an address came with very many',
    }),
    device: z.string().nullable(),
    address: z.string(),
    mountpoint: z.string(),
    role: z.string().meta({ description: 'rover, base, table, or terminal for the signed API' }),
    step: z.string().meta({ description: 'The step of admission that refused' }),
    reason: z.string(),
    meaning: z.string().meta({ description: 'What the device was told' }),
    fix: z.string().meta({ description: 'What to do' }),
    detail: z.string().nullable(),
    count: z.int().meta({ description: 'How often, from firstAt to lastAt' }),
    firstAt: timeText,
    lastAt: timeText,
  })
  .meta({ id: 'Refusal' });

export const refusalList = listOf(refusalView).meta({ id: 'RefusalList' });

const text = z.string().min(1).max(256);

export const refusalFilters = {
  username: text.optional(),
  accountId: idText.optional(),
  appId: idText.optional(),
  device: text.optional(),
  address: text.optional(),
  mountpoint: text.optional(),
  reason: text.optional(),
  customerId: idText.optional(),
} as const;

export function viewOfRefusal(row: RefusalsTable): z.input<typeof refusalView> {
  // An older version may have had reasons that are gone.
  const known = Object.hasOwn(REFUSAL_REASONS, row.reason)
    ? REFUSAL_REASONS[row.reason as RefusalReason]
    : undefined;
  return {
    id: row.id,
    customerId: row.customer_id,
    appId: row.app_id,
    accountId: row.account_id,
    username: row.username,
    device: row.device,
    address: row.address,
    mountpoint: row.mountpoint,
    role: row.role,
    step: row.step,
    reason: row.reason,
    meaning: known?.text ?? row.reason,
    fix: known?.fix ?? '',
    detail: row.detail,
    count: row.count,
    firstAt: timeOf(row.first_at),
    lastAt: timeOf(row.last_at),
  };
}
