// This process among those that share the store: it says that it lives, frees what dead ones held, and what was held
// until a time that is over.
//
//   alive ── row in `nodes`, another seen_at every NODE_SEEN_PERIOD_MS ──▶ ended: row gone, what devices hold stays
//     │                                                                            until its time
//     └── taken for dead by another node (NodeWatch): it deletes the row and frees what this one held
//           └── finds its row gone ──▶ holds again what nobody has taken, as often as it takes to get through with it

import { NODE_SEEN_PERIOD_MS } from '../../config/limits.ts';
import { oneOf } from '../../platform/store/one-of.ts';
import { sql, type Transaction } from '../../platform/store/sql.ts';
import type { Dialect, Store } from '../../platform/store/store.ts';
import { storeTimeMs } from '../../platform/store/store-time.ts';
import type { Tables } from '../../platform/store/tables.ts';
import { HELD_UNTIL_RELEASED, isPlainHolder } from './allocation-terms.ts';
import { breather } from './bulk/pace.ts';
import { jsonRows } from './json-rows.ts';
import { lettingGo, lockAccounts, notePlainUses } from './letting-go.ts';
import { NodeWatch } from './node-watch.ts';

export interface AccountUse {
  readonly id: string;
  readonly holder: string;
}

export interface NodePorts {
  /** What is in use on this node, by sessions and by logins under way. */
  held(): readonly AccountUse[];
  /** Another has got the account while this node was taken for dead: whoever came in without its password must go. */
  onLost(accountId: string): void;
  onFailure(error: unknown): void;
  onSuccess(): void;
}

const SWEEP_PERIOD_MS = 1000;
const SWEEP_ROWS = 500;

export class NodeLife {
  readonly id: string;
  readonly #store: Store;
  readonly #name: string;
  readonly #ports: NodePorts;
  readonly #startedAtMs = Date.now();
  #timers: NodeJS.Timeout[] = [];
  #sweeping = false;
  #beating = false;
  /** Its row was gone, and not all that it held is its own again. */
  #isBack = true;
  readonly #watch = new NodeWatch();

  /** `id` must be new with every start. */
  constructor(store: Store, id: string, name: string, ports: NodePorts) {
    this.id = id;
    this.#store = store;
    this.#name = name;
    this.#ports = ports;
  }

