// What the shop does by itself: orders that nobody paid run out, money that must go back goes back, providers are asked
// after payments that they told nothing of. One round at a time; several nodes may do the same, and do it once.

import { ORDERS_EXPIRED_AT_ONCE_MAX, SHOP_ROUND_MS } from '../../config/limits.ts';
import type { Journal } from '../../platform/observe/journal.ts';
import type { Store } from '../../platform/store/store.ts';
import type { OrderBook } from './orders.ts';
import type { Payments } from './payments.ts';
import { tellOrder } from './tell-order.ts';

export interface ShopJobsParts {
  readonly store: Store;
  readonly journal: Journal;
  readonly orders: OrderBook;
  readonly payments: Payments;
  readonly now: () => number;
}

export class ShopJobs {
  readonly #parts: ShopJobsParts;
  #timer: NodeJS.Timeout | undefined;
  #round: Promise<void> | undefined;
  #isAsked = false;
  #isStopped = false;

  constructor(parts: ShopJobsParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#timer = setInterval(() => {
      this.wake();
    }, SHOP_ROUND_MS).unref();
  }

  /** Something is to be done now. */
  wake(): void {
    void this.round();
  }

  /** Resolves when a round is over that began after this was called. */
  async round(): Promise<void> {
    if (this.#round !== undefined) {
      this.#isAsked = true;
      await this.#round;
      return;
    }
    this.#round = this.#rounds().finally(() => (this.#round = undefined));
    await this.#round;
  }

  /** What is asked of a provider just now is waited for, and nothing else is begun. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#isStopped = true;
    await this.#round;
  }

  async #rounds(): Promise<void> {
    do {
      this.#isAsked = false;
      try {
        await this.#expireOrders();
        await this.#parts.payments.settle(() => this.#isStopped);
      } catch (error) {
        const fields = { error: String(error) };
        this.#parts.journal.recordSampled('', 'warn', 'shop_round_failed', fields);
      }
      // Set by whoever asks meanwhile.
    } while ((this.#isAsked as boolean) && !this.#isStopped);
  }

  async #expireOrders(): Promise<void> {
    const { store, orders, journal, now } = this.#parts;
    const nowMs = now();
    const over = await store.db
      .selectFrom('orders')
      .select('id')
      .where('state', '=', 'pending')
      .where('expires_at', '<=', nowMs)
      .limit(ORDERS_EXPIRED_AT_ONCE_MAX)
      .execute();
    for (const { id } of over) {
      const moved = await store.write(async (tx) => {
        const row = await orders.take(tx, id);
        return row && (await orders.move(tx, row, { event: 'expire', actor: 'expiry', nowMs }));
      });
      if (moved?.ok === true) tellOrder(journal, moved.row, 'expiry');
    }
  }
}
