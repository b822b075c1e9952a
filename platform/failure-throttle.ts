// Counts failed logins in fixed windows of a minute, per address together with user and per address alone, so that a
// guessing or misconfigured device is answered cheaply and told when to come back. Never per user alone: that would
// let a stranger lock somebody else out. Right credentials that nobody can guess do not ask here at all.

import { THROTTLED_KEYS_MAX } from '../config/limits.ts';
import { sourceNetwork } from './source-network.ts';

const WINDOW_MS = 60_000;

export class FailureThrottle {
  readonly #failures = new Map<string, number>();
  /** Who has logged in from where. */
  readonly #welcome = new Set<string>();
  #windowStartMs = 0;
  perUserMax: number;
  perAddressMax: number;

  /** Failures allowed per window of a minute; 0 = any number. */
  constructor(perUserMax: number, perAddressMax: number) {
    this.perUserMax = perUserMax;
    this.perAddressMax = perAddressMax;
  }

  /**
   * Seconds to wait before the next attempt, or 0 where it may be made now. Behind one address may be a whole mobile
   * network: its limit holds for nobody who has logged in from there before and has not failed since.
   */
  waitS(address: string, username: string, nowMs: number): number {
    this.#roll(nowMs);
    if (this.#failures.size === 0) return 0;
    const user = userKey(address, username);
    const addressCounts = !this.#welcome.has(user) || this.#failures.has(user);
    const tooMany =
      this.#reached(this.perUserMax, user) ||
      (addressCounts && this.#reached(this.perAddressMax, sourceNetwork(address)));
    return tooMany ? this.#waitS(nowMs) : 0;
  }

  /** The same for a password that people choose and that is right: what others fail from that address is not its. */
  rightPasswordWaitS(address: string, username: string, nowMs: number): number {
    this.#roll(nowMs);
    return this.#reached(this.perUserMax, userKey(address, username)) ? this.#waitS(nowMs) : 0;
  }

  countFailure(address: string, username: string, nowMs: number): void {
    this.#roll(nowMs);
    this.#count(sourceNetwork(address));
    this.#count(userKey(address, username));
  }

  countSuccess(address: string, username: string): void {
    const user = userKey(address, username);
    if (this.#welcome.has(user)) return;
    if (this.#welcome.size >= THROTTLED_KEYS_MAX) forgetOldest(this.#welcome);
    this.#welcome.add(user);
  }

  #waitS(nowMs: number): number {
    return Math.max(1, Math.ceil((this.#windowStartMs + WINDOW_MS - nowMs) / 1000));
  }

  #reached(max: number, key: string): boolean {
    return max > 0 && (this.#failures.get(key) ?? 0) >= max;
  }

  #count(key: string): void {
    const before = this.#failures.get(key);
    if (before === undefined && this.#failures.size >= THROTTLED_KEYS_MAX) {
      // Make room by forgetting the oldest: refusing to count would switch the throttle off for everybody.
      forgetOldest(this.#failures);
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

function forgetOldest(keys: Map<string, number> | Set<string>): void {
  for (const oldest of keys.keys()) {
    keys.delete(oldest);
    return;
  }
}

/** No address contains a space, so the two kinds of key never meet. */
function userKey(address: string, username: string): string {
  return `${sourceNetwork(address)} ${username}`;
}
