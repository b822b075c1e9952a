// Balances of customers, one for each currency, and the entries that they are the sum of. A balance is changed by who
// has locked it, together with an entry, in one transaction, and in no other way.

import { newId } from '../../../platform/store/id.ts';
import { insertAll } from '../../../platform/store/insert-all.ts';
import { sql, type Transaction } from '../../../platform/store/sql.ts';
import type { Store } from '../../../platform/store/store.ts';
import type { Tables } from '../../../platform/store/tables.ts';
import type { BalanceEntriesTable } from '../../../platform/store/tables/money-tables.ts';
import { jsonRows } from '../../accounts/json-rows.ts';
import { upsertAll } from './upsert-all.ts';

export interface PurseKey {
  readonly customerId: string;
  readonly currency: string;
}

export interface Balance extends PurseKey {
  readonly micros: bigint;
  /** Greater after every change, whoever makes it: the time in ms, or one more than before where that is greater. */
  readonly version: number;
  /** Plans whose warning of a low balance was told and has not become void since. */
  readonly lowTold: ReadonlySet<string>;
}

export type BalanceEntry = Omit<BalanceEntriesTable, 'id' | 'balance_micros' | 'created_at'>;

type Dialects = Pick<Store, 'dialect'>;

export function textOfPurse({ customerId, currency }: PurseKey): string {
  return `${customerId} ${currency}`;
}

/** All of these balances, held until the transaction ends; one that was not there is made, with nothing in it. */
export async function lockBalances(
  { dialect }: Dialects,
  tx: Transaction<Tables>,
  keys: readonly PurseKey[],
  nowMs: number,
): Promise<Map<string, Balance>> {
  const wanted = [...new Map(keys.map((key) => [textOfPurse(key), key])).values()]
    .map(({ customerId, currency }) => ({ customer_id: customerId, currency }))
    // Two nodes that take them in the same order do not wait for each other crosswise.
    .toSorted((a, b) => (a.customer_id + a.currency < b.customer_id + b.currency ? -1 : 1));
  if (wanted.length === 0) return new Map();
  const made = wanted.map((key) => ({ ...key, balance_micros: '0', low_told: '[]', updated_at: nowMs }));
  await insertAll({ dialect }, tx, 'balances', made, { onConflict: 'skip' });
  const lock = dialect === 'postgres' ? sql`order by 1, 2 for update of b` : sql``;
  const { rows } = await sql<{
    customer_id: string;
    currency: string;
    balance_micros: string;
    low_told: string;
    updated_at: number;
  }>`
    select b.customer_id, b.currency, b.balance_micros, b.low_told, b.updated_at
    from ${jsonRows(dialect, wanted, { customer_id: 'text', currency: 'text' })}
    join balances b on b.customer_id = j.customer_id and b.currency = j.currency ${lock}`.execute(tx);
  const balances = rows.map((row) => ({
    customerId: row.customer_id,
    currency: row.currency,
    micros: BigInt(row.balance_micros),
    version: row.updated_at,
    lowTold: new Set(JSON.parse(row.low_told) as string[]),
  }));
  return new Map(balances.map((balance) => [textOfPurse(balance), balance]));
}

/** Appends entries to balances that `lockBalances` has given. The balances as they are afterwards. */
export async function enter(
  { dialect }: Dialects,
  tx: Transaction<Tables>,
  balances: ReadonlyMap<string, Balance>,
  entries: readonly BalanceEntry[],
  nowMs: number,
): Promise<{ balances: Map<string, Balance>; rows: BalanceEntriesTable[] }> {
  const later = ({ version }: Balance): number => Math.max(nowMs, version + 1);
  const after = new Map(
    [...balances].map(([purse, balance]) => [purse, { ...balance, version: later(balance) }]),
  );
  const rows = entries.map((entry): BalanceEntriesTable => {
    const purse = textOfPurse({ customerId: entry.customer_id, currency: entry.currency });
    const balance = after.get(purse);
    if (balance === undefined) throw new Error('an entry for a balance that is not locked');
    const micros = balance.micros + BigInt(entry.amount_micros);
    after.set(purse, { ...balance, micros });
    return { id: newId('bal'), ...entry, balance_micros: String(micros), created_at: nowMs };
  });
  await insertAll({ dialect }, tx, 'balance_entries', rows);
  await writeBalances({ dialect }, tx, [...after.values()]);
  return { balances: after, rows };
}

export async function writeBalances(
  { dialect }: Dialects,
  tx: Transaction<Tables>,
  balances: readonly Balance[],
): Promise<void> {
  const rows = balances.map(({ customerId, currency, micros, version, lowTold }) => ({
    customer_id: customerId,
    currency,
    balance_micros: String(micros),
    low_told: JSON.stringify([...lowTold]),
    updated_at: version,
  }));
  await upsertAll(dialect, tx, 'balances', rows, {
    key: ['customer_id', 'currency'],
    columns: {
      customer_id: 'text',
      currency: 'text',
      balance_micros: 'text',
      low_told: 'text',
      updated_at: 'integer',
    },
  });
}
