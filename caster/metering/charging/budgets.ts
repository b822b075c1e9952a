// What customers have left at this moment: the balance as it was charged last, less what everything not charged yet
// costs. Several times a second; whose balance or credit is used up loses the streams that it pays for, and gets no new
// ones in.
//
//   running: totals now ──┐
//   ended: last window ───┴─ less what is charged ─▶ units by (customer, plan, period, class) ─▶ cost by customer
//                                                                       balance + credit − cost ≤ 0 ─▶ end
//
// Where several nodes spend of the same balances, what the others hold of them is not there to be spent (slices/).

import { BOOKS_REFRESH_MS, BUDGETS_IDLE_PERIOD_MS, BUDGETS_PERIOD_MS } from '../../../config/limits.ts';
import type { ChangeBus } from '../../../platform/bus/bus.ts';
import type { BillingPlan } from '../../accounts/billing-plan.ts';
import { type PriceClass, priceClassOf } from '../rating/price-class.ts';
import { rate } from '../rating/rate.ts';
import type { Tariff } from '../rating/tariff.ts';
import type { CountedTotals } from '../rating/units.ts';
import type { UsageOwner } from '../usage-row.ts';
import { type PurseKey, textOfPurse } from './balances.ts';
import type { Books } from './books.ts';
import type { ChargedPlans } from './charged-plans.ts';
import type { ChargedState } from './charged-state.ts';
import { leftOf } from './low-balance.ts';
import { type AccumulatorKey, textOfKey, unitsBetween, usagePeriod } from './reckoning.ts';
import type { PurseUse, RedisSlices } from './slices/redis-slices.ts';
import { ENDLESS_MICROS } from './slices/slice-wire.ts';

export interface RunningSession {
  readonly sessionId: string;
  /** What it is sold by has not changed while this is the same object. */
  readonly owner: UsageOwner;
  readonly mountpoint: string;
  /** Since its start, as of now. */
  readonly totals: CountedTotals;
}

export interface BudgetsParts {
  readonly plans: Pick<ChargedPlans, 'get' | 'changes'>;
  readonly state: Pick<ChargedState, 'chargedTotal' | 'pending'>;
  readonly books: Pick<Books, 'balance' | 'units' | 'refresh'>;
  /** Undefined where no other node spends of the balances. */
  readonly slices?: Pick<RedisSlices, 'look' | 'askFor' | 'isHeard' | 'leftMicros'> | undefined;
  /** Rovers that stream now on this node. */
  readonly running: () => Iterable<RunningSession>;
  readonly endSession: (sessionId: string, reason: 'balance_empty') => void;
  readonly failed: (error: unknown) => void;
}

/** Who would like to begin to use something. */
export interface BudgetAsk extends Pick<UsageOwner, 'customerId' | 'serviceSpecId' | 'billingPlanId'> {
  readonly mountpoint: string;
  /** Its first period, where its plan counts periods, is not charged yet. */
  readonly isActivated: boolean;
}

/** Everything that is used within one accumulator and not charged yet. */
interface Group {
  readonly text: string;
  readonly key: AccumulatorKey;
  readonly plan: BillingPlan;
  readonly priceClass: PriceClass;
  readonly purse: PurseKey;
  readonly purseText: string;
  readonly endMs: number;
  /** At which it was met last; what follows is of that look. */
  look: number;
  units: number;
  /** Sessions that run. */
  running: number;
  /** Its cost, and the units charged and not charged that it was reckoned of. */
  cost: { readonly before: number; readonly units: number; readonly micros: bigint } | undefined;
}

/** A session that uses something. */
interface Met {
  owner: UsageOwner | undefined;
  /** Undefined where nothing is charged, or its plan is being read. */
  group: Group | undefined;
  /** At which it was met last, and at which it was running. */
  look: number;
  ran: number;
  /** That nothing is left to pay for it. */
  isTold: boolean;
}

