// Whose a metered row is, as the tables have it.

import type { Row } from '../sink/clickhouse.ts';
import type { UsageOwner } from '../usage-row.ts';
import { textOf } from './single-rows.ts';

const COLUMN_OF = {
  customerId: 'customer_id',
  appId: 'app_id',
  accountId: 'account_id',
  account: 'account',
  device: 'device',
  serviceSpecId: 'service_spec_id',
  billingPlanId: 'billing_plan_id',
} as const satisfies Record<keyof UsageOwner, string>;

export const OWNER_COLUMNS: readonly string[] = Object.values(COLUMN_OF);

/** `prefix`: what the statement put before the columns' names. */
export function ownerOf(row: Row, prefix = ''): UsageOwner {
  return {
    customerId: textOf(row, prefix + COLUMN_OF.customerId),
    appId: textOf(row, prefix + COLUMN_OF.appId),
    accountId: textOf(row, prefix + COLUMN_OF.accountId),
    account: textOf(row, prefix + COLUMN_OF.account),
    device: textOf(row, prefix + COLUMN_OF.device),
    serviceSpecId: textOf(row, prefix + COLUMN_OF.serviceSpecId),
    billingPlanId: textOf(row, prefix + COLUMN_OF.billingPlanId),
  };
}
