// From windows to charges. Pure: what was used since a session was charged last, by its plan's own counting, and what
// that costs on top of what its customer has used in the same period at the same price.
//
//   row.total − mark.total ─▶ units ─▶ accumulator (customer, plan, period, price class) ─▶ rate(after) − rate(before)
//
// Of a session's totals only the difference to its mark counts: a window that comes twice gives nothing, and one that
// never came is charged with the next.

import type { BillingPlan } from '../../accounts/billing-plan.ts';
import { type BillingPeriod, periodOf } from '../rating/period.ts';
import { type PriceClass, priceClassOf } from '../rating/price-class.ts';
import { rate } from '../rating/rate.ts';
import { type CountedTotals, unitsOf } from '../rating/units.ts';
import type { ChargeRow, UsageOwner } from '../usage-row.ts';
import type { TakenRow } from './taken-row.ts';

/** Up to where a session is charged. */
export interface Mark {
  readonly window: number;
  readonly total: CountedTotals;
}

/** What one window used, and by which price it is charged. */
export interface Used {
  readonly row: TakenRow;
  readonly plan: BillingPlan;
  readonly priceClass: PriceClass;
  readonly periodKey: string;
  readonly units: number;
}

export interface UsedSince {
  readonly used: readonly Used[];
  /** Of the sessions that have got further. */
  readonly marks: ReadonlyMap<string, Mark>;
  /** Rows whose plan nobody knows. */
  readonly unpriced: readonly TakenRow[];
}

const NOTHING: CountedTotals = { bytes: 0, epochs: 0, activeSeconds: 0, durationMs: 0 };

export function usedSince(
  rows: readonly TakenRow[],
  marks: ReadonlyMap<string, Mark>,
  plans: ReadonlyMap<string, BillingPlan>,
): UsedSince {
  const used: Used[] = [];
  const unpriced: TakenRow[] = [];
  const moved = new Map<string, Mark>();
  for (const row of rows) {
    const mark = moved.get(row.sessionId) ?? marks.get(row.sessionId);
    if (mark !== undefined && row.window <= mark.window) continue;
    const plan = plans.get(row.billingPlanId);
    if (plan === undefined) {
      unpriced.push(row);
      continue;
    }
    moved.set(row.sessionId, { window: row.window, total: row.total });
    const units = unitsBetween(plan, mark?.total, row.total);
    if (units === 0) continue;
    const priceClass = priceClassOf(plan, row);
    used.push({ row, plan, priceClass, periodKey: usagePeriod(plan, row.windowStartedAtMs).key, units });
  }
  return { used, marks: moved, unpriced };
}

/** `from` is undefined where nothing of the session was charged. */
export function unitsBetween(
  { counts }: Pick<BillingPlan, 'counts'>,
  from: CountedTotals | undefined,
  to: CountedTotals,
): number {
  return unitsOf(counts, to) - unitsOf(counts, from ?? NOTHING);
}

const lastPeriods = new WeakMap<BillingPlan, BillingPeriod>();

/** What is used by a plan that counts periods has none. Neighboring moments share theirs, and calendars are slow. */
export function usagePeriod(plan: BillingPlan, atMs: number): BillingPeriod {
  const last = lastPeriods.get(plan);
  if (last !== undefined && atMs >= last.startMs && atMs < last.endMs) return last;
  const period = periodOf(plan, atMs, atMs);
  lastPeriods.set(plan, period);
  return period;
}

export interface AccumulatorKey {
  readonly customerId: string;
  readonly planId: string;
  readonly periodKey: string;
  readonly classKey: string;
}

export interface Accumulator extends AccumulatorKey {
  readonly units: number;
  /** The sum of the charges. */
  readonly micros: bigint;
}

export function accumulatorKeyOf({ row, priceClass, periodKey }: Used): AccumulatorKey {
  return { customerId: row.customerId, planId: row.billingPlanId, periodKey, classKey: priceClass.key };
}

/** Class keys hold names of mountpoints; none of the others has a space. */
export function textOfKey({ customerId, planId, periodKey, classKey }: AccumulatorKey): string {
  return `${customerId} ${planId} ${periodKey} ${classKey}`;
}

export interface ChargedUse {
  readonly charges: readonly ChargeRow[];
  /** Those that have changed, as they are now. */
  readonly accumulators: ReadonlyMap<string, Accumulator>;
}

/** In the order of `used`. An accumulator that is not in `before` has counted nothing yet. */
export function chargeUsed(
  used: readonly Used[],
  before: ReadonlyMap<string, Accumulator>,
  chargedAtMs: number,
): ChargedUse {
  const accumulators = new Map<string, Accumulator>();
  const charges = used.map((one): ChargeRow => {
    const { row, plan, priceClass, periodKey, units } = one;
    const key = accumulatorKeyOf(one);
    const text = textOfKey(key);
    const { units: unitsBefore, micros } = accumulators.get(text) ??
      before.get(text) ?? { units: 0, micros: 0n };
    const unitsAfter = unitsBefore + units;
    const amountMicros = rate(priceClass.tariff, unitsAfter) - rate(priceClass.tariff, unitsBefore);
    accumulators.set(text, { ...key, units: unitsAfter, micros: micros + amountMicros });
    return {
      ...ownerOf(row),
      key: `${row.sessionId}/${row.window}/${row.billingPlanId}`,
      revision: 0,
      kind: 'usage',
      sessionId: row.sessionId,
      window: row.window,
      mountpoint: row.mountpoint,
      node: row.node,
      currency: plan.currency,
      amountMicros,
      counts: plan.counts,
      units,
      periodKey,
      unitsBefore,
      unitsAfter,
      dayAtMs: row.sessionStartedAtMs,
      chargedAtMs,
    };
  });
  return { charges, accumulators };
}

function ownerOf(row: UsageOwner): UsageOwner {
  const { customerId, appId, accountId, account, device, serviceSpecId, billingPlanId } = row;
  return { customerId, appId, accountId, account, device, serviceSpecId, billingPlanId };
}
