// HOT: bench/micro/outbox.bench.ts
// What a rover has been sent, at any moment, whether its epochs go through its outbox or straight from the mountpoint.
// While its lane is open nothing here is touched: what it had is what stands in its record, less what the mountpoint
// had sent when the lane was opened, and what the mountpoint has sent by now.

import { NO_LANE } from '../metering/ledger/layout.ts';
import { RecordCounts } from '../metering/ledger/record-counts.ts';
import type { Epoch } from '../stream/epoch.ts';
import type { Lanes } from '../stream/subscriber.ts';

export class OutboxCounts extends RecordCounts {
  /** Where its lane is; undefined while it belongs to no mountpoint. */
  #lanes: Lanes | undefined;
  #inLane = false;
  /** The round of questions to the kernel in or after which the lane was opened: it was asked in later ones. */
  #laneRounds = 0;
  #acknowledgedAllMs = -Infinity;

  /** Stream payload the kernel has taken: reply heads, chunk framing and TLS do not count. */
  get bytes(): number {
    return this.#inLane ? this.ownBytes + this.#lanes!.bytes : this.ownBytes;
  }

  get epochs(): number {
    return this.#inLane ? this.ownEpochs + this.#lanes!.epochs : this.ownEpochs;
  }

  get frames(): number {
    return this.#inLane ? this.ownFrames + this.#lanes!.frames : this.ownFrames;
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
    this.turn(-lanes.bytes, -lanes.epochs, -lanes.frames, -lanes.activeSeconds, lanes.slot);
    lanes.open(subscriberIndex, descriptor, chunked);
  }

  closeLane(subscriberIndex: number): void {
    this.#closeLane(subscriberIndex, undefined);
  }

  /** The lane's last epoch, which is in the totals, was not taken whole. */
  closeLaneWithout(epoch: Epoch, subscriberIndex: number): void {
    this.#closeLane(subscriberIndex, epoch);
  }

  #closeLane(subscriberIndex: number, without: Epoch | undefined): void {
    const lanes = this.#lanes;
    if (lanes === undefined || !this.#inLane) return;
    this.#acknowledgedAllMs = this.acknowledgedAllMs;
    this.#inLane = false;
    const { bytes, epochs, frames, activeSeconds } = lanes;
    if (without === undefined) {
      this.lastSecond = lanes.lastSecond;
      this.turn(bytes, epochs, frames, activeSeconds, NO_LANE);
    } else {
      const isSecondToo = lanes.beganSecond;
      this.lastSecond = isSecondToo ? -1 : lanes.lastSecond;
      const seconds = isSecondToo ? activeSeconds - 1 : activeSeconds;
      this.turn(bytes - without.bytes.length, epochs - 1, frames - without.frameCount, seconds, NO_LANE);
    }
    lanes.close(subscriberIndex);
  }
}
