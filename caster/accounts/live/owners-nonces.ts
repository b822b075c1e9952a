// Nonces of one owner that are used up. What expires first is forgotten first, and what may have been forgotten is never
// called new: the floor says from which expiry on this memory is complete.

interface UsedNonce {
  readonly tag: string;
  readonly expiresAtMs: number;
}

export class OwnersNonces {
  readonly #used = new Map<string, UsedNonce>();
  /** Keys by the second in which they expire. */
  readonly #bySecond = new Map<number, string[]>();
  #oldestSecond = Infinity;
  #completeFromMs: number;

  constructor(completeFromMs: number) {
    this.#completeFromMs = completeFromMs;
  }

  get size(): number {
    return this.#used.size;
  }

  /** Undefined where it is not known, or no longer in use. */
  tagOf(key: string, nowMs: number): string | undefined {
    const used = this.#used.get(key);
    return used === undefined || used.expiresAtMs <= nowMs ? undefined : used.tag;
  }

  /** False where it may have been used before and forgotten. */
  add(key: string, tag: string, expiresAtMs: number): boolean {
    this.#used.set(key, { tag, expiresAtMs });
    const second = Math.ceil(expiresAtMs / 1000);
    const keys = this.#bySecond.get(second);
    if (keys === undefined) this.#bySecond.set(second, [key]);
    else keys.push(key);
    this.#oldestSecond = Math.min(this.#oldestSecond, second);
    return expiresAtMs >= this.#completeFromMs;
  }

  /** How many have expired. */
  forgetUntil(nowMs: number): number {
    let forgotten = 0;
    while (this.#oldestSecond * 1000 <= nowMs) forgotten += this.#forgetSecond();
    return forgotten;
  }

  /** Gives up the signatures that are oldest anyway; those that look as old are stale from now on. How many. */
  forgetOldest(): number {
    this.#completeFromMs = Math.max(this.#completeFromMs, this.#oldestSecond * 1000 + 1);
    return this.#forgetSecond();
  }

  /** True where a new memory would know as much. */
  isForgotten(nowMs: number): boolean {
    return this.#used.size === 0 && this.#completeFromMs <= nowMs;
  }

  #forgetSecond(): number {
    const second = this.#oldestSecond;
    const before = this.#used.size;
    for (const key of this.#bySecond.get(second) ?? []) {
      // A key may have been used again after it had expired.
      const used = this.#used.get(key);
      if (used !== undefined && Math.ceil(used.expiresAtMs / 1000) === second) this.#used.delete(key);
    }
    this.#bySecond.delete(second);
    this.#oldestSecond = Infinity;
    for (const other of this.#bySecond.keys()) this.#oldestSecond = Math.min(this.#oldestSecond, other);
    return before - this.#used.size;
  }
}
