// A bulk job that changes accounts: by a list of ids, or all that fit a filter when their turn comes.

import type { ChangeBus } from '../../../platform/bus/bus.ts';
import type { Actor } from '../../../platform/http/actor.ts';
import type { Kysely } from '../../../platform/store/sql.ts';
import type { Store } from '../../../platform/store/store.ts';
import type { Tables } from '../../../platform/store/tables.ts';
import type { AccountChange } from '../account-changes.ts';
import { type Choice, refusedChoice, refusedOverride } from '../choices.ts';
import { type AccountFilter, type AccountRow, scanOfAccounts } from '../records/account-filter.ts';
import { changeAccounts, lockAccounts } from '../records/account-records.ts';
import { countInWindow, endOfWindow, rowsAfter } from '../records/scan-page.ts';
import type { BulkWork, RowResult } from './bulk-jobs.ts';
import { breather } from './pace.ts';

export type AccountSelection = { readonly ids: readonly string[] } | { readonly filter: AccountFilter };

export interface AccountWorkOptions {
  readonly store: Store;
  readonly bus: ChangeBus;
  readonly actor: Pick<Actor, 'customerId'>;
  readonly selection: AccountSelection;
  readonly change: AccountChange;
}

export function accountWork({ store, bus, actor, selection, change }: AccountWorkOptions): BulkWork<string> {
  return {
    take: 'ids' in selection ? takeFromList(selection.ids) : takeByFilter(store, selection.filter),
    act: (tx, ids) => changeByIds({ store, actor, change }, tx, ids),
    tell: (_ids, results) => {
      for (const { ok, target } of results)
        if (ok && target !== null) bus.publish({ kind: 'account', id: target });
    },
  };
}

/** How many accounts a job is about, counted a part at a time; Infinity where they are more than `most`. */
export async function countSelected(
  store: Store,
  selection: AccountSelection,
  most: number,
): Promise<number> {
  if ('ids' in selection) return selection.ids.length;
  const scan = scanOfAccounts(store, selection.filter, Date.now(), 'id');
  let count = 0;
  for (let after: string | undefined, isFirst = true; isFirst || after !== undefined; isFirst = false) {
    count += await countInWindow(store.db, scan, after);
    if (count > most) return Infinity;
    after = await endOfWindow(scan, after, 'oldest');
    await breather();
  }
  return count;
}

function takeFromList(ids: readonly string[]): BulkWork<string>['take'] {
  let next = 0;
  return (rows) => {
    const piece = ids.slice(next, next + rows);
    next += piece.length;
    return Promise.resolve(piece);
  };
}

/** Ids grow, so what is made after the beginning is beyond the end. */
function takeByFilter(store: Store, filter: AccountFilter): BulkWork<string>['take'] {
  const scan = scanOfAccounts(store, filter, Date.now(), 'id');
  let after: string | undefined;
  let last: string | undefined;
  let isOver = false;
  return async (rows) => {
    last ??= await newestId(store.db);
    while (!isOver) {
      const found = await rowsAfter(store.db, scan, after, 'oldest', rows);
      if (found.length === rows) {
        after = found.at(-1)!.id;
      } else {
        after = scan.conditions.length === 0 ? undefined : await endOfWindow(scan, after, 'oldest');
        isOver = after === undefined;
      }
      const ids = found.map(({ id }) => id).filter((id) => last === undefined || id <= last);
      if (ids.length < found.length) isOver = true;
      if (ids.length > 0) return ids;
      await breather();
    }
    return [];
  };
}

async function newestId(db: Kysely<Tables>): Promise<string | undefined> {
  const row = await db.selectFrom('accounts').select('id').orderBy('id', 'desc').limit(1).executeTakeFirst();
  return row?.id;
}

async function changeByIds(
  { store, actor, change }: Pick<AccountWorkOptions, 'store' | 'actor' | 'change'>,
  tx: Kysely<Tables>,
  ids: readonly string[],
): Promise<RowResult[]> {
  const rows = await lockAccounts(store, tx, actor, ids);
  const refusals = await refusalsOf(tx, actor, [...rows.values()], change);
  const usable = [...rows.values()].filter((row) => !refusals.has(groupOf(row)));
  const changed = new Set((await changeAccounts(store, tx, usable, change, Date.now())).changedIds);
  return ids.map((target) => {
    const row = rows.get(target);
    if (row === undefined) return { ok: false, target, code: 'account_not_found' };
    const code = refusals.get(groupOf(row));
    if (code !== undefined) return { ok: false, target, code };
    return changed.has(target) ? { ok: true, target } : { ok: true, target, detail: 'unchanged' };
  });
}

/** What refuses a spec or plan for accounts; asked once for all that are alike. */
async function refusalsOf(
  tx: Kysely<Tables>,
  actor: Pick<Actor, 'customerId'>,
  rows: readonly AccountRow[],
  change: AccountChange,
): Promise<Map<string, string>> {
  const choice = choiceOf(change);
  const refusals = new Map<string, string>();
  if (choice === undefined) return refusals;
  for (const row of new Map(rows.map((one) => [groupOf(one), one])).values()) {
    const app = await tx
      .selectFrom('apps')
      .select(['service_spec_id', 'billing_plan_id'])
      .where('id', '=', row.app_id)
      .executeTakeFirst();
    const refused =
      (app === undefined ? undefined : await refusedOverride(tx, actor, app, choice)) ??
      (await refusedOverride(tx, actor, row, choice)) ??
      (await refusedChoice(tx, actor, row.customer_id, choice));
    if (refused !== undefined) refusals.set(groupOf(row), refused.code);
  }
  return refusals;
}

/** Those of one group are answered alike: same app, same spec and plan of their own. */
function groupOf(row: AccountRow): string {
  return `${row.app_id} ${row.service_spec_id ?? ''} ${row.billing_plan_id ?? ''}`;
}

function choiceOf(change: AccountChange): Choice | undefined {
  if (change.kind === 'setServiceSpec') return { serviceSpecId: change.serviceSpecId };
  if (change.kind === 'setBillingPlan') return { billingPlanId: change.billingPlanId };
  return undefined;
}
