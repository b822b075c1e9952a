// Logins per key and minute, in memory. A minute begins with the first login that it counts, so that those who have to
// wait do not all come back at the same moment.

import { LIVE_LOGIN_KEYS_MAX } from '../../../config/limits.ts';

const MINUTE_MS = 60_000;

interface Minute {
  readonly endsAtMs: number;
  count: number;
}

export class MinuteCounts {
  /** In the order of their ends. */
  readonly #minutes = new Map<string, Minute>();
  readonly #max: number;

  constructor(max = LIVE_LOGIN_KEYS_MAX) {
    this.#max = max;
  }

  get size(): number {
    return this.#minutes.size;
  }

  /** `nowMs` is of a clock that never goes back. */
  count(key: string, perMinute: number, nowMs: number): number {
    let minute = this.#minutes.get(key);
    if (minute === undefined || minute.endsAtMs <= nowMs) {
      minute = { endsAtMs: nowMs + MINUTE_MS, count: 0 };
      this.#minutes.delete(key);
      this.#makeRoom(nowMs);
      this.#minutes.set(key, minute);
    }
    minute.count++;
    return minute.count <= perMinute ? 0 : Math.max(1, Math.ceil((minute.endsAtMs - nowMs) / 1000));
  }

  /** Where all minutes still run, the oldest begins anew: refusing to count would let every newcomer through. */
  #makeRoom(nowMs: number): void {
    for (const [key, { endsAtMs }] of this.#minutes) {
      if (endsAtMs > nowMs && this.#minutes.size < this.#max) return;
      this.#minutes.delete(key);
    }
  }
}
