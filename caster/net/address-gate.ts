// Counts connections per address: how many are open and how many came within the minute. Each worker counts those
// the kernel gave it and so allows its share of the configured number.

import { ADDRESSES_COUNTED_MAX } from '../../config/limits.ts';

const WINDOW_MS = 60_000;

export interface AddressLimits {
  /** 0 = no limit. */
  readonly openMax: number;
  /** 0 = no limit. */
  readonly perMinuteMax: number;
}

export class AddressGate {
  readonly #open = new Map<string, number>();
  readonly #recent = new Map<string, number>();
  #windowStartMs = 0;

  /** True where one more connection may be opened; it then counts until `leave`. */
  enter(address: string, limits: AddressLimits, nowMs: number): boolean {
    if (limits.perMinuteMax > 0 && !this.#enterWindow(address, limits.perMinuteMax, nowMs)) return false;
    const open = this.#open.get(address) ?? 0;
    if (limits.openMax > 0 && open >= limits.openMax) return false;
    this.#open.set(address, open + 1);
    return true;
  }

  leave(address: string): void {
    const open = this.#open.get(address);
    if (open === undefined) return;
    if (open <= 1) this.#open.delete(address);
    else this.#open.set(address, open - 1);
  }

  #enterWindow(address: string, perMinuteMax: number, nowMs: number): boolean {
    if (nowMs - this.#windowStartMs >= WINDOW_MS) {
      this.#recent.clear();
      this.#windowStartMs = nowMs;
    }
    const recent = this.#recent.get(address) ?? 0;
    if (recent >= perMinuteMax) return false;
    if (recent === 0 && this.#recent.size >= ADDRESSES_COUNTED_MAX) {
      for (const oldest of this.#recent.keys()) {
        this.#recent.delete(oldest);
        break;
      }
    }
    this.#recent.set(address, recent + 1);
    return true;
  }
}
