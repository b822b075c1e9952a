// Whether the store can be asked. Said in the log when it goes, now and then while it is away, and when it is back.

import { isStoreDown } from '../../platform/store/store-error.ts';
import type { Journal } from '../../platform/observe/journal.ts';

const REMINDER_MS = 30_000;
const FIX = 'bring the database back; what is left to write is kept, running streams go on';

export class StoreTrouble {
  readonly #journal: Journal;
  #downSinceMs: number | undefined;
  #toldMs = -Infinity;

  constructor(journal: Journal) {
    this.#journal = journal;
  }

  get isDown(): boolean {
    return this.#downSinceMs !== undefined;
  }

  /** Bound, to be handed on. */
  readonly failed = (error: unknown): void => {
    const nowMs = performance.now();
    const detail = error instanceof Error ? error.message : String(error);
    if (!isStoreDown(error)) {
      // A bug, or a database in trouble of its own: told each time, as often as the journal lets it.
      this.#journal.recordSampled('store', 'error', 'store_failed', { detail });
      return;
    }
    this.#downSinceMs ??= nowMs;
    if (nowMs - this.#toldMs < REMINDER_MS) return;
    this.#toldMs = nowMs;
    this.#journal.record('error', 'store_down', { detail, fix: FIX });
  };

  succeeded(): void {
    if (this.#downSinceMs === undefined) return;
    const awayMs = Math.round(performance.now() - this.#downSinceMs);
    this.#downSinceMs = undefined;
    this.#toldMs = -Infinity;
    this.#journal.record('info', 'store_back', { awayMs });
  }
}
