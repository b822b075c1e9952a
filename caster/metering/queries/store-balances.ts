// Balances before and after a month, out of the entries in the store. What is kept is the balance now; whatever was
// entered since is taken off again, so that opening and closing are sums of entries and nothing else, whichever node
// wrote them in which order. A day of entries at a time, since SQLite answers on the main thread.

import { firstIdAt } from '../../../platform/store/id.ts';
import { type RawBuilder, sql } from '../../../platform/store/sql.ts';
import type { Store } from '../../../platform/store/store.ts';
import type { BalanceEntriesTable } from '../../../platform/store/tables/money-tables.ts';
import type { BalancePeriod, StatementBalances } from './statement-balances.ts';

const PIECE_MS = 86_400_000;
/** An entry's time is taken before its id, and a transaction does not take nearly as long. */
const ID_LATER_MS_MAX = 3_600_000;
/** Amounts in two parts, each of which adds up to a number of JavaScript. */
const PART = 1_000_000_000;

interface Sum {
  readonly currency: string;
  readonly kind: BalanceEntriesTable['kind'] | null;
  readonly is_within: number;
  readonly high: number | null;
  readonly low: number | null;
}

interface Tally {
  topUp: bigint;
  charge: bigint;
  correction: bigint;
  after: bigint;
}

const FIELD_OF = { top_up: 'topUp', charge: 'charge', correction: 'correction' } as const;

export function storeBalances({ db }: Pick<Store, 'db'>): StatementBalances {
  return {
    async between(customerId, fromMs, toMs) {
      const tallies = new Map<string, Tally>();
      const summed = sumsUntil(toMs);
      const lastMs = Math.max(fromMs, Date.now()) - ID_LATER_MS_MAX;
      const first = await db
        .selectFrom('balance_entries')
        .select('created_at')
        .where('customer_id', '=', customerId)
        .orderBy('id')
        .limit(1)
        .executeTakeFirst();
      const firstMs = Math.max(fromMs, first?.created_at ?? lastMs) - ID_LATER_MS_MAX;
      for (let atMs = firstMs; atMs < lastMs; atMs += PIECE_MS) {
        const { rows } = await sql<Sum>`
          select e.currency as currency, ${summed} from balance_entries e
          where e.customer_id = ${customerId} and e.created_at >= ${fromMs}
            and e.id >= ${firstIdAt('bal', atMs)} and e.id < ${firstIdAt('bal', Math.min(atMs + PIECE_MS, lastMs))}
          group by e.currency, e.kind, is_within`.execute(db);
        for (const row of rows) add(tallies, row);
      }
      // The balance, and what has come in lately, in one statement: they belong together.
      const { rows } = await sql<Sum & { balance_micros: string }>`
        select b.currency as currency, b.balance_micros as balance_micros, ${summed} from balances b
        left join balance_entries e on e.customer_id = b.customer_id and e.currency = b.currency
          and e.created_at >= ${fromMs} and e.id >= ${firstIdAt('bal', lastMs)}
        where b.customer_id = ${customerId}
        group by b.currency, b.balance_micros, e.kind, is_within`.execute(db);
      for (const row of rows) add(tallies, row);
      const balances = new Map(rows.map((row) => [row.currency, BigInt(row.balance_micros)]));
      return [...balances]
        .toSorted(([a], [b]) => (a < b ? -1 : 1))
        .map(([currency, now]) => periodOf(currency, now, tallies.get(currency)!));
    },
  };
}

function sumsUntil(toMs: number): RawBuilder<unknown> {
  return sql`e.kind as kind, case when e.created_at < ${sql.lit(toMs)} then 1 else 0 end as is_within,
    sum(cast(e.amount_micros as bigint) / ${sql.lit(PART)}) as high,
    sum(cast(e.amount_micros as bigint) % ${sql.lit(PART)}) as low`;
}

function add(tallies: Map<string, Tally>, { currency, kind, is_within: isWithin, high, low }: Sum): void {
  const tally = tallies.get(currency) ?? { topUp: 0n, charge: 0n, correction: 0n, after: 0n };
  tallies.set(currency, tally);
  if (kind === null) return;
  const amount = BigInt(high ?? 0) * BigInt(PART) + BigInt(low ?? 0);
  tally[isWithin === 1 ? FIELD_OF[kind] : 'after'] += amount;
}

function periodOf(currency: string, now: bigint, tally: Tally): BalancePeriod {
  const closingMicros = now - tally.after;
  return {
    currency,
    openingMicros: closingMicros - tally.topUp - tally.charge - tally.correction,
    topUpMicros: tally.topUp,
    chargeMicros: tally.charge,
    correctionMicros: tally.correction,
    closingMicros,
  };
}
