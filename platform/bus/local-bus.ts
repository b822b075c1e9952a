// The bus of a single process: who publishes calls everybody at once.

import type { Change, ChangeBus } from './bus.ts';

export class LocalBus implements ChangeBus {
  readonly #listeners = new Set<(change: Change) => void>();

  publish(change: Change): void {
    for (const listener of this.#listeners) listener(change);
  }

  subscribe(listener: (change: Change) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Nothing is missed within one process. */
  onMissed(): () => void {
    return () => undefined;
  }
}
