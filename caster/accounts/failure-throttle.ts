// Counts failed logins in fixed windows of a minute, per address together with user and per address alone, so that a
// guessing or misconfigured device is answered cheaply and told when to come back. Never per user alone: that would
// let a stranger lock somebody else out.

import { THROTTLED_KEYS_MAX } from '../../config/limits.ts';

const WINDOW_MS = 60_000;

export class FailureThrottle {
  readonly #failures = new Map<string, number>();
  #windowStartMs = 0;
  perUserMax: number;
  perAddressMax: number;

  /** Failures allowed per window of a minute; 0 = any number. */
  constructor(perUserMax: number, perAddressMax: number) {
    this.perUserMax = perUserMax;
    this.perAddressMax = perAddressMax;
  }

  /**
   * Seconds to wait before the next attempt, or 0 where it may be made now. The limit of the whole address only holds
   * for names that are not `known` and for those that have failed themselves.
   */
  waitS(address: string, username: string, nowMs: number, known = false): number {
    this.#roll(nowMs);
    if (this.#failures.size === 0) return 0;
    const user = userKey(address, username);
    const addressCounts = !known || this.#failures.has(user);
    const tooMany =
      this.#reached(this.perUserMax, user) || (addressCounts && this.#reached(this.perAddressMax, address));
    return tooMany ? Math.max(1, Math.ceil((this.#windowStartMs + WINDOW_MS - nowMs) / 1000)) : 0;
  }

  countFailure(address: string, username: string, nowMs: number): void {
    this.#roll(nowMs);
    this.#count(address);
    this.#count(userKey(address, username));
  }

  #reached(max: number, key: string): boolean {
    return max > 0 && (this.#failures.get(key) ?? 0) >= max;
  }

  #count(key: string): void {
    const before = this.#failures.get(key);
    if (before === undefined && this.#failures.size >= THROTTLED_KEYS_MAX) {
      // Make room by forgetting the oldest: refusing to count would switch the throttle off for everybody.
      for (const oldest of this.#failures.keys()) {
        this.#failures.delete(oldest);
        break;
      }
    }
    this.#failures.set(key, (before ?? 0) + 1);
  }

  #roll(nowMs: number): void {
    // A wall clock that was set back begins a new window, too.
    const sinceMs = nowMs - this.#windowStartMs;
    if (sinceMs >= 0 && sinceMs < WINDOW_MS) return;
    this.#failures.clear();
    this.#windowStartMs = nowMs;
  }
}

/** No address contains a space, so the two kinds of key never meet. */
function userKey(address: string, username: string): string {
  return `${address} ${username}`;
}
