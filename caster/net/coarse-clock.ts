// One coarse clock for a whole worker: every timeout of every connection is looked at from its tick, so that
// a hundred thousand peers cost one timer. Never a setTimeout per connection.

import { CLOCK_TICK_MS } from '../../config/limits.ts';

type Tick = (nowMs: number) => void;

export class CoarseClock {
  /** Monotonic milliseconds, at most one tick old. Not a wall time. */
  nowMs = performance.now();
  readonly #listeners: Tick[] = [];
  readonly #timer: NodeJS.Timeout;

  constructor() {
    this.#timer = setInterval(() => {
      this.nowMs = performance.now();
      for (const listener of this.#listeners) listener(this.nowMs);
    }, CLOCK_TICK_MS);
  }

  onTick(listener: Tick): void {
    this.#listeners.push(listener);
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
