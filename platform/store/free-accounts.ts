// The two queries that allocation and its sweeps begin with. Their conditions are written into the text, not bound:
// neither database uses a partial index where it has to guess whether a parameter fits its condition.

import { sql, type Kysely } from './sql.ts';
import { type Tables } from './tables.ts';

/** One past the largest random key. */
export const RANDOM_KEY_END = 2 ** 31;

/**
 * Accounts of a pool that nobody has and none is bound to, in the order of their random keys. With `random_key >= x` of a
 * random x, and `limit 1`, this is a pick at random by one seek in the index `accounts_free`; where nothing comes, the
 * pick goes on at 0. What is picked must get a new random key, or its neighbor would be picked next more often.
 */
export function freeAccounts(db: Kysely<Tables>) {
  return db
    .selectFrom('accounts')
    .where('held', '=', sql.lit(0))
    .where('bound_device_id', 'is', null)
    .orderBy('random_key');
}

/** Accounts that somebody has: by the indexes `accounts_held_until`, `accounts_held_node` and `accounts_holder`. */
export function heldAccounts(db: Kysely<Tables>) {
  return db.selectFrom('accounts').where('held', '=', sql.lit(1));
}
