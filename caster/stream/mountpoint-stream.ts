// HOT: bench/micro/outbox.bench.ts
// One mountpoint as one worker sees it: the rovers of this worker that have it, and the newest epochs, whether its
// base is on this worker or on another. Fan-out is a loop over a dense list; a rover costs a reference, never a copy.

import type { Epoch } from './epoch.ts';
import { LateJoinerCache } from './late-joiner-cache.ts';
import type { Subscriber } from './subscriber.ts';

/** Weight of the newest epoch in the running mean of epoch sizes. */
const SIZE_WEIGHT = 0.125;

export class MountpointStream {
  readonly name: string;
  readonly cache = new LateJoinerCache();
  /** Of the base whose epochs are let through: the highest one heard of. */
  generation = 0;
  /** When the newest epoch came; on the monotonic clock, 0 before the first. */
  lastEpochMs = 0;
  /** Running mean of epoch sizes; 0 before the first. */
  typicalEpochBytes = 0;
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
    this.lastEpochMs = epoch.receivedMs;
    const size = epoch.bytes.length;
    this.typicalEpochBytes +=
      this.typicalEpochBytes === 0 ? size : (size - this.typicalEpochBytes) * SIZE_WEIGHT;
    const subscribers = this.#subscribers;
    for (let index = 0; index < subscribers.length; index++) subscribers[index]!.deliver(epoch);
  }
}
