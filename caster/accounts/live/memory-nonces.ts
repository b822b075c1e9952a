// Nonces that are used up, in memory, by whose they are. When it is full, whoever has most gives up those that expire
// first: many nonces of one customer make no signature of another too old.

import { LIVE_NONCES_MAX, SIGNATURE_WINDOW_MS } from '../../../config/limits.ts';
import type { NonceVerdict } from './live-state.ts';
import { OwnersNonces } from './owners-nonces.ts';

export class MemoryNonces {
  readonly #owners = new Map<string, OwnersNonces>();
  readonly #max: number;
  readonly #completeFromMs: number;
  #size = 0;

  /** Signatures know whole seconds: one made in the second in which the memory began counts as made after that. */
  constructor(beganAtMs: number, max = LIVE_NONCES_MAX) {
    this.#completeFromMs = Math.floor(beganAtMs / 1000) * 1000 + SIGNATURE_WINDOW_MS;
    this.#max = max;
  }

  get size(): number {
    return this.#size;
  }

  /** `owner`: whose it is; keys are unique beyond that. */
  use(key: string, tag: string, expiresAtMs: number, nowMs: number, owner = ''): NonceVerdict {
    if (expiresAtMs <= nowMs) return 'stale';
    const before = this.#owners.get(owner)?.tagOf(key, nowMs);
    if (before !== undefined) return before === tag ? 'repeat' : 'used';
    this.#size -= this.#owners.get(owner)?.forgetUntil(nowMs) ?? 0;
    if (this.#size >= this.#max) this.#makeRoom(nowMs);
    const own = this.#of(owner);
    const sizeBefore = own.size;
    // Remembered even where it is stale: of those who present it, at most one is to be believed.
    const isFresh = own.add(key, tag, expiresAtMs);
    this.#size += own.size - sizeBefore;
    return isFresh ? 'fresh' : 'stale';
  }

  #of(owner: string): OwnersNonces {
    let own = this.#owners.get(owner);
    if (own === undefined) {
      own = new OwnersNonces(this.#completeFromMs);
      this.#owners.set(owner, own);
    }
    return own;
  }

  #makeRoom(nowMs: number): void {
    let most: OwnersNonces | undefined;
    for (const [owner, own] of this.#owners) {
      this.#size -= own.forgetUntil(nowMs);
      if (own.isForgotten(nowMs)) this.#owners.delete(owner);
      else if (own.size > (most?.size ?? 0)) most = own;
    }
    if (this.#size >= this.#max) this.#size -= most?.forgetOldest() ?? 0;
  }
}
