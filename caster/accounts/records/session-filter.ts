// Which closed sessions and refusals a list is about, and how the store finds them.

import { type RawBuilder, sql } from '../../../platform/store/sql.ts';
import type { Store } from '../../../platform/store/store.ts';
import type { ClosedSessionsTable, RefusalsTable } from '../../../platform/store/tables.ts';
import type { Scan } from './scan-page.ts';

type Equals = readonly (readonly [column: string, value: string | undefined, isIndexed: boolean])[];

export interface ClosedSessionFilter {
  readonly customerId?: string | undefined;
  readonly account?: string | undefined;
  readonly accountId?: string | undefined;
  readonly appId?: string | undefined;
  readonly device?: string | undefined;
  readonly mountpoint?: string | undefined;
  readonly address?: string | undefined;
  readonly role?: 'rover' | 'base' | undefined;
  readonly reason?: string | undefined;
  readonly endedAfterMs?: number | undefined;
  readonly endedBeforeMs?: number | undefined;
}

export function scanOfClosedSessions(
  { db }: Pick<Store, 'db'>,
  filter: ClosedSessionFilter,
): Scan<'closed_sessions', ClosedSessionsTable> {
  const { indexed, conditions } = split([
    ['account_id', filter.accountId, true],
    ['account', filter.account, true],
    ['app_id', filter.appId, true],
    ['mountpoint', filter.mountpoint, true],
    ['customer_id', filter.customerId, true],
    ['device', filter.device, false],
    ['address', filter.address, false],
    ['role', filter.role, false],
    ['reason', filter.reason, false],
  ]);
  if (filter.endedAfterMs !== undefined) conditions.push(sql`ended_at >= ${filter.endedAfterMs}`);
  if (filter.endedBeforeMs !== undefined) conditions.push(sql`ended_at < ${filter.endedBeforeMs}`);
  const rows = db.selectFrom('closed_sessions').selectAll();
  return { rows: indexed === undefined ? rows : rows.where(indexed), by: 'id', conditions };
}

export interface RefusalFilter {
  readonly customerId?: string | undefined;
  readonly username?: string | undefined;
  readonly accountId?: string | undefined;
  readonly appId?: string | undefined;
  readonly device?: string | undefined;
  readonly address?: string | undefined;
  readonly mountpoint?: string | undefined;
  readonly reason?: string | undefined;
}

export function scanOfRefusals(
  { db }: Pick<Store, 'db'>,
  filter: RefusalFilter,
): Scan<'refusals', RefusalsTable> {
  const { indexed, conditions } = split([
    ['account_id', filter.accountId, true],
    ['username', filter.username, true],
    ['device', filter.device, true],
    ['app_id', filter.appId, true],
    ['address', filter.address, true],
    ['customer_id', filter.customerId, true],
    ['mountpoint', filter.mountpoint, false],
    ['reason', filter.reason, false],
  ]);
  const rows = db.selectFrom('refusals').selectAll();
  return { rows: indexed === undefined ? rows : rows.where(indexed), by: 'id', conditions };
}

/** The first that is given and has an index leads; the others are looked at row by row. */
function split(equals: Equals): {
  indexed: RawBuilder<boolean> | undefined;
  conditions: RawBuilder<boolean>[];
} {
  let indexed: RawBuilder<boolean> | undefined;
  const conditions: RawBuilder<boolean>[] = [];
  for (const [column, value, isIndexed] of equals) {
    if (value === undefined) continue;
    const condition = sql<boolean>`${sql.ref(column)} = ${value}`;
    if (indexed === undefined && isIndexed) indexed = condition;
    else conditions.push(condition);
  }
  return { indexed, conditions };
}
