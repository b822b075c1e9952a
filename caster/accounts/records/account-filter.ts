// Which accounts a list or a bulk job is about, and how the store finds them.

import { oneOf } from '../../../platform/store/one-of.ts';
import { type RawBuilder, sql } from '../../../platform/store/sql.ts';
import type { Store } from '../../../platform/store/store.ts';
import type { AccountsTable } from '../../../platform/store/tables.ts';
import type { Scan } from './scan-page.ts';

export interface AccountFilter {
  readonly ids?: readonly string[] | undefined;
  readonly appId?: string | undefined;
  /** Whose; an actor of a customer sees only his own, whatever is asked for. */
  readonly customerId?: string | undefined;
  readonly usernames?: readonly string[] | undefined;
  readonly usernamePrefix?: string | undefined;
  readonly status?: AccountsTable['status'] | undefined;
  readonly isActivated?: boolean | undefined;
  readonly isExpired?: boolean | undefined;
  readonly validUntilBeforeMs?: number | undefined;
  readonly isHeld?: boolean | undefined;
  readonly isBound?: boolean | undefined;
  readonly serviceSpecId?: string | undefined;
  readonly billingPlanId?: string | undefined;
}

export type AccountRow = AccountsTable;

/** Greater than every character that a user name may have. */
const AFTER_NAMES = '\u007f';

/** The first of these that is given has an index in the order of the list; the rest is looked at row by row. */
export function scanOfAccounts(
  { db, dialect }: Pick<Store, 'db' | 'dialect'>,
  filter: AccountFilter,
  nowMs: number,
  by: 'id' | 'username' = filter.usernamePrefix === undefined ? 'id' : 'username',
): Scan<'accounts', AccountRow> {
  const equals: [column: string, value: string | undefined][] = [
    ['app_id', filter.appId],
    ['service_spec_id', filter.serviceSpecId],
    ['billing_plan_id', filter.billingPlanId],
    ['customer_id', filter.customerId],
  ];
  const conditions: RawBuilder<boolean>[] = [];
  let rows = db.selectFrom('accounts').selectAll();
  let isIndexed = false;
  const narrow = (condition: RawBuilder<boolean>): void => {
    rows = rows.where(condition);
    isIndexed = true;
  };
  if (filter.ids !== undefined) narrow(oneOf(dialect, 'id', filter.ids));
  if (filter.usernames !== undefined) narrow(oneOf(dialect, 'username', filter.usernames));
  const prefix = filter.usernamePrefix;
  if (prefix !== undefined) {
    const begins = sql<boolean>`username >= ${prefix} and username < ${prefix + AFTER_NAMES}`;
    if (by === 'username') narrow(begins);
    else conditions.push(begins);
  }
  for (const [column, value] of equals) {
    if (value === undefined) continue;
    const condition = sql<boolean>`${sql.ref(column)} = ${value}`;
    // eslint-disable-next-line @typescript-eslint/no-unnecessary-condition -- plain functions of a port, or rows as they may be
    if (isIndexed) conditions.push(condition);
    else narrow(condition);
  }
  // eslint-disable-next-line @typescript-eslint/no-unnecessary-condition -- plain functions of a port, or rows as they may be
  if (filter.status === 'suspended' && !isIndexed) narrow(sql<boolean>`status = 'suspended'`);
  else if (filter.status !== undefined) conditions.push(sql<boolean>`status = ${filter.status}`);
  conditions.push(...conditionsOfState(filter, nowMs));
  return { rows, by, conditions };
}

function conditionsOfState(filter: AccountFilter, nowMs: number): RawBuilder<boolean>[] {
  const conditions: RawBuilder<boolean>[] = [];
  const isThere = (column: string, is: boolean | undefined): void => {
    if (is === undefined) return;
    conditions.push(is ? sql`${sql.ref(column)} is not null` : sql`${sql.ref(column)} is null`);
  };
  isThere('activated_at', filter.isActivated);
  isThere('bound_device_id', filter.isBound);
  if (filter.isExpired === true) conditions.push(sql`valid_until <= ${nowMs}`);
  if (filter.isExpired === false) conditions.push(sql`(valid_until is null or valid_until > ${nowMs})`);
  if (filter.validUntilBeforeMs !== undefined)
    conditions.push(sql`valid_until < ${filter.validUntilBeforeMs}`);
  if (filter.isHeld !== undefined) conditions.push(sql`held = ${filter.isHeld ? 1 : 0}`);
  return conditions;
}
