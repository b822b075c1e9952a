// Balances and accumulators as they were charged last, kept in memory for those customers that use something now. Read
// anew in a turn of charging's own, so that nobody sees a balance without the charge that goes with it.

import { BOOKS_KEPT_MS } from '../../../config/limits.ts';
import { sql } from '../../../platform/store/sql.ts';
import type { Store } from '../../../platform/store/store.ts';
import { jsonRows } from '../../accounts/json-rows.ts';
import { type PurseKey, textOfPurse } from './balances.ts';
import { readAccumulators } from './charge-tables.ts';
import type { ChargedState, Moved } from './charged-state.ts';
import type { Charging } from './charging.ts';
import { type AccumulatorKey, textOfKey } from './reckoning.ts';
import type { KnownBalance } from './slices/purse-slice.ts';

interface Kept<Key, Value> {
  readonly key: Key;
  /** Undefined until it is read. */
  value: Value | undefined;
  usedMs: number;
}

const NO_BALANCE: KnownBalance = { micros: 0n, version: 0 };

export interface BooksParts {
  readonly store: Store;
  readonly state: ChargedState;
  readonly turns: Charging['turns'];
}

export class Books {
  readonly #parts: BooksParts;
  readonly #balances = new Map<string, Kept<PurseKey, KnownBalance>>();
  readonly #units = new Map<string, Kept<AccumulatorKey, number>>();
  #reading: Promise<void> = Promise.resolve();
  /** The reading that has not begun. */
  #next: Promise<void> | undefined;

  constructor(parts: BooksParts) {
    this.#parts = parts;
    parts.state.onMoved((moved) => this.#take(moved));
  }

  /** Undefined where it is not read yet; it will be. `text` is that of the key. */
  balance(key: PurseKey, nowMs: number, text = textOfPurse(key)): bigint | undefined {
    return use(this.#balances, text, key, nowMs)?.micros;
  }

  /** With its version, after everything that this process has charged. */
  known(key: PurseKey, nowMs: number): KnownBalance | undefined {
    return use(this.#balances, textOfPurse(key), key, nowMs);
  }

  /** Units that are charged already; undefined where they are not read yet. */
  units(key: AccumulatorKey, nowMs: number, text = textOfKey(key)): number | undefined {
    return use(this.#units, text, key, nowMs);
  }

  /** Reads everything that is in use anew, and forgets the rest. All who ask while it reads share the next reading. */
  refresh(nowMs: number): Promise<void> {
    this.#next ??= this.#reading
      .catch(() => undefined)
      .then(() => {
        this.#next = undefined;
        this.#reading = this.#read(nowMs);
        return this.#reading;
      });
    return this.#next;
  }

  async #read(nowMs: number): Promise<void> {
    forget(this.#balances, nowMs - BOOKS_KEPT_MS);
    forget(this.#units, nowMs - BOOKS_KEPT_MS);
    if (this.#balances.size === 0 && this.#units.size === 0) return;
    const { store, turns } = this.#parts;
    await turns.take();
    try {
      const purses = [...this.#balances];
      const keys = [...this.#units];
      const balances = await readBalances(
        store,
        purses.map(([, { key }]) => key),
      );
      const found = await readAccumulators(
        store,
        store.db,
        keys.map(([, { key }]) => key),
      );
      for (const [text, kept] of purses) kept.value = balances.get(text) ?? NO_BALANCE;
      for (const [text, kept] of keys) kept.value = found.get(text)?.units ?? 0;
    } finally {
      turns.give();
    }
  }

  #take({ balances, accumulators }: Moved): void {
    for (const [text, { micros, version }] of balances) {
      const kept = this.#balances.get(text);
      if (kept !== undefined) kept.value = { micros, version };
    }
    for (const [text, { units }] of accumulators) {
      const kept = this.#units.get(text);
      if (kept !== undefined) kept.value = units;
    }
  }
}

function use<Key, Value>(
  table: Map<string, Kept<Key, Value>>,
  text: string,
  key: Key,
  nowMs: number,
): Value | undefined {
  const kept = table.get(text);
  if (kept === undefined) {
    table.set(text, { key, value: undefined, usedMs: nowMs });
    return undefined;
  }
  kept.usedMs = nowMs;
  return kept.value;
}

function forget<Key, Value>(table: Map<string, Kept<Key, Value>>, beforeMs: number): void {
  for (const [text, { usedMs }] of table) if (usedMs < beforeMs) table.delete(text);
}

async function readBalances(
  { db, dialect }: Store,
  keys: readonly PurseKey[],
): Promise<Map<string, KnownBalance>> {
  if (keys.length === 0) return new Map();
  const columns = { customerId: 'text', currency: 'text' } as const;
  const { rows } = await sql<{
    customer_id: string;
    currency: string;
    balance_micros: string;
    updated_at: number;
  }>`select b.customer_id, b.currency, b.balance_micros, b.updated_at from ${jsonRows(dialect, keys, columns)}
    join balances b on b.customer_id = j."customerId" and b.currency = j.currency`.execute(db);
  return new Map(
    rows.map((row) => [
      textOfPurse({ customerId: row.customer_id, currency: row.currency }),
      { micros: BigInt(row.balance_micros), version: row.updated_at },
    ]),
  );
}
