// Charges one by one, each with what it was reckoned from, and what all of them come to in each currency.

import type { ClickHouse, ClickHouseProblem, Row } from '../sink/clickhouse.ts';
import type { UsageOwner } from '../usage-row.ts';
import { aboutCharges, type ChargeFilter } from './meter-filter.ts';
import { orderedRows } from './ordered-rows.ts';
import { ownerOf, OWNER_COLUMNS } from './owner-columns.ts';
import { askSingleRows, countOf, textOf } from './single-rows.ts';

export const CHARGE_KINDS = ['usage', 'period', 'once'] as const;

export interface Charge extends UsageOwner {
  readonly key: string;
  readonly kind: string;
  /** Empty where no session caused it. */
  readonly sessionId: string;
  readonly window: number;
  readonly mountpoint: string;
  readonly node: string;
  readonly currency: string;
  readonly amountMicros: bigint;
  /** What the plan counted then; empty where the charge does not say it. */
  readonly counts: string;
  readonly units: number;
  readonly periodKey: string;
  readonly unitsBefore: number;
  readonly unitsAfter: number;
  readonly chargedAtMs: number;
}

export interface CurrencyTotal {
  readonly currency: string;
  readonly amountMicros: bigint;
  readonly charges: number;
}

export type ChargesAnswer =
  | {
      readonly ok: true;
      readonly charges: readonly Charge[];
      readonly totals: readonly CurrencyTotal[];
      readonly nextCursor: string | null;
    }
  | { readonly ok: false; readonly reason: 'invalid_cursor' }
  | ClickHouseProblem;

export interface ChargesAsk {
  readonly filter: ChargeFilter;
  readonly order: 'newest' | 'oldest';
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/** In order of the time at which they were made. */
export async function listCharges(clickhouse: ClickHouse, ask: ChargesAsk): Promise<ChargesAnswer> {
  const question = aboutCharges(ask.filter);
  const [page, totals] = await Promise.all([
    orderedRows(clickhouse, {
      question,
      columns: [
        ...[
          'charge_key',
          'kind',
          'session_id',
          'window_number',
          'mountpoint',
          'node',
          'currency',
          'period_key',
          'counts',
        ],
        ...OWNER_COLUMNS,
      ],
      wide: ['amount_micros', 'units', 'units_before', 'units_after', 'charged_ms'],
      orderBy: [
        { name: 'charged_ms', isNumber: true },
        { name: 'charge_key', isNumber: false },
      ],
      order: ask.order,
      limit: ask.limit,
      cursor: ask.cursor,
    }),
    askSingleRows(
      clickhouse,
      question,
      (fromWhere) => `
        SELECT currency, toString(sum(amount_micros)) AS sum_of_micros, toString(count()) AS charges
        ${fromWhere} GROUP BY currency ORDER BY currency`,
    ),
  ]);
  if (!page.ok) return page;
  if (!totals.ok) return totals;
  return {
    ok: true,
    charges: page.rows.map(chargeOf),
    totals: totals.rows.map((row) => ({
      currency: textOf(row, 'currency'),
      amountMicros: BigInt(textOf(row, 'sum_of_micros')),
      charges: countOf(row, 'charges'),
    })),
    nextCursor: page.nextCursor,
  };
}

function chargeOf(row: Row): Charge {
  return {
    ...ownerOf(row),
    key: textOf(row, 'charge_key'),
    kind: textOf(row, 'kind'),
    sessionId: textOf(row, 'session_id'),
    window: countOf(row, 'window_number'),
    mountpoint: textOf(row, 'mountpoint'),
    node: textOf(row, 'node'),
    currency: textOf(row, 'currency'),
    amountMicros: BigInt(textOf(row, 'text_of_amount_micros')),
    counts: textOf(row, 'counts'),
    units: countOf(row, 'text_of_units'),
    periodKey: textOf(row, 'period_key'),
    unitsBefore: countOf(row, 'text_of_units_before'),
    unitsAfter: countOf(row, 'text_of_units_after'),
    chargedAtMs: countOf(row, 'text_of_charged_ms'),
  };
}
