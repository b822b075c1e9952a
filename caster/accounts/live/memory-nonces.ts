// Nonces that are used up, in memory. What expires first is forgotten first, and what may have been forgotten is never
// called fresh: the floor says from which expiry on this memory is complete.

import { LIVE_NONCES_MAX, SIGNATURE_WINDOW_MS } from '../../../config/limits.ts';
import type { NonceVerdict } from './live-state.ts';

interface UsedNonce {
  readonly tag: string;
  readonly expiresAtMs: number;
}

export class MemoryNonces {
  readonly #used = new Map<string, UsedNonce>();
  /** Keys by the second in which they expire. */
  readonly #bySecond = new Map<number, string[]>();
  readonly #max: number;
  #oldestSecond = Infinity;
  #completeFromMs: number;

  /** Signatures know whole seconds: one made in the second in which the memory began counts as made after that. */
  constructor(beganAtMs: number, max = LIVE_NONCES_MAX) {
    this.#completeFromMs = Math.floor(beganAtMs / 1000) * 1000 + SIGNATURE_WINDOW_MS;
    this.#max = max;
  }

  get size(): number {
    return this.#used.size;
  }

  use(key: string, tag: string, expiresAtMs: number, nowMs: number): NonceVerdict {
    if (expiresAtMs <= nowMs) return 'stale';
    const before = this.#used.get(key);
    if (before !== undefined && before.expiresAtMs > nowMs) return before.tag === tag ? 'repeat' : 'used';
    this.#forgetUntil(nowMs);
    if (this.#used.size >= this.#max) this.#forgetOldest();
    // Remembered even where it is stale: of those who present it, at most one is to be believed.
    this.#used.set(key, { tag, expiresAtMs });
    const second = Math.ceil(expiresAtMs / 1000);
    const keys = this.#bySecond.get(second);
    if (keys === undefined) this.#bySecond.set(second, [key]);
    else keys.push(key);
    this.#oldestSecond = Math.min(this.#oldestSecond, second);
    return expiresAtMs < this.#completeFromMs ? 'stale' : 'fresh';
  }

  #forgetUntil(nowMs: number): void {
    while (this.#oldestSecond * 1000 <= nowMs) this.#forgetSecond();
  }

  /** A full memory gives up the signatures that are oldest anyway; those that look as old are stale from now on. */
  #forgetOldest(): void {
    this.#completeFromMs = Math.max(this.#completeFromMs, this.#oldestSecond * 1000 + 1);
    this.#forgetSecond();
  }

  #forgetSecond(): void {
    const second = this.#oldestSecond;
    for (const key of this.#bySecond.get(second) ?? []) {
      // A key may have been used again after it had expired.
      const used = this.#used.get(key);
      if (used !== undefined && Math.ceil(used.expiresAtMs / 1000) === second) this.#used.delete(key);
    }
    this.#bySecond.delete(second);
    this.#oldestSecond = Infinity;
    for (const other of this.#bySecond.keys()) this.#oldestSecond = Math.min(this.#oldestSecond, other);
  }
}
