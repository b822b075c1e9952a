// What becomes of an account whose holder lets go of it: where somebody uses it by its own password on another node, it
// is theirs from then on; else it is free. Who does so where stands in `plain_uses`.

import { insertAll } from '../../platform/store/insert-all.ts';
import { sql, type RawBuilder, type Transaction } from '../../platform/store/sql.ts';
import type { Dialect } from '../../platform/store/store.ts';
import type { Tables } from '../../platform/store/tables.ts';
import { HELD_UNTIL_RELEASED } from './allocation-terms.ts';

/** The columns of an `update accounts set …`. What this node gives up of `plain_uses` must be gone before. */
export function lettingGo(): RawBuilder<unknown> {
  const user = sql`(select min(node) from plain_uses where plain_uses.account_id = accounts.id)`;
  // The holder of a free account stays written: by it a lent password is known while nobody else has the account.
  return sql`held = case when ${user} is null then 0 else 1 end,
    holder = case when ${user} is null then accounts.holder else 'p:' || accounts.id end,
    held_until = case when ${user} is null then null else ${sql.lit(HELD_UNTIL_RELEASED)} end,
    held_node = ${user}`;
}

/**
 * On PostgreSQL, whoever decides by `plain_uses` what becomes of an account, or adds to it, takes the account's row
 * before: a statement sees what was there when it began, and of two at once neither would see what the other one writes.
 */
export async function lockAccounts(
  tx: Transaction<Tables>,
  dialect: Dialect,
  which: RawBuilder<boolean>,
): Promise<void> {
  if (dialect === 'sqlite') return;
  await tx.selectFrom('accounts').select('id').where(which).orderBy('id').forUpdate().execute();
}

/** Somebody uses these accounts by their own passwords on this node, until they are taken back or the node is gone. */
export async function notePlainUses(
  tx: Transaction<Tables>,
  dialect: Dialect,
  node: string,
  accountIds: readonly string[],
): Promise<void> {
  const rows = accountIds.map((account_id) => ({ account_id, node }));
  await insertAll({ dialect }, tx, 'plain_uses', rows, { onConflict: 'skip' });
}
