// Devices as they are asked for and shown.

import { z } from 'zod';
import { ROWS_PER_REQUEST_MAX } from '../../../config/limits.ts';
import { flagText, idText, listOf, many, timeOf, timeText } from '../../../platform/http/schemas.ts';
import type { DevicesTable } from '../../../platform/store/tables.ts';
import { deviceIdText, owner, reference } from './parts.ts';

export const DEVICE_STATUSES = ['active', 'blocked'] as const;

export const deviceToBind = z.strictObject({
  deviceId: deviceIdText.meta({ description: 'As the device names itself' }),
  accountId: idText.nullish().meta({ description: 'Account of the app that it shall have for good' }),
});

export const devicesList = z
  .array(deviceToBind)
  .min(1)
  .max(ROWS_PER_REQUEST_MAX)
  .superRefine((devices, context) => {
    const devicesSeen = new Set<string>();
    const accountsSeen = new Set<string>();
    for (const [index, { deviceId, accountId }] of devices.entries()) {
      const twice = (path: string): void =>
        context.addIssue({ code: 'custom', path: [index, path], message: 'stands in the list twice' });
      if (devicesSeen.has(deviceId)) twice('deviceId');
      devicesSeen.add(deviceId);
      if (typeof accountId !== 'string') continue;
      if (accountsSeen.has(accountId)) twice('accountId');
      accountsSeen.add(accountId);
    }
  });

export const devicesToBind = z.strictObject({ devices: devicesList }).meta({ id: 'DevicesToBind' });

const boundDevice = z.strictObject({ id: z.string(), deviceId: z.string(), accountId: reference });

export const boundDevices = z
  .strictObject({ object: z.literal('list'), data: z.array(boundDevice) })
  .meta({ id: 'BoundDevices' });

export const deviceChange = z
  .strictObject({
    bound: z.boolean().optional(),
    accountId: idText.nullish().meta({ description: 'Account that it shall have for good; null: none' }),
  })
  .refine(({ bound, accountId }) => bound !== false || typeof accountId !== 'string', {
    path: ['accountId'],
    error: 'must not be given where bound is false',
  })
  .meta({ id: 'DeviceChange', description: 'What is not given stays' });

export const deviceView = z
  .strictObject({
    id: z.string(),
    appId: z.string(),
    customerId: owner,
    deviceId: z.string().meta({ description: 'As the device names itself' }),
    status: z.enum(DEVICE_STATUSES),
    bound: z.boolean().meta({ description: 'Bound by somebody, not only seen at a login' }),
    accountId: reference.meta({ description: 'Account that it has for good' }),
    lastAccountId: reference.meta({ description: 'Account that it had last' }),
    lastSeenAt: timeText.nullable(),
    createdAt: timeText,
  })
  .meta({ id: 'Device' });

export const deviceList = listOf(deviceView).meta({ id: 'DeviceList' });

export const deviceFilters = {
  appId: idText.optional(),
  customerId: idText.optional(),
  deviceId: many(deviceIdText),
  accountId: many(idText),
  status: z.enum(DEVICE_STATUSES).optional(),
  bound: flagText.optional(),
} as const;

export function viewOfDevice(row: DevicesTable): z.input<typeof deviceView> {
  return {
    id: row.id,
    appId: row.app_id,
    customerId: row.customer_id,
    deviceId: row.device_id,
    status: row.status,
    bound: row.bound === 1,
    accountId: row.account_id,
    lastAccountId: row.last_account_id,
    lastSeenAt: timeOf(row.last_seen_at),
    createdAt: timeOf(row.created_at),
  };
}
