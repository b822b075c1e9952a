// One coarse clock for a whole worker: every timeout of every connection is looked at from its tick, so that a hundred
// thousand peers cost one timer. Never a setTimeout per connection. It ticks slowly while nothing is urgent (each wake
// of an idle thread costs about 0.1 ms) and fast while something waits for milliseconds.
//
//   slow: CLOCK_IDLE_TICK_MS ── hurry() ──▶ fast: CLOCK_TICK_MS ── no listener is still urgent ──▶ slow

import { CLOCK_IDLE_TICK_MS, CLOCK_TICK_MS } from '../../config/limits.ts';

/** Called at every tick; true asks for the next one soon. */
type Tick = (nowMs: number) => boolean;

export class CoarseClock {
  /** Monotonic milliseconds, at most one slow tick old. Not a wall time. */
  nowMs = performance.now();
  readonly #tick: Tick;
  #timer: NodeJS.Timeout;
  #fast = false;
  #stopped = false;

  constructor(tick: Tick) {
    this.#tick = tick;
    this.#timer = this.#schedule();
  }

  /** Monotonic milliseconds now, for what may not be a tick off. Not for what happens to every rover and epoch. */
  exactMs(): number {
    return performance.now();
  }

  /** Something now waits for milliseconds: tick fast until nothing does. Costs nothing where it does so already. */
  hurry(): void {
    if (this.#fast || this.#stopped) return;
    this.#fast = true;
    clearTimeout(this.#timer);
    this.#timer = this.#schedule();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  #schedule(): NodeJS.Timeout {
    return setTimeout(() => this.#run(), this.#fast ? CLOCK_TICK_MS : CLOCK_IDLE_TICK_MS);
  }

  #run(): void {
    this.nowMs = performance.now();
    this.#timer = this.#schedule();
    const urgent = this.#tick(this.nowMs);
    if (urgent) this.hurry();
    else this.#fast = false;
  }
}
