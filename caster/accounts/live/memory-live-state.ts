// Live state of a single node. A new process knows nothing of the nonces of the one before it and says so (`stale`).

import { performance } from 'node:perf_hooks';
import type { LiveState, NonceVerdict, SlotClaim, SlotVerdict } from './live-state.ts';
import { MemoryNonces } from './memory-nonces.ts';
import { MemorySlots } from './memory-slots.ts';
import { MinuteCounts } from './minute-counts.ts';

export class MemoryLiveState implements LiveState {
  readonly kind = 'memory';
  readonly #nonces: MemoryNonces;
  readonly #slots = new MemorySlots();
  readonly #logins = new MinuteCounts();

  /** `beganAtMs`: wall time from which on no other process has used nonces up. */
  constructor(beganAtMs: number = Date.now()) {
    this.#nonces = new MemoryNonces(beganAtMs);
  }

  useNonce(key: string, tag: string, expiresAtMs: number, owner?: string): Promise<NonceVerdict> {
    return Promise.resolve(this.#nonces.use(key, tag, expiresAtMs, Date.now(), owner));
  }

  takeSlots(claim: SlotClaim): Promise<SlotVerdict> {
    return Promise.resolve(this.#slots.take(claim));
  }

  holdAnyway(claim: SlotClaim): void {
    this.#slots.hold(claim);
  }

  releaseSlots(sessionId: string): void {
    this.#slots.release(sessionId);
  }

  countLogin(key: string, perMinute: number): Promise<number> {
    return Promise.resolve(this.#logins.count(key, perMinute, performance.now()));
  }

  /** There is nobody to lose to. */
  onLost(): void {}

  close(): Promise<void> {
    return Promise.resolve();
  }
}
