// HOT: bench/micro/outbox.bench.ts
// One mountpoint as one worker sees it, as its base sends it or in a shape: the rovers of this worker that have it, and
// the newest epochs, whether its base is on this worker or on another. A rover costs a reference, never a copy.

import type { Epoch } from './epoch.ts';
import type { Shape } from '../rtcm/reshape/shape.ts';
import { type DirectSending, FanOut } from './fan-out.ts';
import { LateJoinerCache } from './late-joiner-cache.ts';
import { streamKey } from './shaped-epoch.ts';
import type { Subscriber } from './subscriber.ts';

/** Weight of the newest epoch in the running means. */
const NEWEST_WEIGHT = 0.125;
/** Bytes a second: above this it is no stream but a recording that is pushed at once. */
const RATE_MAX = 100_000;

export class MountpointStream {
  readonly mountpoint: string;
  /** Undefined where it goes out as its base sends it. */
  readonly shape: Shape | undefined;
  /** See streamKey. */
  readonly key: string;
  readonly cache = new LateJoinerCache();
  /** Of the base whose epochs are let through: the highest one heard of. */
  generation = 0;
  /** When the newest epoch came; on the monotonic clock, 0 before the first. */
  lastEpochMs = 0;
  /** Running means of epoch sizes and of the bytes of a second; 0 before they are known. */
  typicalEpochBytes = 0;
  typicalBytesPerSecond = 0;
  readonly #fanOut: FanOut;

  /** `direct` is what epochs are sent with straight from the loop, where that can be done at all. */
  constructor(mountpoint: string, direct?: DirectSending, shape?: Shape) {
    this.mountpoint = mountpoint;
    this.shape = shape;
    this.key = streamKey(mountpoint, shape);
    this.#fanOut = new FanOut(direct);
  }

  /** It has no rovers, and no epoch follows. */
  end(): void {
    this.#fanOut.end();
  }

  get subscriberCount(): number {
    return this.#fanOut.size;
  }

  subscribe(subscriber: Subscriber): void {
    this.#fanOut.add(subscriber);
  }

  unsubscribe(subscriber: Subscriber): void {
    this.#fanOut.remove(subscriber);
  }

  /** False, and nothing is done, where a newer base of this mountpoint has been heard of. */
  admitGeneration(generation: number): boolean {
    if (generation < this.generation) return false;
    if (generation > this.generation) {
      this.generation = generation;
      this.cache.clear();
    }
    return true;
  }

  publish(epoch: Epoch): void {
    this.cache.observe(epoch);
    this.#measure(epoch);
    this.#fanOut.send(epoch);
  }

  /** Epochs without observations (a greeting, ephemerides alone) say nothing of what comes every second. */
  #measure({ bytes, receivedMs, frameCount, keptFrames }: Epoch): void {
    const size = bytes.length;
    const sinceS = (receivedMs - this.lastEpochMs) / 1000;
    if (frameCount > 0 && keptFrames.length === frameCount) {
      this.lastEpochMs = receivedMs;
      return;
    }
    if (this.lastEpochMs > 0 && sinceS > 0) {
      this.typicalBytesPerSecond = mean(this.typicalBytesPerSecond, Math.min(size / sinceS, RATE_MAX));
    }
    this.typicalEpochBytes = mean(this.typicalEpochBytes, size);
    this.lastEpochMs = receivedMs;
  }
}

function mean(before: number, newest: number): number {
  return before === 0 ? newest : before + (newest - before) * NEWEST_WEIGHT;
}
