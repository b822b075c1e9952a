// HOT: bench/micro/outbox.bench.ts
// One mountpoint as one worker sees it: the rovers of this worker that have it, and the newest epochs, whether its
// base is on this worker or on another. Fan-out is a loop over a dense list; a rover costs a reference, never a copy.

import type { Epoch } from './epoch.ts';
import { LateJoinerCache } from './late-joiner-cache.ts';
import type { Subscriber } from './subscriber.ts';

/** Weight of the newest epoch in the running means. */
const NEWEST_WEIGHT = 0.125;
/** Bytes a second: above this it is no stream but a recording that is pushed at once. */
const RATE_MAX = 100_000;

export class MountpointStream {
  readonly name: string;
  readonly cache = new LateJoinerCache();
  /** Of the base whose epochs are let through: the highest one heard of. */
  generation = 0;
  /** When the newest epoch came; on the monotonic clock, 0 before the first. */
  lastEpochMs = 0;
  /** Running means of epoch sizes and of the bytes of a second; 0 before they are known. */
  typicalEpochBytes = 0;
  typicalBytesPerSecond = 0;
  readonly #subscribers: Subscriber[] = [];

  constructor(name: string) {
    this.name = name;
  }

  get subscriberCount(): number {
    return this.#subscribers.length;
  }

  subscribe(subscriber: Subscriber): void {
    subscriber.subscriberIndex = this.#subscribers.length;
    this.#subscribers.push(subscriber);
  }

  unsubscribe(subscriber: Subscriber): void {
    const index = subscriber.subscriberIndex;
    if (index < 0) return;
    const last = this.#subscribers.pop()!;
    if (last !== subscriber) {
      this.#subscribers[index] = last;
      last.subscriberIndex = index;
    }
    subscriber.subscriberIndex = -1;
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
    const subscribers = this.#subscribers;
    for (let index = 0; index < subscribers.length; index++) subscribers[index]!.deliver(epoch);
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
