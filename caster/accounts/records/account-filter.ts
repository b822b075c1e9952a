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

/**
 * The list goes by one index in its order: that of the ids, names or the prefix that are given, else of suspended accounts
 * (of the app or the customer), of whom there are few, else of the first of app, spec, plan and customer. The rest is
 * looked at row by row.
 */
export function scanOfAccounts(
  { db, dialect }: Pick<Store, 'db' | 'dialect'>,
  filter: AccountFilter,
  nowMs: number,
  by: 'id' | 'username' = filter.usernamePrefix === undefined ? 'id' : 'username',
): Scan<'accounts', AccountRow> {
  const indexed: RawBuilder<boolean>[] = [];
  const conditions: RawBuilder<boolean>[] = [];
  if (filter.ids !== undefined) indexed.push(oneOf(dialect, 'id', filter.ids));
  if (filter.usernames !== undefined) indexed.push(oneOf(dialect, 'username', filter.usernames));
  const prefix = filter.usernamePrefix;
  if (prefix !== undefined) {
    const begins = sql<boolean>`username >= ${prefix} and username < ${prefix + AFTER_NAMES}`;
    (by === 'username' ? indexed : conditions).push(begins);
  }
  const isFree = indexed.length === 0;
  const bySuspended = isFree && filter.status === 'suspended';
  // Written out: a partial index is used only where its condition stands in the text.
  if (bySuspended) indexed.push(sql<boolean>`status = 'suspended'`);
  else if (filter.status !== undefined) conditions.push(sql<boolean>`status = ${filter.status}`);
  const equals = [
    { column: 'app_id', value: filter.appId, isOwner: true },
    { column: 'service_spec_id', value: filter.serviceSpecId, isOwner: false },
    { column: 'billing_plan_id', value: filter.billingPlanId, isOwner: false },
    { column: 'customer_id', value: filter.customerId, isOwner: true },
  ].filter(({ value }) => value !== undefined);
  const first = isFree ? equals.find(({ isOwner }) => isOwner || !bySuspended) : undefined;
  for (const equal of equals) {
    const condition = sql<boolean>`${sql.ref(equal.column)} = ${equal.value}`;
    (equal === first ? indexed : conditions).push(condition);
  }
  conditions.push(...conditionsOfState(filter, nowMs));
  const rows = indexed.reduce(
    (all, condition) => all.where(condition),
    db.selectFrom('accounts').selectAll(),
  );
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
