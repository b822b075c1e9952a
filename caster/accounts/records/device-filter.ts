// Which devices a list is about, and how the store finds them.

import { oneOf } from '../../../platform/store/one-of.ts';
import { type RawBuilder, sql } from '../../../platform/store/sql.ts';
import type { Store } from '../../../platform/store/store.ts';
import type { DevicesTable } from '../../../platform/store/tables.ts';
import type { Scan } from './scan-page.ts';

export interface DeviceFilter {
  readonly appId?: string | undefined;
  readonly customerId?: string | undefined;
  /** As they name themselves. */
  readonly deviceIds?: readonly string[] | undefined;
  readonly accountIds?: readonly string[] | undefined;
  readonly status?: DevicesTable['status'] | undefined;
  readonly isBound?: boolean | undefined;
}

export function scanOfDevices(
  { db, dialect }: Pick<Store, 'db' | 'dialect'>,
  filter: DeviceFilter,
): Scan<'devices', DevicesTable> {
  const conditions: RawBuilder<boolean>[] = [];
  let rows = db.selectFrom('devices').selectAll();
  let isIndexed = false;
  if (filter.accountIds !== undefined) {
    rows = rows.where(oneOf(dialect, 'account_id', filter.accountIds)).where('account_id', 'is not', null);
    isIndexed = true;
  }
  if (filter.deviceIds !== undefined && filter.appId !== undefined && !isIndexed) {
    rows = rows.where('app_id', '=', filter.appId).where(oneOf(dialect, 'device_id', filter.deviceIds));
    return { rows, by: 'id', conditions: further(filter) };
  }
  for (const [column, value] of [
    ['app_id', filter.appId],
    ['customer_id', filter.customerId],
  ] as const) {
    if (value === undefined) continue;
    const condition = sql<boolean>`${sql.ref(column)} = ${value}`;
    if (isIndexed) conditions.push(condition);
    else rows = rows.where(condition);
    isIndexed = true;
  }
  if (filter.deviceIds !== undefined) conditions.push(oneOf(dialect, 'device_id', filter.deviceIds));
  return { rows, by: 'id', conditions: [...conditions, ...further(filter)] };
}

function further({ status, isBound }: DeviceFilter): RawBuilder<boolean>[] {
  const conditions: RawBuilder<boolean>[] = [];
  if (status !== undefined) conditions.push(sql`status = ${status}`);
  if (isBound !== undefined) conditions.push(sql`bound = ${isBound ? 1 : 0}`);
  return conditions;
}
