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
    this.#closeLane(subscriberIndex, 0, 0, 0);
  }

  /** The lane's last epoch, which is in the totals, was not taken whole. */
  closeLaneWithout(epoch: Epoch, subscriberIndex: number): void {
    this.#closeLane(subscriberIndex, epoch.bytes.length, 1, epoch.frameCount);
  }

  /** The second of an epoch that was not taken whole counts all the same: it mostly follows by the socket. */
  #closeLane(subscriberIndex: number, lessBytes: number, lessEpochs: number, lessFrames: number): void {
    const lanes = this.#lanes;
    if (lanes === undefined || !this.#inLane) return;
    this.#acknowledgedAllMs = this.acknowledgedAllMs;
    this.#inLane = false;
    this.lastSecond = lanes.lastSecond;
    this.turn(
      lanes.bytes - lessBytes,
      lanes.epochs - lessEpochs,
      lanes.frames - lessFrames,
      lanes.activeSeconds,
      NO_LANE,
    );
    lanes.close(subscriberIndex);
  }
}
