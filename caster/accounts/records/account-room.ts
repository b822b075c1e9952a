// How many accounts an app may have still. Whoever makes some takes the app's row first, in the transaction that makes
// them, and counts behind it: what others have made is there then. So that a million of them are not counted for each
// piece, only those are that were made lately; the older ones once, before.

import { ACCOUNTS_PER_APP_MAX } from '../../../config/limits.ts';
import { firstIdAt } from '../../../platform/store/id.ts';
import type { Kysely } from '../../../platform/store/sql.ts';
import type { Store } from '../../../platform/store/store.ts';
import type { Tables } from '../../../platform/store/tables.ts';
import { countOfApp } from './count-rows.ts';

/** What got its id before that is committed, whichever node has made it. */
const SETTLED_MS = 10_000;
/** Then those that have settled meanwhile are counted with the older ones. */
const LATELY_MAX = 10_000;

export class AccountRoom {
  readonly #dialect: Store['dialect'];
  readonly #appId: string;
  readonly most: number;
  /** Accounts with ids before `#since`. */
  #settled: number;
  #since: string;

  private constructor(
    dialect: Store['dialect'],
    appId: string,
    most: number,
    since: string,
    settled: number,
  ) {
    this.#dialect = dialect;
    this.#appId = appId;
    this.most = most;
    this.#since = since;
    this.#settled = settled;
  }

  static async of(
    { db, dialect }: Pick<Store, 'db' | 'dialect'>,
    appId: string,
    most = ACCOUNTS_PER_APP_MAX,
  ): Promise<AccountRoom> {
    const since = settledBefore();
    return new AccountRoom(dialect, appId, most, since, await countOfApp(db, 'accounts', appId, since));
  }

  /** Without holding anybody up: for who asks whether there will be room. */
  async leftNow(db: Kysely<Tables>): Promise<number> {
    return this.most - this.#settled - (await this.#count(db, this.#since));
  }

  /** Of `wanted` as many as may be made in this transaction. */
  async take(tx: Kysely<Tables>, wanted: number): Promise<number> {
    const app = tx.selectFrom('apps').select('id').where('id', '=', this.#appId);
    await (this.#dialect === 'postgres' ? app.forNoKeyUpdate() : app).executeTakeFirst();
    const lately = await this.#count(tx, this.#since);
    const left = this.most - this.#settled - lately;
    if (lately > LATELY_MAX) await this.#settle(tx);
    if (left >= wanted) return wanted;
    // Some of the older ones may have been deleted.
    return Math.max(0, Math.min(wanted, this.most - (await this.#count(tx))));
  }

  async #settle(tx: Kysely<Tables>): Promise<void> {
    const until = settledBefore();
    this.#settled += await this.#count(tx, this.#since, until);
    this.#since = until;
  }

  async #count(db: Kysely<Tables>, from?: string, until?: string): Promise<number> {
    let rows = db
      .selectFrom('accounts')
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .where('app_id', '=', this.#appId);
    if (from !== undefined) rows = rows.where('id', '>=', from);
    if (until !== undefined) rows = rows.where('id', '<', until);
    return (await rows.executeTakeFirstOrThrow()).count;
  }
}

function settledBefore(): string {
  return firstIdAt('acc', Date.now() - SETTLED_MS);
}