export class Budgets {
  readonly #parts: BudgetsParts;
  readonly #met = new Map<string, Met>();
  #groups = new Map<string, Group>();
  #uncharged = new Map<string, bigint>();
  #look = 0;
  #lookedMs = -Infinity;
  /** Of those who use something, somebody may have to be ended. */
  #mayEnd = true;
  #plansSeen = -1;
  #refreshedMs = -Infinity;
  #timer: NodeJS.Timeout | undefined;
  #unsubscribe: (() => void)[] = [];

  constructor(parts: BudgetsParts) {
    this.#parts = parts;
  }

  /** Looks from now on; a balance that was changed elsewhere is read at once. */
  start(bus: Pick<ChangeBus, 'subscribe' | 'onMissed'>): void {
    const readAnew = (): void => {
      this.#parts.books.refresh(Date.now()).catch(this.#parts.failed);
    };
    this.#unsubscribe = [
      bus.subscribe(({ kind }) => {
        if (kind === 'balance') readAnew();
      }),
      bus.onMissed(readAnew),
    ];
    this.#timer = setInterval(() => this.#lookInTime(Date.now()), BUDGETS_PERIOD_MS).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
  }

  /** Of one customer, in one currency: what everything that is not charged yet cost at the last look. */
  unchargedMicros(purse: PurseKey): bigint {
    return this.#uncharged.get(textOfPurse(purse)) ?? 0n;
  }

  /** Where nobody can be ended there is no haste. */
  #lookInTime(nowMs: number): void {
    const sinceMs = nowMs - this.#lookedMs;
    if (this.#mayEnd || sinceMs >= BUDGETS_IDLE_PERIOD_MS || sinceMs < 0) this.look(nowMs);
  }

  /** Reckons, and ends what has nothing left. */
  look(nowMs: number): void {
    this.#lookedMs = nowMs;
    const told = this.reckon(nowMs);
    if (told === undefined) this.#endUsedUp(nowMs);
    else void told.then(() => this.#endUsedUp(nowMs));
    if (nowMs - this.#refreshedMs < BOOKS_REFRESH_MS && nowMs >= this.#refreshedMs) return;
    this.#refreshedMs = nowMs;
    this.#parts.books.refresh(nowMs).catch(this.#parts.failed);
  }

  /** Where others spend, too, what they hold of it is known when this resolves, or nobody can say. */
  reckon(nowMs: number): Promise<void> | undefined {
    const isWhole = this.#gather(nowMs);
    const costs = this.#costs(nowMs);
    this.#uncharged = costs;
    const { slices } = this.#parts;
    if (slices === undefined) return undefined;
    // Who holds less than he uses would hand the rest to others.
    return isWhole ? slices.look(this.#uses(costs), this.#unknownPurses(nowMs), nowMs) : Promise.resolve();
  }

  /** False where nothing is left for what somebody would like to use. At once where everything is known. */
  mayStart(ask: BudgetAsk, nowMs: number): boolean | Promise<boolean> {
    if (ask.customerId === '' || ask.billingPlanId === '') return true;
    const plan = this.#parts.plans.get(ask.billingPlanId);
    if (plan instanceof Promise) return plan.then((found) => this.#mayUse(found, ask, nowMs));
    return this.#mayUse(plan, ask, nowMs);
  }

  #mayUse(plan: BillingPlan | undefined, ask: BudgetAsk, nowMs: number): boolean | Promise<boolean> {
    if (plan?.atZero !== 'end') return true;
    this.#mayEnd = true;
    const fresh = groupOf(plan, ask, ask.mountpoint, nowMs);
    const group = this.#groups.get(fresh.text) ?? fresh;
    const costs = this.#uncharged;
    const isKnown = this.#left(group, nowMs, costs) !== 'unknown';
    // Only the balance of accounts that wait for their first period has to pay for it.
    const price = plan.counts === 'period' && !ask.isActivated ? rate(plan, 1) : 0n;
    const judge = (): boolean => !this.#isUsedUp(group, nowMs, costs, price);
    const { slices, books } = this.#parts;
    if (slices === undefined) return isKnown ? judge() : books.refresh(nowMs).then(judge);
    if (isKnown && slices.isHeard(group.purseText) && judge()) return true;
    const heard = books.refresh(nowMs).then(() => slices.askFor(group.purse));
    return heard.then(judge);
  }

  #endUsedUp(nowMs: number): void {
    const usedUp = new Set<Group>();
    for (const group of this.#groups.values()) {
      if (group.plan.atZero !== 'end' || group.running === 0) continue;
      if (this.#isUsedUp(group, nowMs, this.#uncharged)) usedUp.add(group);
    }
    if (usedUp.size === 0) return;
    for (const [sessionId, met] of this.#met) {
      if (met.isTold || met.ran !== this.#look || met.group === undefined || !usedUp.has(met.group)) continue;
      met.isTold = true;
      this.#parts.endSession(sessionId, 'balance_empty');
    }
  }

  /** False where not everything that is used could be reckoned: some plan is being read. */
  #gather(nowMs: number): boolean {
    const { plans, state, running, slices } = this.#parts;
    const isChanged = this.#plansSeen !== plans.changes;
    this.#plansSeen = plans.changes;
    const look = ++this.#look;
    this.#groups = new Map();
    let isWhole = true;
    let count = 0;
    const meet = (sessionId: string, owner: UsageOwner, mountpoint: string, totals: CountedTotals): Met => {
      const met = this.#metAs(sessionId);
      const isKnown = met.owner === owner && !isChanged && nowMs < (met.group?.endMs ?? 0);
      const group = isKnown ? met.group : this.#newGroup(owner, mountpoint, nowMs);
      if (group === 'reading') isWhole = false;
      count += 1;
      met.look = look;
      met.owner = owner;
      met.group = group === undefined || group === 'reading' ? undefined : this.#asOfNow(group);
      if (met.group !== undefined)
        met.group.units += unitsBetween(met.group.plan, state.chargedTotal(sessionId), totals);
      return met;
    };
    for (const { sessionId, owner, mountpoint, totals } of running()) {
      const met = meet(sessionId, owner, mountpoint, totals);
      met.ran = look;
      if (met.group !== undefined) met.group.running += 1;
    }
    for (const row of state.pending()) {
      if (this.#met.get(row.sessionId)?.ran !== look) meet(row.sessionId, row, row.mountpoint, row.total);
    }
    if (count < this.#met.size) {
      for (const [sessionId, met] of this.#met) if (met.look !== look) this.#met.delete(sessionId);
    }
    const groups = [...this.#groups.values()];
    this.#mayEnd = slices !== undefined || groups.some(({ plan }) => plan.atZero === 'end');
    return isWhole;
  }

  #metAs(sessionId: string): Met {
    let met = this.#met.get(sessionId);
    if (met === undefined) {
      met = { owner: undefined, group: undefined, look: 0, ran: 0, isTold: false };
      this.#met.set(sessionId, met);
    }
    return met;
  }

  /** The group as it is at this look; with nothing in it when it is met for the first time. */
  #asOfNow(group: Group): Group {
    if (group.look === this.#look) return group;
    const known = this.#groups.get(group.text);
    if (known !== undefined) return known;
    group.look = this.#look;
    group.units = 0;
    group.running = 0;
    this.#groups.set(group.text, group);
    return group;
  }

  #newGroup(owner: UsageOwner, mountpoint: string, nowMs: number): Group | 'reading' | undefined {
    if (owner.customerId === '' || owner.billingPlanId === '') return undefined;
    const plan = this.#parts.plans.get(owner.billingPlanId);
    if (plan instanceof Promise) {
      plan.catch(this.#parts.failed);
      return 'reading';
    }
    return plan === undefined ? undefined : groupOf(plan, owner, mountpoint, nowMs);
  }

  #costs(nowMs: number): Map<string, bigint> {
    const costs = new Map<string, bigint>();
    for (const group of this.#groups.values()) {
      const { key, text, units, priceClass, purseText } = group;
      const before = this.#parts.books.units(key, nowMs, text);
      if (before === undefined) continue;
      if (group.cost?.before !== before || group.cost.units !== units) {
        const micros = rate(priceClass.tariff, before + units) - rate(priceClass.tariff, before);
        group.cost = { before, units, micros };
      }
      costs.set(purseText, (costs.get(purseText) ?? 0n) + group.cost.micros);
    }
    return costs;
  }

  #uses(costs: ReadonlyMap<string, bigint>): Map<string, PurseUse> {
    const uses = new Map<string, PurseUse>();
    for (const { plan, purse, purseText } of this.#groups.values()) {
      const credit = creditOf(plan);
      const before = uses.get(purseText)?.creditMicros ?? credit;
      const creditMicros = credit > before ? credit : before;
      uses.set(purseText, { key: purse, unchargedMicros: costs.get(purseText) ?? 0n, creditMicros });
    }
    return uses;
  }

  /** Of which not everything that is used has its price yet. */
  #unknownPurses(nowMs: number): Set<string> {
    const { books } = this.#parts;
    const groups = [...this.#groups.values()];
    return new Set(
      groups.flatMap(({ key, text, purseText }) =>
        books.units(key, nowMs, text) === undefined ? [purseText] : [],
      ),
    );
  }

  #left(group: Group, nowMs: number, costs: ReadonlyMap<string, bigint>): bigint | 'unknown' | 'endless' {
    const balance = this.#parts.books.balance(group.purse, nowMs, group.purseText);
    const units = this.#parts.books.units(group.key, nowMs, group.text);
    if (balance === undefined || units === undefined) return 'unknown';
    const { slices } = this.#parts;
    const { plan, purseText } = group;
    if (slices === undefined) return leftOf(plan, balance - (costs.get(purseText) ?? 0n)) ?? 'endless';
    return slices.leftMicros(purseText, balance, creditOf(plan), nowMs);
  }

  /** What is not known yet counts as left. */
  #isUsedUp(group: Group, nowMs: number, costs: ReadonlyMap<string, bigint>, priceOfStart = 0n): boolean {
    const left = this.#left(group, nowMs, costs);
    if (typeof left === 'string') return false;
    // A period is paid for when it begins: nothing left afterwards is enough to the end of it.
    if (group.plan.counts === 'period') return left < priceOfStart;
    if (left > 0n) return false;
    const units = (this.#parts.books.units(group.key, nowMs, group.text) ?? 0) + group.units;
    return !isFreeAt(group.priceClass.tariff, units);
  }
}

function creditOf(plan: BillingPlan): bigint {
  return leftOf(plan, 0n) ?? ENDLESS_MICROS;
}

function groupOf(
  plan: BillingPlan,
  owner: Pick<UsageOwner, 'customerId' | 'serviceSpecId' | 'billingPlanId'>,
  mountpoint: string,
  nowMs: number,
): Group {
  const { customerId, billingPlanId: planId, serviceSpecId } = owner;
  const priceClass = priceClassOf(plan, { serviceSpecId, mountpoint });
  const period = usagePeriod(plan, nowMs);
  const purse = { customerId, currency: plan.currency };
  const key = { customerId, planId, periodKey: period.key, classKey: priceClass.key };
  return {
    text: textOfKey(key),
    ...{ key, plan, priceClass, purse },
    purseText: textOfPurse(purse),
    endMs: period.endMs,
    ...{ look: 0, units: 0, running: 0, cost: undefined },
  };
}

/** The next unit costs nothing: of what is included, everybody may use all, whatever he owes. */
function isFreeAt({ included, priceMicros, tiers }: Tariff, units: number): boolean {
  if (units < included) return true;
  return (tiers.findLast(({ from }) => from <= units)?.priceMicros ?? priceMicros) === 0;
}
