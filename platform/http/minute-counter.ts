// Counts per key in fixed windows of a minute: how often one may still do something. Memory is bounded; keys beyond
// share one count.

import { RATE_KEYS_MAX } from '../../config/limits.ts';

export interface Count {
  /** False where it was one too many. */
  readonly ok: boolean;
  readonly limit: number;
  readonly remaining: number;
  /** Whole seconds until the window ends, at least 1. */
  readonly resetS: number;
}

const WINDOW_MS = 60_000;
const OTHERS = '';

export class MinuteCounter {
  readonly #counts = new Map<string, number>();
  readonly #now: () => number;
  #windowEndMs = 0;

  /** `now` is a clock in ms that does not jump. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Counts one more for `key`. A limit of 0 is none: undefined then. */
  count(key: string, limit: number): Count | undefined {
    if (limit === 0) return undefined;
    this.#turn();
    const place = this.#placeOf(key);
    const count = (this.#counts.get(place) ?? 0) + 1;
    this.#counts.set(place, count);
    return this.#told(count, limit);
  }

  #told(count: number, limit: number): Count {
    const resetS = Math.max(1, Math.ceil((this.#windowEndMs - this.#now()) / 1000));
    return { ok: count <= limit, limit, remaining: Math.max(0, limit - count), resetS };
  }

  #turn(): void {
    const nowMs = this.#now();
    if (nowMs < this.#windowEndMs) return;
    this.#counts.clear();
    this.#windowEndMs = nowMs + WINDOW_MS;
  }

  #placeOf(key: string): string {
    return this.#counts.has(key) || this.#counts.size < RATE_KEYS_MAX ? key : OTHERS;
  }
}
