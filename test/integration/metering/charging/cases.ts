// Plans, sessions and windows at random: sessions of several customers over days and ends of months, all ways of
// counting, prices by spec and mountpoint, last windows that give back, windows that are delivered twice.

import fc from 'fast-check';
import type { BillingPlan } from '../../../../caster/accounts/billing-plan.ts';
import type { UsageRow, UsageTotals } from '../../../../caster/metering/usage-row.ts';
import type { Insertable } from '../../../../platform/store/sql.ts';
import type { BillingPlansTable } from '../../../../platform/store/tables.ts';
import { usageRow } from '../../../support/meter-rows.ts';
import { tariffs, TIME_ZONES } from '../../../unit/metering/rating/plans.ts';

export const CHARGING_SEED = 20_261_130;

export interface ChargingCase {
  readonly plans: ReadonlyMap<string, BillingPlan>;
  /** As they are delivered. */
  readonly rows: readonly UsageRow[];
}

const CUSTOMERS = ['cus_a', 'cus_b', 'cus_c'];
const MOUNTPOINTS = ['BASE1', 'BASE2', 'BASE3'];
const SPECS = ['', 'spec_a'];

const pricing = fc.integer({ min: 0, max: 9_000_000 });

const plans: fc.Arbitrary<BillingPlan> = fc
  .record({
    tariff: tariffs,
    counts: fc.constantFrom('bytes', 'epochs', 'wallTime', 'onlineSeconds'),
    period: fc.constantFrom(undefined, 'day', 'week', 'month', 'year'),
    timeZone: fc.constantFrom(...TIME_ZONES),
    currency: fc.constantFrom('EUR', 'CNY'),
    prices: fc.subarray([
      { mountpoint: 'BASE1' },
      { serviceSpecId: 'spec_a' },
      { mountpoint: 'BASE2', serviceSpecId: 'spec_a' },
    ]),
    price: pricing,
    isUsual: fc.boolean(),
  })
  .map(({ tariff, prices, price, isUsual, ...rest }) => ({
    ...tariff,
    // Most prices of all tariffs there can be are too low or too high for what is used here.
    priceMicros: isUsual ? price : tariff.priceMicros,
    ...rest,
    prices: prices.map((one, index) => ({ ...one, priceMicros: price + index })),
    mode: 'prepaid' as const,
    atZero: 'end' as const,
  }));

interface Life {
  readonly customer: string;
  readonly plan: number;
  readonly mountpoint: string;
  readonly spec: string;
  readonly startedAtMs: number;
  readonly steps: readonly {
    readonly bytes: number;
    readonly epochs: number;
    readonly ms: number;
    readonly active: number;
  }[];
  readonly givesBack: number;
}

const lives: fc.Arbitrary<Life> = fc.record({
  customer: fc.constantFrom(...CUSTOMERS),
  plan: fc.nat({ max: 7 }),
  mountpoint: fc.constantFrom(...MOUNTPOINTS),
  spec: fc.constantFrom(...SPECS),
  startedAtMs: fc.integer({ min: Date.UTC(2026, 9, 30), max: Date.UTC(2026, 10, 3) }),
  steps: fc.array(
    fc.record({
      bytes: fc.integer({ min: 0, max: 60_000 }),
      epochs: fc.integer({ min: 0, max: 20 }),
      ms: fc.integer({ min: 0, max: 12_000 }),
      active: fc.integer({ min: 0, max: 10 }),
    }),
    { minLength: 1, maxLength: 12 },
  ),
  givesBack: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 90_000 })),
});

export function chargingCase(seed: number, sessions: number): ChargingCase {
  const drawn = fc.sample(plans, { seed, numRuns: 8 });
  const byId = new Map(drawn.map((plan, index) => [`plan_${index}`, plan]));
  const bySession = fc.sample(lives, { seed, numRuns: sessions }).map(windowsOf);
  // Sessions take turns at random; within one its windows come in order, and now and then once more.
  const turn = fc.tuple(fc.nat({ max: sessions - 1 }), fc.nat({ max: 4 }), fc.nat());
  const order = fc.sample(turn, { seed, numRuns: 15 * sessions });
  const next = bySession.map(() => 0);
  const rows: UsageRow[] = [];
  for (const [index, kind, draw] of order) {
    const windows = bySession[index]!;
    const isRepeat = kind === 0 && next[index]! > 0;
    const row = windows[isRepeat ? draw % next[index]! : next[index]!];
    if (row === undefined) continue;
    if (!isRepeat) next[index]! += 1;
    rows.push(row);
  }
  for (const [index, windows] of bySession.entries()) rows.push(...windows.slice(next[index]));
  return { plans: byId, rows };
}

function windowsOf(life: Life, index: number): UsageRow[] {
  let total: UsageTotals = {
    bytes: 0,
    epochs: 0,
    frames: 0,
    epochsDropped: 0,
    framesDropped: 0,
    activeSeconds: 0,
    durationMs: 0,
  };
  return life.steps.map((step, window) => {
    const isLast = window === life.steps.length - 1;
    const before = total;
    total = {
      ...before,
      // The last one gives back what the peer never acknowledged: never more than the session had.
      bytes: Math.max(0, before.bytes + step.bytes - (isLast ? life.givesBack : 0)),
      epochs: before.epochs + step.epochs,
      activeSeconds: before.activeSeconds + step.active,
      durationMs: before.durationMs + step.ms,
    };
    const windowStartedAtMs = life.startedAtMs + 6 * 3_600_000 * window;
    return usageRow(`ses_${index}`, window, {
      customerId: life.customer,
      billingPlanId: `plan_${life.plan}`,
      mountpoint: life.mountpoint,
      serviceSpecId: life.spec,
      sessionStartedAtMs: life.startedAtMs,
      windowStartedAtMs,
      windowEndedAtMs: windowStartedAtMs + step.ms,
      total,
      isLast,
    });
  });
}

export function planRows(plans: ReadonlyMap<string, BillingPlan>): Insertable<BillingPlansTable>[] {
  return [...plans].map(([id, plan]) => ({
    id,
    customer_id: null,
    name: id,
    plan: JSON.stringify(plan),
    counts_since: null,
    created_at: 0,
    updated_at: 0,
  }));
}
