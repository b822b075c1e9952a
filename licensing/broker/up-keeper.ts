// Keeps what vehicles send, and hands it on: of the kinds that there is somebody for, as many at a time as may be under
// way, until each is taken.

import { BROKER_UPS_HANDED_MAX } from '../../config/limits.ts';
import type { BrokerStore, KeptUp, NewUp } from './broker-store.ts';
import type { UpKind } from './vehicle-line.ts';

export class UpKeeper {
  readonly #store: BrokerStore;
  readonly #hand: (ups: readonly KeptUp[]) => void;
  #handled: ReadonlySet<UpKind> = new Set();
  readonly #handed = new Set<number>();
  #upCursor = 0;

  constructor(store: BrokerStore, hand: (ups: readonly KeptUp[]) => void) {
    this.#store = store;
    this.#hand = hand;
  }

  /** Resolves when it is on the disk; false: as many of the vehicle wait as may. */
  async keep(up: NewUp): Promise<boolean> {
    const isKept = await this.#store.addUp(up);
    if (isKept) this.#handUps();
    return isKept;
  }

  /** From now on messages of these kinds are handed on. */
  handles(kinds: readonly UpKind[]): void {
    this.#handled = new Set(kinds);
    this.#upCursor = 0;
    this.#handUps();
  }

  async taken(ids: readonly number[]): Promise<void> {
    await this.#store.removeUps(ids);
    for (const id of ids) this.#handed.delete(id);
    this.#handUps();
  }

  #handUps(): void {
    if (this.#handled.size === 0) return;
    const ups: KeptUp[] = [];
    while (this.#handed.size < BROKER_UPS_HANDED_MAX) {
      const [up] = this.#store.ups(this.#upCursor, 1);
      if (up === undefined) break;
      this.#upCursor = up.id;
      if (!this.#handled.has(up.kind) || this.#handed.has(up.id)) continue;
      this.#handed.add(up.id);
      ups.push(up);
    }
    if (ups.length > 0) this.#hand(ups);
  }
}
