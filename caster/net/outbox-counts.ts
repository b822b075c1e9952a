// HOT: bench/micro/outbox.bench.ts
// What a rover has been sent, at any moment, whether its epochs go through its outbox or straight from the mountpoint.
// While its lane is open nothing here is touched: what it had is what stood here when the lane was opened, and what the
// mountpoint has sent since.

import type { Epoch } from '../stream/epoch.ts';
import type { Lanes } from '../stream/subscriber.ts';

export class OutboxCounts {
  /** Where its lane is; undefined while it belongs to no mountpoint. */
  #lanes: Lanes | undefined;
  #inLane = false;
  /** The round of questions to the kernel in or after which the lane was opened: it was asked in later ones. */
  #laneRounds = 0;
  #acknowledgedAllMs = -Infinity;
  /** What was taken; while the lane is open, less the mountpoint's totals when it was opened. */
  #bytes = 0;
  #epochs = 0;
  #frames = 0;

  /** Stream payload the kernel has taken: reply heads, chunk framing and TLS do not count. */
  get bytes(): number {
    return this.#inLane ? this.#bytes + this.#lanes!.bytes : this.#bytes;
  }

  get epochs(): number {
    return this.#inLane ? this.#epochs + this.#lanes!.epochs : this.#epochs;
  }

  get frames(): number {
    return this.#inLane ? this.#frames + this.#lanes!.frames : this.#frames;
  }

  /** When the rover was last seen to have acknowledged everything, by its lane; -Infinity where it never was. */
  get acknowledgedAllMs(): number {
    return this.#inLane && this.#lanes!.roundsDone > this.#laneRounds
      ? this.#lanes!.askedMs
      : this.#acknowledgedAllMs;
  }

  get isInLane(): boolean {
    return this.#inLane;
  }

  get mayOpenLane(): boolean {
    return this.#lanes !== undefined && !this.#inLane;
  }

  addBytes(bytes: number): void {
    this.#bytes += bytes;
  }

  addFrames(frames: number): void {
    this.#frames += frames;
  }

  addEpoch(frames: number): void {
    this.#epochs += 1;
    this.#frames += frames;
  }

  join(lanes: Lanes): void {
    this.#lanes = lanes;
  }

  leave(subscriberIndex: number): void {
    this.closeLane(subscriberIndex);
    this.#lanes = undefined;
  }

  openLane(subscriberIndex: number, descriptor: number, chunked: boolean): void {
    const lanes = this.#lanes!;
    this.#inLane = true;
    this.#laneRounds = lanes.roundsBegun;
    this.#bytes -= lanes.bytes;
    this.#epochs -= lanes.epochs;
    this.#frames -= lanes.frames;
    lanes.open(subscriberIndex, descriptor, chunked);
  }

  closeLane(subscriberIndex: number): void {
    const lanes = this.#lanes;
    if (lanes === undefined || !this.#inLane) return;
    this.#acknowledgedAllMs = this.acknowledgedAllMs;
    this.#inLane = false;
    this.#bytes += lanes.bytes;
    this.#epochs += lanes.epochs;
    this.#frames += lanes.frames;
    lanes.close(subscriberIndex);
  }

  /** The lane's last epoch, which is in the totals, was not taken whole. */
  closeLaneWithout(epoch: Epoch, subscriberIndex: number): void {
    this.closeLane(subscriberIndex);
    this.#epochs -= 1;
    this.#frames -= epoch.frameCount;
    this.#bytes -= epoch.bytes.length;
  }
}
