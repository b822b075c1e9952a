// Billing plans by their ids, as charging reads them: kept in memory until a change is told of, and found after they were
// deleted, too, for what was used by them before.

import { DIRECTORY_AGE_MS_MAX, DIRECTORY_ROWS_MAX } from '../../../config/limits.ts';
import type { ChangeBus } from '../../../platform/bus/bus.ts';
import { oneOf } from '../../../platform/store/one-of.ts';
import type { Store } from '../../../platform/store/store.ts';
import { BatchedTable } from '../../accounts/batched-table.ts';
import { type BillingPlan, readBillingPlan } from '../../accounts/billing-plan.ts';

export class ChargedPlans {
  readonly #store: Store;
  readonly #table: BatchedTable<BillingPlan>;
  readonly #unsubscribe: readonly (() => void)[];
  #changes = 0;

  constructor(store: Store, bus: Pick<ChangeBus, 'subscribe' | 'onMissed'>) {
    this.#store = store;
    this.#table = new BatchedTable({
      rowsMax: DIRECTORY_ROWS_MAX,
      ageMsMax: DIRECTORY_AGE_MS_MAX,
      load: (ids) => this.#load(ids),
    });
    this.#unsubscribe = [
      bus.subscribe(({ kind, id }) => {
        if (kind !== 'plan') return;
        this.#changes += 1;
        this.#table.drop(id);
      }),
      bus.onMissed(() => {
        this.#changes += 1;
        this.#table.clear();
      }),
    ];
  }

  /** Grows whenever a plan may have changed. */
  get changes(): number {
    return this.#changes;
  }

  get(id: string): BillingPlan | undefined | Promise<BillingPlan | undefined> {
    return this.#table.get(id);
  }

  /** Those of the plans that there are or were. */
  async all(ids: Iterable<string>): Promise<ReadonlyMap<string, BillingPlan>> {
    const found = await Promise.all([...new Set(ids)].map(async (id) => [id, await this.get(id)] as const));
    return new Map(found.flatMap(([id, plan]) => (plan === undefined ? [] : [[id, plan] as const])));
  }

  close(): void {
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
  }

  async #load(ids: readonly string[]): Promise<Map<string, BillingPlan>> {
    const { db, dialect } = this.#store;
    // The graveyard last: a plan that is deleted between the two questions is found by the second.
    const living = await db
      .selectFrom('billing_plans')
      .select(['id', 'plan'])
      .where(oneOf(dialect, 'id', ids))
      .execute();
    const deleted =
      living.length === ids.length
        ? []
        : await db
            .selectFrom('deleted_billing_plans')
            .select(['id', 'plan'])
            .where(oneOf(dialect, 'id', ids))
            .execute();
    return new Map([...deleted, ...living].map(({ id, plan }) => [id, readBillingPlan(plan)]));
  }
}
