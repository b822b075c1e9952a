// What usage costs, reckoned a second time and another way than the caster does: not window by window on top of what
// was charged, but once, of everything that was used at one price in one period. Nothing of the caster's is used.

export interface BoughtPlan {
  readonly counts: 'bytes' | 'epochs' | 'onlineSeconds' | 'wallTime';
  readonly currency: string;
  readonly mode: 'prepaid' | 'postpaid';
  readonly priceMicros: number;
  readonly per: number;
  readonly included: number;
  readonly tiers: readonly { readonly from: number; readonly priceMicros: number }[];
  /** By mountpoint, from the first unit on. */
  readonly prices?: readonly { readonly mountpoint: string; readonly priceMicros: number }[];
  readonly period?: 'day';
  /** The only one whose days are known here; there is no daylight saving in it. */
  readonly timeZone?: 'Asia/Tokyo';
}

/** What a session used in one window, as ClickHouse has it. */
export interface UsedWindow {
  readonly sessionId: string;
  readonly window: number;
  readonly startedMs: number;
  readonly customerId: string;
  readonly appId: string;
  readonly planId: string;
  readonly mountpoint: string;
  readonly bytes: bigint;
  readonly epochs: bigint;
  readonly activeSeconds: bigint;
  readonly durationMs: bigint;
}

/** What is counted together. */
export interface Reckoned {
  readonly customerId: string;
  readonly planId: string;
  readonly periodKey: string;
  /** Of the mountpoint where it has a price of its own. */
  readonly mountpoint: string;
  readonly currency: string;
  readonly units: bigint;
  readonly micros: bigint;
}

const DAY_MS = 86_400_000;
const TOKYO_MS = 9 * 3_600_000;

/** `plans` by their ids; windows of no plan cost nothing. */
export function reckon(windows: readonly UsedWindow[], plans: ReadonlyMap<string, BoughtPlan>): Reckoned[] {
  const groups = new Map<string, Omit<Reckoned, 'micros'>>();
  const bySession = Map.groupBy(windows, ({ sessionId }) => sessionId);
  for (const ofSession of bySession.values()) {
    let elapsedMs = 0n;
    for (const used of ofSession.toSorted((a, b) => a.window - b.window)) {
      const plan = plans.get(used.planId);
      if (plan === undefined) continue;
      const units = unitsOf(plan, used, elapsedMs);
      elapsedMs += used.durationMs;
      const { customerId, planId } = used;
      const periodKey = plan.period === undefined ? 'always' : `day/${dayOf(used.startedMs + TOKYO_MS)}`;
      const mountpoint = plan.prices?.find((price) => price.mountpoint === used.mountpoint)?.mountpoint ?? '';
      const key = [customerId, planId, periodKey, mountpoint].join(' ');
      const before = groups.get(key)?.units ?? 0n;
      const { currency } = plan;
      groups.set(key, { customerId, planId, periodKey, mountpoint, currency, units: before + units });
    }
  }
  return Array.from(groups.values(), (group) => ({
    ...group,
    micros: costOf(plans.get(group.planId)!, group.mountpoint, group.units),
  }));
}

/** Of `units` in all at one price: each step in price is paid by the units beyond it, and the sum rounded half up. */
export function costOf(plan: BoughtPlan, mountpoint: string, units: bigint): bigint {
  const own = plan.prices?.find((price) => price.mountpoint === mountpoint);
  const steps =
    own === undefined
      ? [{ from: plan.included, priceMicros: plan.priceMicros }, ...plan.tiers]
      : [{ from: 0, priceMicros: own.priceMicros }];
  let [owed, priceBefore] = [0n, 0];
  for (const { from, priceMicros } of steps) {
    const beyond = units - BigInt(from);
    if (beyond > 0n) owed += beyond * BigInt(priceMicros - priceBefore);
    priceBefore = priceMicros;
  }
  const per = BigInt(plan.per);
  return owed / per + (2n * (owed % per) >= per ? 1n : 0n);
}

/** UTC day. */
export function dayOf(ms: number): string {
  return new Date(Math.floor(ms / DAY_MS) * DAY_MS).toISOString().slice(0, 10);
}

/** Seconds of wall time are those that are over: of 1.9 and another 0.2 the second one ends in the second window. */
function unitsOf({ counts }: BoughtPlan, used: UsedWindow, elapsedMs: bigint): bigint {
  switch (counts) {
    case 'bytes':
      return used.bytes;
    case 'epochs':
      return used.epochs;
    case 'onlineSeconds':
      return used.activeSeconds;
    case 'wallTime':
      return (elapsedMs + used.durationMs) / 1000n - elapsedMs / 1000n;
  }
}
