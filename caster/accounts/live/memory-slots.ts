// Places of sessions in memory. A scope is the set of its sessions in the order of their tokens, so that its first one
// is its oldest.

import type { SlotClaim, SlotScope, SlotVerdict } from './live-state.ts';

export class MemorySlots {
  readonly #scopes = new Map<string, Set<string>>();
  readonly #keysOf = new Map<string, readonly string[]>();
  #token = 0;

  get size(): number {
    return this.#keysOf.size;
  }

  take({ sessionId, scopes }: SlotClaim): SlotVerdict {
    const replaced = new Set<string>();
    for (const scope of scopes) if (scope.onFull === 'replace') this.#chooseReplaced(scope, replaced);
    for (const { key, max, onFull } of scopes) {
      if (onFull !== 'count' && this.#without(key, replaced) >= max)
        return { ok: false, reason: 'full', key };
    }
    for (const id of replaced) this.release(id);
    const token = this.hold({ sessionId, scopes });
    const over = scopes
      .filter(({ key, max, onFull }) => onFull === 'count' && this.#without(key, NOBODY) > max)
      .map(({ key }) => key);
    return { ok: true, token, replaced: [...replaced], over };
  }

  hold({ sessionId, scopes }: SlotClaim): number {
    this.release(sessionId);
    const keys = scopes.map(({ key }) => key);
    this.#keysOf.set(sessionId, keys);
    for (const key of keys) {
      const sessions = this.#scopes.get(key);
      if (sessions === undefined) this.#scopes.set(key, new Set([sessionId]));
      else sessions.add(sessionId);
    }
    return ++this.#token;
  }

  release(sessionId: string): void {
    for (const key of this.#keysOf.get(sessionId) ?? []) {
      const sessions = this.#scopes.get(key);
      sessions?.delete(sessionId);
      if (sessions?.size === 0) this.#scopes.delete(key);
    }
    this.#keysOf.delete(sessionId);
  }

  /** Adds to `replaced` the oldest sessions that have to go for one more to fit; where the maximum is 0 nobody fits. */
  #chooseReplaced({ key, max }: SlotScope, replaced: Set<string>): void {
    if (max < 1) return;
    let surplus = this.#without(key, replaced) + 1 - max;
    if (surplus <= 0) return;
    for (const id of this.#scopes.get(key) ?? NOBODY) {
      if (replaced.has(id)) continue;
      replaced.add(id);
      if (--surplus <= 0) return;
    }
  }

  #without(key: string, replaced: ReadonlySet<string>): number {
    const sessions = this.#scopes.get(key) ?? NOBODY;
    let count = sessions.size;
    for (const id of replaced) if (sessions.has(id)) count--;
    return count;
  }
}

const NOBODY: ReadonlySet<string> = new Set();
