// The newest station messages and ephemerides of a mountpoint, for the rover that joins between them: it can start
// with the base's position and antenna at once instead of waiting for their next turn.

import { EPHEMERIS_KEPT_MS, KEPT_FRAMES_MAX } from '../../config/limits.ts';
import type { Epoch } from './epoch.ts';

export interface CachedFrame {
  readonly bytes: Buffer;
  readonly ephemeris: boolean;
  readonly receivedMs: number;
}

/** Whole frames. */
export interface Greeting {
  readonly bytes: Buffer;
  readonly frameCount: number;
}

export class LateJoinerCache {
  readonly #frames = new Map<number, CachedFrame>();
  #greeting: Greeting | undefined;
  /** When the first of the ephemerides in the greeting becomes too old. */
  #greetingEndsMs = Infinity;

  /** Takes over what is worth keeping in `epoch`. Frames are copied, so that the epoch itself can be freed. */
  observe(epoch: Epoch): void {
    for (const { key, ephemeris, start, end } of epoch.keptFrames) {
      if (!this.#frames.has(key) && !this.#hasRoom(epoch.receivedMs)) continue;
      const bytes = Buffer.allocUnsafeSlow(end - start);
      epoch.bytes.copy(bytes, 0, start, end);
      this.#frames.set(key, { bytes, ephemeris, receivedMs: epoch.receivedMs });
      this.#greeting = undefined;
    }
  }

  /**
   * Station messages first, then ephemerides no older than they are of use; undefined while there are none. Without those
   * that stand in `known` as well.
   */
  greeting(nowMs: number, known?: LateJoinerCache): Greeting | undefined {
    if (known !== undefined) return this.#greetingBeyond(known, nowMs);
    if (this.#greeting !== undefined && nowMs <= this.#greetingEndsMs) return this.#greeting;
    this.#greeting = undefined;
    this.#greetingEndsMs = Infinity;
    this.#forgetOld(nowMs);
    const stations: Buffer[] = [];
    const ephemerides: Buffer[] = [];
    for (const { bytes, ephemeris, receivedMs } of this.#frames.values()) {
      (ephemeris ? ephemerides : stations).push(bytes);
      if (ephemeris) this.#greetingEndsMs = Math.min(this.#greetingEndsMs, receivedMs + EPHEMERIS_KEPT_MS);
    }
    const frameCount = stations.length + ephemerides.length;
    if (frameCount === 0) return undefined;
    return (this.#greeting = { bytes: Buffer.concat([...stations, ...ephemerides]), frameCount });
  }

  #greetingBeyond(known: LateJoinerCache, nowMs: number): Greeting | undefined {
    this.#forgetOld(nowMs);
    const frames = [...this.#frames].filter(
      ([key, { bytes }]) => known.#frames.get(key)?.bytes.equals(bytes) !== true,
    );
    if (frames.length === 0) return undefined;
    return { bytes: Buffer.concat(frames.map(([, { bytes }]) => bytes)), frameCount: frames.length };
  }

  /** Each frame of the greeting by itself, with its age. */
  newest(nowMs: number): Iterable<CachedFrame> {
    this.#forgetOld(nowMs);
    return this.#frames.values();
  }

  #hasRoom(nowMs: number): boolean {
    if (this.#frames.size >= KEPT_FRAMES_MAX) this.#forgetOld(nowMs);
    return this.#frames.size < KEPT_FRAMES_MAX;
  }

  #forgetOld(nowMs: number): void {
    for (const [key, { ephemeris, receivedMs }] of this.#frames) {
      if (ephemeris && nowMs - receivedMs > EPHEMERIS_KEPT_MS) this.#frames.delete(key);
    }
  }

  /** Another base, perhaps at another place: what the last one said of itself no longer holds. */
  clear(): void {
    this.#frames.clear();
    this.#greeting = undefined;
  }
}
