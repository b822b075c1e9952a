// Activations, from which an account's validity and its charges count: those of one turn are written by one durable
// transaction, each exactly once, whoever asks and however often.

import { oneOf } from '../../platform/store/one-of.ts';
import { sql } from '../../platform/store/sql.ts';
import type { Store } from '../../platform/store/store.ts';
import type { IsWanted } from './admission.ts';
import { validUntilFrom } from './billing-plan.ts';
import { ACCOUNT_COLUMNS, accountRecord, type AccountRecord, type PlanRecord } from './directory-records.ts';
import { jsonRows } from './json-rows.ts';

interface Waiting {
  readonly account: AccountRecord;
  readonly isWanted: IsWanted;
  readonly row: { readonly id: string; readonly at: number; readonly until: number | null };
  readonly resolve: (account: AccountRecord | undefined) => void;
  readonly reject: (error: unknown) => void;
}

const BATCH_MAX = 1000;

export class Activation {
  readonly #store: Store;
  #waiting: Waiting[] = [];
  #running = false;

  constructor(store: Store) {
    this.#store = store;
  }

  /**
   * The account as it is then; one that was activated before keeps its time. Undefined where it is gone; as it was where
   * nobody wants it any more when its turn comes.
   */
  activate(
    account: AccountRecord,
    plan: PlanRecord | undefined,
    nowMs: number,
    isWanted: IsWanted = () => true,
  ): Promise<AccountRecord | undefined> {
    const until = validUntilFrom(nowMs, account.validUntilMs, plan?.plan) ?? null;
    return new Promise((resolve, reject) => {
      const row = { id: account.id, at: nowMs, until };
      this.#waiting.push({ account, isWanted, row, resolve, reject });
      if (this.#running) return;
      this.#running = true;
      setImmediate(() => void this.#run());
    });
  }

  async #run(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, BATCH_MAX).filter((waiting) => {
        const isWanted = waiting.isWanted();
        if (!isWanted) waiting.resolve(waiting.account);
        return isWanted;
      });
      if (batch.length === 0) continue;
      try {
        const accounts = await this.#write(batch);
        for (const { row, resolve } of batch) resolve(accounts.get(row.id));
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
      await new Promise((resolve) => setImmediate(resolve));
    }
    this.#running = false;
  }

  #write(batch: readonly Waiting[]): Promise<Map<string, AccountRecord>> {
    const { dialect } = this.#store;
    const rows = batch.map(({ row }) => row).toSorted((a, b) => (a.id < b.id ? -1 : 1));
    return this.#store.write(async (tx) => {
      await sql`update accounts
        set activated_at = j.at, valid_until = coalesce(accounts.valid_until, j.until), updated_at = j.at
        from ${jsonRows(dialect, rows, { id: 'text', at: 'integer', until: 'integer' })}
        where accounts.id = j.id and accounts.activated_at is null`.execute(tx);
      const found = await tx
        .selectFrom('accounts')
        .select(ACCOUNT_COLUMNS)
        .where(
          oneOf(
            dialect,
            'id',
            rows.map(({ id }) => id),
          ),
        )
        .execute();
      return new Map(found.map((row) => [row.id, accountRecord(row)]));
    });
  }
}
