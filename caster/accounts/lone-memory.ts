// Whether others use the store of a node that counts in its own memory: then each lets in as many as all of them may,
// and a signature that was used up on one node is new to the next. A node lives whose sign of life has changed since the
// last look: so neither the clocks of machines matter, nor what a dead process has left.

import { NODES_LOOK_PERIOD_MS } from '../../config/limits.ts';
import type { Journal } from '../../platform/observe/journal.ts';
import type { Store } from '../../platform/store/store.ts';

export interface LoneMemoryOptions {
  readonly store: Store;
  readonly journal: Journal;
  readonly nodeId: string;
  readonly onFailure: (error: unknown) => void;
}

const REMINDER_MS = 300_000;

export class LoneMemory {
  readonly #options: LoneMemoryOptions;
  #seen: ReadonlyMap<string, number> = new Map();
  #others: readonly string[] = [];
  #toldMs = -Infinity;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: LoneMemoryOptions) {
    this.#options = options;
  }

  /** Names of other nodes that use the store now. */
  get others(): readonly string[] {
    return this.#others;
  }

  async start(): Promise<void> {
    await this.look();
    this.#timer = setInterval(
      () => void this.look().catch(this.#options.onFailure),
      NODES_LOOK_PERIOD_MS,
    ).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  async look(): Promise<void> {
    const { store, nodeId } = this.#options;
    const rows = await store.db
      .selectFrom('nodes')
      .select(['id', 'name', 'seen_at'])
      .where('id', '!=', nodeId)
      .execute();
    const living = rows.filter(({ id, seen_at }) => (this.#seen.get(id) ?? seen_at) !== seen_at);
    this.#seen = new Map(rows.map(({ id, seen_at }) => [id, seen_at]));
    this.#others = living.map(({ name }) => name);
    if (living.length === 0) this.#toldMs = -Infinity;
    else if (performance.now() - this.#toldMs > REMINDER_MS) this.#tell();
  }

  #tell(): void {
    this.#toldMs = performance.now();
    this.#options.journal.record('error', 'memory_not_shared', {
      nodes: this.#others.length,
      detail: `${this.#others.join(', ')} use this store too, and each counts sessions, logins and nonces for itself`,
      fix: 'set live.url to one Redis for all nodes, or give this node a store of its own',
    });
  }
}
