// Tests the balances of a statement on both databases, against plain sums of the entries.

import { describe, expect, test } from 'vitest';
import { storeBalances } from '../../../caster/metering/queries/store-balances.ts';
import { firstIdAt } from '../../../platform/store/id.ts';
import type { Store } from '../../../platform/store/store.ts';
import type { BalanceEntriesTable } from '../../../platform/store/tables/money-tables.ts';
import { DIALECTS, useStores } from '../../support/use-stores.ts';
import { type Random, randomFrom } from './metered-rows.ts';

const stores = useStores();
const DAY_MS = 86_400_000;
const KINDS = ['top_up', 'charge', 'correction'] as const;

/** So many entries of the last ninety days; some of their ids are a little later than their times. */
async function enter(store: Store, random: Random, customerId: string, count: number) {
  const nowMs = Date.now();
  const balances = new Map<string, bigint>();
  const entries: BalanceEntriesTable[] = [];
  for (let number = 0; number < count; number++) {
    const atMs = number < 3 ? nowMs - number : nowMs - random(90 * DAY_MS);
    const currency = random(3) === 0 ? 'CNY' : 'EUR';
    // Up to the largest amount there is.
    const amount = BigInt(random(2 ** 31) - 2 ** 30) * (random(9) === 0 ? 900_000_000n : 1n) + 1n;
    balances.set(currency, (balances.get(currency) ?? 0n) + amount);
    entries.push({
      id: `${firstIdAt('bal', atMs + random(3000))}${String(number).padStart(7, '2')}`,
      ...{ customer_id: customerId, currency, kind: KINDS[random(3)]!, amount_micros: String(amount) },
      ...{ balance_micros: '0', reference: null, note: null, charges: 0, actor: 'owner', created_at: atMs },
    });
  }
  for (const entry of entries) await store.db.insertInto('balance_entries').values(entry).execute();
  for (const [currency, micros] of balances) {
    await store.db
      .insertInto('balances')
      .values({
        ...{ customer_id: customerId, currency, balance_micros: String(micros) },
        ...{ low_told: '[]', updated_at: nowMs },
      })
      .execute();
  }
  return entries;
}

function sumOf(
  entries: readonly BalanceEntriesTable[],
  fits: (entry: BalanceEntriesTable) => boolean,
): bigint {
  let sum = 0n;
  for (const entry of entries) if (fits(entry)) sum += BigInt(entry.amount_micros);
  return sum;
}

describe.each(DIALECTS)('on %s', (dialect) => {
  test('opening and closing balances are the sums of all entries before, and what is between adds up', async (context) => {
    const store = await stores.open(dialect, context);
    const random = randomFrom(20_261_130);
    const entries = await enter(store, random, 'cus_a', 400);
    await enter(store, random, 'cus_b', 20);
    const nowMs = Date.now();
    for (const [from, to] of [
      [-91, 1],
      [-60, -30],
      [-30, 0],
      [-1, 1],
      [1, 31],
      [-20_000, -91],
    ] as const) {
      const [fromMs, toMs] = [nowMs + from * DAY_MS, nowMs + to * DAY_MS];
      const isBefore = (entry: BalanceEntriesTable): boolean => entry.created_at < fromMs;
      const isWithin = (entry: BalanceEntriesTable): boolean => !isBefore(entry) && entry.created_at < toMs;
      const expected = ['CNY', 'EUR'].map((currency) => {
        const some = entries.filter((entry) => entry.currency === currency);
        const within = (kind: string): bigint =>
          sumOf(some, (entry) => isWithin(entry) && entry.kind === kind);
        return {
          currency,
          openingMicros: sumOf(some, isBefore),
          ...{ topUpMicros: within('top_up'), chargeMicros: within('charge') },
          correctionMicros: within('correction'),
          closingMicros: sumOf(some, (entry) => entry.created_at < toMs),
        };
      });
      expect([from, await storeBalances(store).between('cus_a', fromMs, toMs)]).toEqual([from, expected]);
    }
  });

  test('a customer without a balance has none', async (context) => {
    const store = await stores.open(dialect, context);
    await enter(store, randomFrom(1), 'cus_b', 3);
    expect(await storeBalances(store).between('cus_a', 0, Date.now())).toEqual([]);
  });
});
