// What a statement is made of: all charges of one customer within a time, added up by app, plan, period and what was
// counted, which may be something else from one day to the next. Whoever adds up what GET /v1/charges shows of the same
// time comes to the same.

import { STATEMENT_LINES_MAX } from '../../../config/limits.ts';
import type { ClickHouse, ClickHouseProblem, Row } from '../sink/clickhouse.ts';
import type { CurrencyTotal } from './charge-list.ts';
import { aboutCharges, type ChargeFilter } from './meter-filter.ts';
import { askSingleRows, countOf, textOf } from './single-rows.ts';

export interface StatementLine {
  /** Empty where no app is behind it. */
  readonly appId: string;
  readonly billingPlanId: string;
  readonly periodKey: string;
  readonly kind: string;
  readonly currency: string;
  /** What the plan counted then; empty where the charges do not say it. */
  readonly counts: string;
  readonly units: number;
  readonly charges: number;
  readonly amountMicros: bigint;
}

export type StatementAnswer =
  | { readonly ok: true; readonly lines: readonly StatementLine[] }
  | { readonly ok: false; readonly reason: 'too_many_lines' }
  | ClickHouseProblem;

const BY = ['app_id', 'currency', 'billing_plan_id', 'period_key', 'kind', 'counts'];

export async function statementLines(clickhouse: ClickHouse, filter: ChargeFilter): Promise<StatementAnswer> {
  const found = await askSingleRows(
    clickhouse,
    aboutCharges(filter),
    (fromWhere) => `
      SELECT ${BY.join(', ')}, toString(sum(units)) AS sum_of_units, toString(count()) AS charges,
        toString(sum(amount_micros)) AS sum_of_micros
      ${fromWhere}
      GROUP BY ${BY.join(', ')} ORDER BY ${BY.join(', ')} LIMIT ${STATEMENT_LINES_MAX + 1}`,
  );
  if (!found.ok) return found;
  if (found.rows.length > STATEMENT_LINES_MAX) return { ok: false, reason: 'too_many_lines' };
  return { ok: true, lines: found.rows.map(lineOf) };
}

function lineOf(row: Row): StatementLine {
  return {
    appId: textOf(row, 'app_id'),
    billingPlanId: textOf(row, 'billing_plan_id'),
    periodKey: textOf(row, 'period_key'),
    kind: textOf(row, 'kind'),
    currency: textOf(row, 'currency'),
    counts: textOf(row, 'counts'),
    units: countOf(row, 'sum_of_units'),
    charges: countOf(row, 'charges'),
    amountMicros: BigInt(textOf(row, 'sum_of_micros')),
  };
}

/** What lines come to in each currency, in order of the currencies' codes. */
export function totalsOf(lines: readonly CurrencyTotal[]): CurrencyTotal[] {
  const totals = new Map<string, CurrencyTotal>();
  for (const { currency, amountMicros, charges } of lines) {
    const before = totals.get(currency) ?? { currency, amountMicros: 0n, charges: 0 };
    totals.set(currency, {
      currency,
      amountMicros: before.amountMicros + amountMicros,
      charges: before.charges + charges,
    });
  }
  return [...totals.values()].toSorted((a, b) => (a.currency < b.currency ? -1 : 1));
}
