// A statement: what one customer was charged in one month, by app, plan and period, with the balance before and after.

import type { Kysely } from '../../platform/store/sql.ts';
import type { Tables } from '../../platform/store/tables.ts';
import type { Counted } from '../accounts/billing-plan.ts';
import type { CurrencyTotal } from '../metering/queries/charge-list.ts';
import type { BalancePeriod } from '../metering/queries/statement-balances.ts';
import { type StatementLine, statementLines, totalsOf } from '../metering/queries/statement-lines.ts';
import { addMonths, fromLocal, toLocal } from '../metering/rating/local-calendar.ts';
import type { ClickHouseProblem } from '../metering/sink/clickhouse.ts';
import { appNamesById, countedOf, plansById } from './named-things.ts';
import type { MeteringPort } from './ports.ts';

export interface NamedLine extends Omit<StatementLine, 'counts'> {
  readonly appName: string | null;
  readonly billingPlanName: string | null;
  /** Null where neither the charges nor a plan say it. */
  readonly counts: Counted | null;
}

export interface Statement {
  readonly customerId: string;
  readonly customerName: string | null;
  /** Undefined: of all apps. */
  readonly appId: string | undefined;
  /** `2026-11`, by the calendar of the time zone. */
  readonly month: string;
  readonly timeZone: string;
  readonly fromMs: number;
  /** The first moment that is no longer in it. */
  readonly toMs: number;
  readonly isFinal: boolean;
  readonly createdAtMs: number;
  readonly lines: readonly NamedLine[];
  readonly totals: readonly CurrencyTotal[];
  readonly balances: readonly BalancePeriod[] | undefined;
}

export interface StatementAsk {
  readonly customerId: string;
  readonly appId: string | undefined;
  /** The month that goes on where nothing is said. */
  readonly month: string | undefined;
  readonly timeZone: string;
}

export type StatementMade =
  | { readonly ok: true; readonly statement: Statement }
  | { readonly ok: false; readonly reason: 'no_customer' }
  | { readonly ok: false; readonly reason: 'too_many_lines' }
  | ClickHouseProblem;

export async function makeStatement(
  db: Kysely<Tables>,
  { clickhouse, balances }: MeteringPort,
  ask: StatementAsk,
  nowMs: number,
): Promise<StatementMade> {
  const { customerId, appId, timeZone } = ask;
  const range = monthOf(timeZone, ask.month ?? monthAt(timeZone, nowMs));
  const found = await statementLines(clickhouse, {
    fromMs: range.fromMs,
    toMs: range.toMs,
    customerId: [customerId],
    appId: appId === undefined ? undefined : [appId],
  });
  if (!found.ok) return found;
  const customer = await db
    .selectFrom('customers')
    .select('name')
    .where('id', '=', customerId)
    .executeTakeFirst();
  // What a customer was charged outlives it.
  if (customer === undefined && found.lines.length === 0) return { ok: false, reason: 'no_customer' };
  return {
    ok: true,
    statement: {
      customerId,
      customerName: customer?.name ?? null,
      appId,
      timeZone,
      ...range,
      isFinal: range.toMs <= nowMs,
      createdAtMs: nowMs,
      lines: await named(db, found.lines),
      totals: totalsOf(found.lines),
      balances:
        appId === undefined ? await balances?.between(customerId, range.fromMs, range.toMs) : undefined,
    },
  };
}

async function named(db: Kysely<Tables>, lines: readonly StatementLine[]): Promise<NamedLine[]> {
  const plans = await plansById(
    db,
    lines.map(({ billingPlanId }) => billingPlanId),
  );
  const apps = await appNamesById(
    db,
    lines.map(({ appId }) => appId),
  );
  return lines.map((line) => {
    const plan = plans.get(line.billingPlanId);
    return {
      ...line,
      appName: apps.get(line.appId) ?? null,
      billingPlanName: plan?.name ?? null,
      counts: countedOf(line.counts, plan),
    };
  });
}

const MONTH_LENGTH = '2026-11'.length;

export function monthAt(timeZone: string, atMs: number): string {
  return new Date(toLocal(timeZone, atMs)).toISOString().slice(0, MONTH_LENGTH);
}

/** `month` as the schema of the question has it. */
function monthOf(timeZone: string, month: string): Pick<Statement, 'month' | 'fromMs' | 'toMs'> {
  const first = Date.parse(`${month}-01`);
  return { month, fromMs: fromLocal(timeZone, first), toMs: fromLocal(timeZone, addMonths(first, 1)) };
}
