// This process among those that share the store: it says that it lives, frees what dead ones held, and what was held
// until a time that is over.
//
//   alive ── row in `nodes`, seen_at every NODE_SEEN_PERIOD_MS ──▶ ended: row gone, what devices hold stays until its time
//     └── not seen for NODE_DEAD_MS: any other node deletes the row and frees what it held

import { NODE_DEAD_MS, NODE_SEEN_PERIOD_MS } from '../../config/limits.ts';
import { oneOf } from '../../platform/store/one-of.ts';
import { sql } from '../../platform/store/sql.ts';
import type { Store } from '../../platform/store/store.ts';
import { HELD_UNTIL_RELEASED } from './allocation-terms.ts';
import { breather } from './bulk/pace.ts';
import { jsonRows } from './json-rows.ts';

export interface NodePorts {
  /** What sessions on this node hold: account and holder. */
  held(): readonly { readonly id: string; readonly holder: string }[];
  /** Of an account that another has got while this node was taken for dead. */
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
        await freeHeldBy(tx, this.id);
        await tx.deleteFrom('nodes').where('id', '=', this.id).execute();
      })
      .catch((error: unknown) => this.#ports.onFailure(error));
  }

  async #enter(): Promise<void> {
    const nowMs = Date.now();
    const row = { id: this.id, name: this.#name, started_at: this.#startedAtMs, seen_at: nowMs };
    await this.#store.db.insertInto('nodes').values(row).execute();
  }

  async #beat(): Promise<void> {
    if (this.#beating) return;
    this.#beating = true;
    try {
      const seen = await this.#store.write(
        (tx) =>
          tx.updateTable('nodes').set({ seen_at: Date.now() }).where('id', '=', this.id).executeTakeFirst(),
        { durable: false },
      );
      if (seen.numUpdatedRows === 0n) await this.#comeBack();
      this.#ports.onSuccess();
    } catch (error) {
      this.#ports.onFailure(error);
    } finally {
      this.#beating = false;
    }
  }

  /** It was away for so long that others have freed what it held: what nobody has taken since is its own again. */
  async #comeBack(): Promise<void> {
    await this.#enter();
    const held = this.#ports.held();
    for (let from = 0; from < held.length; from += SWEEP_ROWS) {
      const rows = held.slice(from, from + SWEEP_ROWS).toSorted((a, b) => (a.id < b.id ? -1 : 1));
      const back = await this.#store.write(async (tx) => {
        const { rows: got } = await sql<{ id: string }>`update accounts
          set held = 1, holder = j.holder, held_until = ${HELD_UNTIL_RELEASED}, held_node = ${this.id}
          from ${jsonRows(this.#store.dialect, rows, { id: 'text', holder: 'text' })}
          where accounts.id = j.id and (accounts.held = 0 or accounts.holder = j.holder)
          returning accounts.id`.execute(tx);
        return new Set(got.map(({ id }) => id));
      });
      for (const { id } of rows) if (!back.has(id)) this.#ports.onLost(id);
    }
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
        .where('held_until', '<', Date.now())
        .limit(SWEEP_ROWS)
        .execute();
      if (expired.length === 0) return;
      const ids = expired.map(({ id }) => id);
      await this.#store.write(
        (tx) =>
          tx
            .updateTable('accounts')
            .set({ held: 0, held_until: null, held_node: null })
            .where(oneOf(this.#store.dialect, 'id', ids))
            .where('held', '=', sql.lit(1))
            .where('held_until', '<', Date.now())
            .execute(),
        { durable: false },
      );
      if (expired.length < SWEEP_ROWS) return;
      await breather();
    }
  }

  async #freeDead(): Promise<void> {
    const dead = await this.#store.db
      .selectFrom('nodes')
      .select('id')
      .where('seen_at', '<', Date.now() - NODE_DEAD_MS)
      .where('id', '!=', this.id)
      .execute();
    for (const { id } of dead) {
      await this.#store.write(async (tx) => {
        const gone = await tx
          .deleteFrom('nodes')
          .where('id', '=', id)
          .where('seen_at', '<', Date.now() - NODE_DEAD_MS)
          .executeTakeFirst();
        if (gone.numDeletedRows > 0n) await freeHeldBy(tx, id);
      });
    }
  }
}

type Writable = Pick<Store['db'], 'updateTable'>;

async function freeHeldBy(tx: Writable, node: string): Promise<void> {
  await tx
    .updateTable('accounts')
    .set({ held: 0, held_until: null, held_node: null })
    .where('held', '=', sql.lit(1))
    .where('held_node', '=', node)
    .execute();
}
