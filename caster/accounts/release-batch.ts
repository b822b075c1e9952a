// The transaction that takes accounts back from those who held them on one node. What another node or another holder has
// meanwhile stays theirs.

import { oneOf } from '../../platform/store/one-of.ts';
import { sql, type Transaction } from '../../platform/store/sql.ts';
import type { Store } from '../../platform/store/store.ts';
import { storeTimeMs } from '../../platform/store/store-time.ts';
import type { Tables } from '../../platform/store/tables.ts';
import { isPlainHolder } from './allocation-terms.ts';
import { jsonRows } from './json-rows.ts';
import { lettingGo, lockAccounts } from './letting-go.ts';

/** What becomes of an account that nobody on this node uses any more. */
export interface Release {
  readonly accountId: string;
  readonly holder: string;
  /** Free at once, or held for its device for so long. */
  readonly holdMs: number | undefined;
}

const COLUMNS = { id: 'text', holder: 'text', hold: 'integer' } as const;

export async function takeBack(
  tx: Transaction<Tables>,
  dialect: Store['dialect'],
  node: string,
  releases: readonly Release[],
): Promise<void> {
  const rows = releases
    .map(({ accountId, holder, holdMs }) => ({ id: accountId, holder, hold: holdMs ?? null }))
    .toSorted((a, b) => (a.id < b.id ? -1 : 1));
  const all = rows.map(({ id }) => id);
  await lockAccounts(tx, dialect, oneOf(dialect, 'id', all));
  const plain = rows.filter(({ holder }) => isPlainHolder(holder));
  if (plain.length > 0) {
    const ids = plain.map(({ id }) => id);
    await tx
      .deleteFrom('plain_uses')
      .where(oneOf(dialect, 'account_id', ids))
      .where('node', '=', node)
      .execute();
  }
  // `coalesce` keeps SQLite from going through all that this node holds once for every row.
  const fromRows = (some: typeof rows) => sql`from ${jsonRows(dialect, some, COLUMNS)}
    where accounts.id = j.id and accounts.held = 1 and accounts.holder = j.holder
      and coalesce(accounts.held_node, ${node}) = ${node}`;
  const kept = rows.filter(({ hold }) => hold !== null);
  if (kept.length > 0)
    await sql`update accounts set held_until = ${storeTimeMs(dialect)} + j.hold ${fromRows(kept)}`.execute(
      tx,
    );
  const free = rows.filter(({ hold }) => hold === null);
  if (free.length > 0) await sql`update accounts set ${lettingGo()} ${fromRows(free)}`.execute(tx);
}
