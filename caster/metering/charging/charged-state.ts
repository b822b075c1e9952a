// What is charged and what is not, of sessions that run or have just ended: kept in memory for whoever reckons what a
// customer has left between two charges.

import { CHARGED_SESSION_KEPT_MS } from '../../../config/limits.ts';
import type { CountedTotals } from '../rating/units.ts';
import type { Accumulator, Mark } from './reckoning.ts';
import type { Balance } from './balances.ts';
import type { TakenRow } from './taken-row.ts';

/** What a transaction has left behind. */
export interface Moved {
  readonly balances: ReadonlyMap<string, Balance>;
  readonly accumulators: ReadonlyMap<string, Accumulator>;
  /** By balance: what was charged for what sessions used. */
  readonly used: ReadonlyMap<string, bigint>;
}

export class ChargedState {
  readonly #charged = new Map<string, Mark>();
  /** The latest window of a session that is not charged yet. */
  readonly #pending = new Map<string, TakenRow>();
  /** Of sessions whose last window is charged, when that was; oldest first. */
  readonly #ended = new Map<string, number>();
  readonly #listeners: ((moved: Moved) => void)[] = [];

  /** Calls `listener` after every transaction, in the order in which they have come. */
  onMoved(listener: (moved: Moved) => void): void {
    this.#listeners.push(listener);
  }

  /** Undefined where nothing of the session is charged, or it ended long ago. */
  chargedTotal(sessionId: string): CountedTotals | undefined {
    return this.#charged.get(sessionId)?.total;
  }

  /** The latest window that waits to be charged of each session that has one. */
  pending(): Iterable<TakenRow> {
    return this.#pending.values();
  }

  taken(rows: readonly TakenRow[]): void {
    for (const row of rows) {
      const before = this.#pending.get(row.sessionId);
      if (before === undefined || before.window < row.window) this.#pending.set(row.sessionId, row);
    }
  }

  /** Of sessions that were charged before this process began; in a turn of charging's own. */
  recall(marks: ReadonlyMap<string, Mark>): void {
    for (const [sessionId, mark] of marks) this.#charged.set(sessionId, mark);
  }

  /** In the same turn of the event loop in which the transaction is known to have passed. */
  charged(moved: Moved & { readonly marks: ReadonlyMap<string, Mark> }, rows: readonly TakenRow[]): void {
    for (const [sessionId, mark] of moved.marks) this.#charged.set(sessionId, mark);
    for (const { sessionId, window, isLast } of rows) {
      if ((this.#pending.get(sessionId)?.window ?? Infinity) <= window) this.#pending.delete(sessionId);
      if (isLast) this.#ended.set(sessionId, performance.now());
    }
    this.#forgetEnded(performance.now() - CHARGED_SESSION_KEPT_MS);
    this.moved(moved);
  }

  moved(moved: Moved): void {
    for (const listener of this.#listeners) listener(moved);
  }

  #forgetEnded(beforeMs: number): void {
    for (const [sessionId, endedMs] of this.#ended) {
      if (endedMs > beforeMs) return;
      this.#ended.delete(sessionId);
      this.#charged.delete(sessionId);
    }
  }
}
