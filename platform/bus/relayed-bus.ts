// The bus of a process that another one tells of changes, and of their having been missed.

import type { Change, ChangeBus } from './bus.ts';
import { LocalBus } from './local-bus.ts';

export class RelayedBus implements ChangeBus {
  readonly #local = new LocalBus();
  readonly #onMissed = new Set<() => void>();

  publish(change: Change): void {
    this.#local.publish(change);
  }

  miss(): void {
    for (const listener of this.#onMissed) listener();
  }

  subscribe(listener: (change: Change) => void): () => void {
    return this.#local.subscribe(listener);
  }

  onMissed(listener: () => void): () => void {
    this.#onMissed.add(listener);
    return () => this.#onMissed.delete(listener);
  }
}
