// Reads and writes of accounts for administrators. Logins read through the directory and write through allocation.

import { randomInt } from 'node:crypto';
import { type Actor, visible } from '../../../platform/http/actor.ts';
import { newId } from '../../../platform/store/id.ts';
import { insertAll } from '../../../platform/store/insert-all.ts';
import { oneOf } from '../../../platform/store/one-of.ts';
import { locked } from '../../../platform/store/row-lock.ts';
import type { Kysely } from '../../../platform/store/sql.ts';
import type { Store } from '../../../platform/store/store.ts';
import type { Tables } from '../../../platform/store/tables.ts';
import { type AccountChange, type ChangedColumns, columnsOf } from '../account-changes.ts';
import { randomText } from '../app-secret.ts';
import { readBillingPlan } from '../billing-plan.ts';
import type { AccountRow } from './account-filter.ts';

type Dialects = Pick<Store, 'dialect'>;

/** A `tx` locks the row where others write beside it. */
export async function findAccount(
  { dialect }: Dialects,
  db: Kysely<Tables>,
  actor: Pick<Actor, 'customerId'>,
  id: string,
): Promise<AccountRow | undefined> {
  const query = db.selectFrom('accounts').selectAll().where('id', '=', id).where(visible(actor));
  return await locked(dialect, db, query).executeTakeFirst();
}

/** Of these ids those that are there for the actor, locked. */
export async function lockAccounts(
  { dialect }: Dialects,
  tx: Kysely<Tables>,
  actor: Pick<Actor, 'customerId'>,
  ids: readonly string[],
): Promise<Map<string, AccountRow>> {
  const query = tx
    .selectFrom('accounts')
    .selectAll()
    .where(oneOf(dialect, 'id', ids))
    .where(visible(actor));
  // In one order, so that two that lock the same rows wait for each other instead of for ever.
  const rows = await (dialect === 'postgres' ? query.orderBy('id').forUpdate() : query).execute();
  return new Map(rows.map((row) => [row.id, row]));
}

/** Days of validity by the plan of each account: its own, else its app's. */
export async function validityDaysOf(
  { dialect }: Dialects,
  db: Kysely<Tables>,
  rows: readonly AccountRow[],
): Promise<(row: AccountRow) => number | undefined> {
  const appIds = [...new Set(rows.map((row) => row.app_id))];
  const apps = await db
    .selectFrom('apps')
    .select(['id', 'billing_plan_id'])
    .where(oneOf(dialect, 'id', appIds))
    .execute();
  const planOfApp = new Map(apps.map((app) => [app.id, app.billing_plan_id]));
  const planOf = (row: AccountRow): string | null => row.billing_plan_id ?? planOfApp.get(row.app_id) ?? null;
  const planIds = [...new Set(rows.map(planOf))].filter((id) => id !== null);
  if (planIds.length === 0) return () => undefined;
  const plans = await db
    .selectFrom('billing_plans')
    .select(['id', 'plan'])
    .where(oneOf(dialect, 'id', planIds))
    .execute();
  const days = new Map(plans.map(({ id, plan }) => [id, readBillingPlan(plan).validityDays]));
  return (row) => days.get(planOf(row) ?? '');
}

export async function validityDaysByPlan(
  db: Kysely<Tables>,
  planId: string | null,
): Promise<number | undefined> {
  if (planId === null) return undefined;
  const row = await db.selectFrom('billing_plans').select('plan').where('id', '=', planId).executeTakeFirst();
  return row === undefined ? undefined : readBillingPlan(row.plan).validityDays;
}

/** The rows as they are after the change; which of them it has changed at all. */
export async function changeAccounts(
  dialects: Dialects,
  tx: Kysely<Tables>,
  rows: readonly AccountRow[],
  change: AccountChange,
  nowMs: number,
): Promise<{ readonly after: AccountRow[]; readonly changedIds: string[] }> {
  const daysOf = change.kind === 'activate' ? await validityDaysOf(dialects, tx, rows) : () => undefined;
  const after: AccountRow[] = [];
  const alike = new Map<string, { columns: ChangedColumns; ids: string[] }>();
  for (const row of rows) {
    const columns = columnsOf(row, change, { nowMs, validityDays: daysOf(row) });
    if (Object.keys(columns).length === 0) {
      after.push(row);
      continue;
    }
    after.push({ ...row, ...columns, updated_at: nowMs });
    const key = JSON.stringify(columns);
    const group = alike.get(key);
    if (group === undefined) alike.set(key, { columns, ids: [row.id] });
    else group.ids.push(row.id);
  }
  for (const { columns, ids } of alike.values()) {
    await tx
      .updateTable('accounts')
      .set({ ...columns, updated_at: nowMs })
      .where(oneOf(dialects.dialect, 'id', ids))
      .execute();
  }
  return { after, changedIds: [...alike.values()].flatMap(({ ids }) => ids) };
}

export interface NewAccounts {
  readonly appId: string;
  readonly customerId: string | null;
  readonly prefix: string | undefined;
  readonly validUntilMs: number | null;
  readonly activate: boolean;
  /** Of the plan that they go by. */
  readonly validityDays: number | undefined;
  readonly serviceSpecId: string | null;
  readonly billingPlanId: string | null;
  readonly note: string | null;
}

const USERNAME_PREFIX = 'r';
/** 50 random bits: among a million accounts one in a billion names is taken. */
const USERNAME_RANDOM_LENGTH = 10;
const RANDOM_KEY_END = 2 ** 31;

/** Rows for as many accounts as there are names, or `count` with names that are made. */
export function newAccountRows(
  given: NewAccounts,
  names: number | readonly string[],
  nowMs: number,
): AccountRow[] {
  const context = { nowMs, validityDays: given.validityDays };
  const usernames =
    typeof names === 'number'
      ? Array.from(
          { length: names },
          () => `${given.prefix ?? USERNAME_PREFIX}${randomText(USERNAME_RANDOM_LENGTH)}`,
        )
      : names;
  return usernames.map((username) => {
    const row: AccountRow = {
      id: newId('acc'),
      app_id: given.appId,
      customer_id: given.customerId,
      username,
      password_hash: null,
      password_version: 1,
      status: 'active',
      service_spec_id: given.serviceSpecId,
      billing_plan_id: given.billingPlanId,
      activated_at: null,
      valid_until: given.validUntilMs,
      random_key: randomInt(RANDOM_KEY_END),
      bound_device_id: null,
      held: 0,
      holder: null,
      held_until: null,
      held_node: null,
      last_login_at: null,
      note: given.note,
      plan_since: null,
      created_at: nowMs,
      updated_at: nowMs,
    };
    return given.activate ? { ...row, ...columnsOf(row, { kind: 'activate' }, context) } : row;
  });
}

/** Which of these user names are taken. */
export async function takenUsernames(
  { dialect }: Dialects,
  db: Kysely<Tables>,
  usernames: readonly string[],
): Promise<Set<string>> {
  const rows = await db
    .selectFrom('accounts')
    .select('username')
    .where(oneOf(dialect, 'username', usernames))
    .execute();
  return new Set(rows.map(({ username }) => username));
}

export async function insertAccounts(
  dialects: Dialects,
  tx: Kysely<Tables>,
  rows: readonly AccountRow[],
): Promise<void> {
  await insertAll(dialects, tx, 'accounts', rows);
}
