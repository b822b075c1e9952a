// Ends what has run out, within a second: it asks the store when the next one does, sleeps until then, and never for
// longer than a moment, as others grant new ones and clocks jump. Several nodes do so beside each other: the second one
// finds that it is done.

import { EXPIRY_BATCH_MAX, EXPIRY_LOOK_MS_MAX } from '../../config/limits.ts';
import type { Journal } from '../../platform/observe/journal.ts';
import type { Store } from '../../platform/store/store.ts';
import { changeEntitlement } from './entitlement-book.ts';

export interface ExpiryParts {
  readonly store: Store;
  readonly journal: Journal;
  /** Something was committed that the outbox has to tell. */
  readonly onEnded: () => void;
  /** For tests. */
  readonly now?: () => number;
}

export class Expiry {
  readonly #parts: ExpiryParts;
  readonly #now: () => number;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  #isStopped = false;
  #isFailing = false;

  constructor(parts: ExpiryParts) {
    this.#parts = parts;
    this.#now = parts.now ?? Date.now;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    await this.#running;
  }

  /** Ends what is over now; the number of those that this call ended. */
  async endWhatIsOver(): Promise<number> {
    const { store, journal, onEnded } = this.#parts;
    let ended = 0;
    for (;;) {
      const nowMs = this.#now();
      const due = await store.db
        .selectFrom('entitlements')
        .select('id')
        .where('state', 'in', ['active', 'suspended'])
        .where('ends_at', '<=', nowMs)
        .orderBy('ends_at')
        .limit(EXPIRY_BATCH_MAX)
        .execute();
      for (const { id } of due) {
        const changed = await store.write((tx) => changeEntitlement(tx, id, 'expire', 'system', nowMs));
        if (!changed.ok) continue;
        ended++;
        const { vehicle_id: vehicle, part_number: part } = changed.row;
        journal.record('info', 'entitlement_changed', {
          entitlement: id,
          change: 'expire',
          state: changed.row.state,
          vehicle,
          part,
          actor: 'system',
        });
        onEnded();
      }
      // What follows one that ended long ago may be over by now, too.
      if (due.length === 0) return ended;
    }
  }

  async #run(): Promise<void> {
    let inMs = EXPIRY_LOOK_MS_MAX;
    try {
      await this.endWhatIsOver();
      inMs = await this.#nextInMs();
      this.#isFailing = false;
    } catch (error) {
      if (!this.#isFailing) {
        const problem = error instanceof Error ? error.message : undefined;
        this.#parts.journal.record('warn', 'entitlement_expiry_failed', { problem });
      }
      this.#isFailing = true;
    }
    this.#running = undefined;
    if (!this.#isStopped) this.#timer = setTimeout(() => this.start(), inMs).unref();
  }

  async #nextInMs(): Promise<number> {
    const next = await this.#parts.store.db
      .selectFrom('entitlements')
      .select((one) => one.fn.min('ends_at').as('ends_at'))
      .where('state', 'in', ['active', 'suspended'])
      .where('ends_at', 'is not', null)
      .executeTakeFirst();
    const inMs = next?.ends_at == null ? EXPIRY_LOOK_MS_MAX : next.ends_at - this.#now();
    return Math.max(0, Math.min(inMs, EXPIRY_LOOK_MS_MAX));
  }
}
