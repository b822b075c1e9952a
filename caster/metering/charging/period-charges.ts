// Charges for periods that begin: one for each from an account's activation, also for accounts that nobody connects with
// and for periods that began while no process ran. Looks at what is due, and page by page at all accounts of plans that
// count periods for those that are new to it.

import { PERIODS_AT_ONCE_MAX, PERIODS_SCAN_ROWS_MAX, PERIODS_SWEEP_MS } from '../../../config/limits.ts';
import type { Journal } from '../../../platform/observe/journal.ts';
import { sql } from '../../../platform/store/sql.ts';
import type { Store } from '../../../platform/store/store.ts';
import { type BillingPlan, readBillingPlan } from '../../accounts/billing-plan.ts';
import { breather } from '../../accounts/bulk/pace.ts';
import type { ChargedState } from './charged-state.ts';
import { type Charging, tellLow } from './charging.ts';
import { chargePeriods, type PostedPeriods } from './charge-periods.ts';
import { mayBegin } from './due-periods.ts';
import { forgetOldMarks } from './old-marks.ts';
import type { UnsentCharges } from './unsent-charges.ts';

export interface PeriodChargesParts {
  readonly store: Store;
  readonly journal: Journal;
  readonly state: ChargedState;
  readonly turns: Charging['turns'];
  readonly unsent: UnsentCharges | undefined;
  readonly failed: (error: unknown) => void;
}

interface PeriodPlan {
  readonly id: string;
  readonly plan: BillingPlan;
}

export class PeriodCharges {
  readonly #parts: PeriodChargesParts;
  #timer: NodeJS.Timeout | undefined;
  #sweeping: Promise<void> | undefined;
  #isClosed = false;

  constructor(parts: PeriodChargesParts) {
    this.#parts = parts;
  }

  start(): void {
    const look = (): void => {
      const nowMs = Date.now();
      this.sweep(nowMs)
        .then(() => forgetOldMarks(this.#parts.store, nowMs))
        .catch(this.#parts.failed);
    };
    this.#timer = setInterval(look, PERIODS_SWEEP_MS).unref();
    look();
  }

  /** Charges everything that has begun by then. One at a time: who asks while one is under way gets that one. */
  sweep(nowMs: number): Promise<void> {
    this.#sweeping ??= this.#sweep(nowMs).finally(() => (this.#sweeping = undefined));
    return this.#sweeping;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#timer);
    await this.#sweeping?.catch(() => undefined);
  }

  async #sweep(nowMs: number): Promise<void> {
    await this.#chargeDue(nowMs);
    for (const plan of await this.#periodPlans()) {
      await this.#begin(plan, sql<boolean>`a.billing_plan_id = ${plan.id}`, nowMs);
      const { db } = this.#parts.store;
      const apps = await db.selectFrom('apps').select('id').where('billing_plan_id', '=', plan.id).execute();
      for (const { id } of apps) {
        await this.#begin(plan, sql<boolean>`a.app_id = ${id} and a.billing_plan_id is null`, nowMs);
      }
    }
    // Of those that have just begun, some have more periods behind them than are charged at once.
    await this.#chargeDue(nowMs);
  }

  async #periodPlans(): Promise<PeriodPlan[]> {
    const rows = await this.#parts.store.db
      .selectFrom('billing_plans')
      .select(['id', 'plan'])
      .where('plan', 'like', '%"counts":"period"%')
      .execute();
    return rows.map(({ id, plan }) => ({ id, plan: readBillingPlan(plan) }));
  }

  async #chargeDue(nowMs: number): Promise<void> {
    while (!this.#isClosed) {
      const rows = await this.#parts.store.db
        .selectFrom('account_periods')
        .select('account_id')
        .where('due_at', '<=', nowMs)
        .orderBy('due_at')
        .limit(PERIODS_AT_ONCE_MAX)
        .execute();
      if (rows.length === 0) return;
      await this.#charge(
        rows.map(({ account_id }) => account_id),
        nowMs,
      );
      await breather();
    }
  }

  async #begin(
    { id, plan }: PeriodPlan,
    which: ReturnType<typeof sql<boolean>>,
    nowMs: number,
  ): Promise<void> {
    let after = '';
    while (!this.#isClosed) {
      const { rows } = await sql<{
        id: string;
        activated_at: number | null;
        valid_until: number | null;
        plan_key: string | null;
      }>`select a.id, a.activated_at, a.valid_until, p.plan_key
        from accounts a left join account_periods p on p.account_id = a.id
        where ${which} and a.id > ${after} and a.customer_id is not null
        order by a.id limit ${sql.lit(PERIODS_SCAN_ROWS_MAX)}`.execute(this.#parts.store.db);
      const found = rows.filter(
        ({ activated_at, valid_until, plan_key }) =>
          activated_at !== null &&
          activated_at <= nowMs &&
          mayBegin(
            plan_key ?? undefined,
            { planId: id, plan, validUntilMs: valid_until ?? undefined },
            nowMs,
          ),
      );
      for (let from = 0; from < found.length; from += PERIODS_AT_ONCE_MAX) {
        const some = found.slice(from, from + PERIODS_AT_ONCE_MAX);
        await this.#charge(
          some.map((row) => row.id),
          nowMs,
        );
        await breather();
      }
      if (rows.length < PERIODS_SCAN_ROWS_MAX) return;
      after = rows.at(-1)!.id;
      await breather();
    }
  }

  async #charge(accountIds: readonly string[], nowMs: number): Promise<void> {
    const { store, turns, state, unsent, journal } = this.#parts;
    await turns.take();
    let posted: PostedPeriods;
    try {
      posted = await chargePeriods(store, accountIds, { isSent: unsent !== undefined, nowMs });
      state.moved({ balances: posted.balances, accumulators: new Map(), used: new Map() });
    } finally {
      turns.give();
    }
    tellLow(journal, posted.low);
    if (posted.unsentId !== undefined) await unsent?.send(posted.unsentId, posted.charges);
    await unsent?.sweep();
  }
}