  async start(): Promise<void> {
    await this.#enter();
    this.#timers = [
      setInterval(() => void this.#beat(), NODE_SEEN_PERIOD_MS).unref(),
      setInterval(() => void this.#sweep(), SWEEP_PERIOD_MS).unref(),
    ];
  }

  /** Whatever sessions held must have been released before; what devices hold stays theirs until its time. */
  async stop(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    await this.#store
      .write(async (tx) => {
        await tx
          .updateTable('accounts')
          .set({ held_node: null })
          .where('held', '=', sql.lit(1))
          .where('held_node', '=', this.id)
          .where('held_until', '<', HELD_UNTIL_RELEASED)
          .execute();
        await freeHeldBy(tx, this.#store.dialect, this.id);
        await tx.deleteFrom('nodes').where('id', '=', this.id).execute();
      })
      .catch((error: unknown) => this.#ports.onFailure(error));
  }

  async #enter(): Promise<void> {
    const nowMs = Date.now();
    const row = { id: this.id, name: this.#name, started_at: this.#startedAtMs, seen_at: nowMs };
    await this.#store.db
      .insertInto('nodes')
      .values(row)
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }

  async #beat(): Promise<void> {
    if (this.#beating) return;
    this.#beating = true;
    try {
      if (!(await this.#showLife())) {
        this.#isBack = false;
        await this.#enter();
      }
      if (!this.#isBack) await this.#comeBack();
      this.#ports.onSuccess();
    } catch (error) {
      this.#ports.onFailure(error);
    } finally {
      this.#beating = false;
    }
  }

  /** False where its row is gone. The sign is another one each time, also where the clock stands or was set back. */
  async #showLife(): Promise<boolean> {
    const nowMs = Date.now();
    const { numUpdatedRows } = await this.#store.write(
      (tx) =>
        tx
          .updateTable('nodes')
          .set({ seen_at: sql<number>`case when seen_at < ${nowMs} then ${nowMs} else seen_at + 1 end` })
          .where('id', '=', this.id)
          .executeTakeFirst(),
      { durable: false },
    );
    return numUpdatedRows > 0n;
  }

  /** It was away for so long that others have freed what it held: what nobody has taken since is its own again. */
  async #comeBack(): Promise<void> {
    const uses = onePerAccount(this.#ports.held());
    for (let from = 0; from < uses.length; from += SWEEP_ROWS) {
      const rows = uses.slice(from, from + SWEEP_ROWS);
      const back = await this.#store.write((tx) => this.#takeAgain(tx, rows));
      for (const { id, holder } of rows) {
        if (!back.has(id) && !isPlainHolder(holder)) this.#ports.onLost(id);
      }
    }
    this.#isBack = true;
  }

  /** Gives those that it has. */
  async #takeAgain(tx: Transaction<Tables>, uses: readonly OneUse[]): Promise<ReadonlySet<string>> {
    const { dialect } = this.#store;
    const ids = uses.map(({ id }) => id);
    await lockAccounts(tx, dialect, oneOf(dialect, 'id', ids));
    const plain = uses.filter(({ isPlain }) => isPlain);
    await notePlainUses(
      tx,
      dialect,
      this.id,
      plain.map(({ id }) => id),
    );
    const rows = uses.map(({ id, holder }) => ({ id, holder }));
    // What a device has for ever hangs on no node, and stays so.
    const { rows: got } = await sql<{ id: string }>`update accounts
      set held = 1, holder = j.holder, held_until = ${HELD_UNTIL_RELEASED}, held_node = case
        when accounts.held = 1 and accounts.held_until = ${HELD_UNTIL_RELEASED} and accounts.held_node is null
        then null else ${this.id} end
      from ${jsonRows(dialect, rows, { id: 'text', holder: 'text' })}
      where accounts.id = j.id and (accounts.held = 0 or accounts.holder = j.holder)
      returning accounts.id`.execute(tx);
    return new Set(got.map(({ id }) => id));
  }

  async #sweep(): Promise<void> {
    if (this.#sweeping) return;
    this.#sweeping = true;
    try {
      await this.#freeExpired();
      await this.#freeDead();
    } catch (error) {
      this.#ports.onFailure(error);
    } finally {
      this.#sweeping = false;
    }
  }

  async #freeExpired(): Promise<void> {
    for (;;) {
      const expired = await this.#store.db
        .selectFrom('accounts')
        .select('id')
        .where('held', '=', sql.lit(1))
        .where('held_until', '<', storeTimeMs(this.#store.dialect))
        .limit(SWEEP_ROWS)
        .execute();
      if (expired.length === 0) return;
      const { dialect } = this.#store;
      const ids = expired.map(({ id }) => id);
      const isExpired = sql<boolean>`${oneOf(dialect, 'id', ids)} and held = 1
        and held_until < ${storeTimeMs(dialect)}`;
      await this.#store.write(
        async (tx) => {
          await lockAccounts(tx, dialect, isExpired);
          await sql`update accounts set ${lettingGo()} where ${isExpired}`.execute(tx);
        },
        { durable: false },
      );
      if (expired.length < SWEEP_ROWS) return;
      await breather();
    }
  }

  async #freeDead(): Promise<void> {
    const others = await this.#store.db
      .selectFrom('nodes')
      .select(['id', 'seen_at'])
      .where('id', '!=', this.id)
      .execute();
    const signs = others.map(({ id, seen_at }) => ({ id, seenAtMs: seen_at }));
    for (const { id, seenAtMs } of this.#watch.look(signs, performance.now())) {
      await this.#store.write(async (tx) => {
        const gone = await tx
          .deleteFrom('nodes')
          .where('id', '=', id)
          .where('seen_at', '=', seenAtMs)
          .executeTakeFirst();
        if (gone.numDeletedRows > 0n) await freeHeldBy(tx, this.#store.dialect, id);
      });
    }
  }
}

interface OneUse extends AccountUse {
  /** Also, or only, by its own password. */
  readonly isPlain: boolean;
}

/** A device or a nameless login goes before who knows the password: that one gets in whoever holds the account. */
function onePerAccount(uses: readonly AccountUse[]): OneUse[] {
  const byId = new Map<string, OneUse>();
  for (const { id, holder } of uses) {
    const other = byId.get(id);
    const isPlain = isPlainHolder(holder);
    const first = other !== undefined && isPlain ? other.holder : holder;
    byId.set(id, { id, holder: first, isPlain: isPlain || (other?.isPlain ?? false) });
  }
  return [...byId.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

/** A node that ends, or is dead, uses nothing any more, and what it held goes on to whoever does. */
async function freeHeldBy(tx: Transaction<Tables>, dialect: Dialect, node: string): Promise<void> {
  const isHeld = sql<boolean>`held = 1 and held_node = ${node}`;
  await lockAccounts(tx, dialect, isHeld);
  await tx.deleteFrom('plain_uses').where('node', '=', node).execute();
  await sql`update accounts set ${lettingGo()} where ${isHeld}`.execute(tx);
}
