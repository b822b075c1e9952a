// HOT: bench/micro/outbox.bench.ts
// The list of a mountpoint's rovers on one worker, and the loop over it. Of thousands of rovers none is in the cache
// when its epoch comes, and each line of memory touched costs as much as fifty instructions: so a rover that keeps up
// is a number in an array here (its lane), and nothing of its own objects is looked at. All others are called.
//
//   called (deliver) ── sent whole, nothing waits: the outbox opens its lane ──▶ in its lane
//         ▲                                                                         │
//         └── taken in part or not at all, the kernel holds something at a round, ──┘
//             the descriptor closes, or the rover leaves

import { ROVER_KERNEL_EPOCHS } from '../../config/limits.ts';
import { type DataPlaneCounters, slotOf } from '../metering/data-plane-counters.ts';
import type { LaneSlots } from '../metering/ledger/lane-slots.ts';
import { ACTIVE_SECONDS, BYTES, EPOCHS, FRAMES, LANE_CELLS } from '../metering/ledger/layout.ts';
import type { Epoch } from './epoch.ts';
import { type DirectSocket, type Lanes, SEND_NOT_TRIED, type Subscriber } from './subscriber.ts';

const BYTES_TAKEN = slotOf('roverBytesTaken');
const EPOCHS_DELIVERED = slotOf('epochsDelivered');
const SENDS_NATIVE = slotOf('sendsNative');

const LANE_CLOSED = -1;
const LANES_MIN = 4;
/** Epochs between two rounds of questions to the kernels, less one; as a mask. */
const ROUND_MASK = ROVER_KERNEL_EPOCHS - 1;

/** Lanes that are sent to in one call. */
const BATCH_SIZE = 256;

const NO_TOTALS = new Float64Array(LANE_CELLS);

/** Lanes of one kind, plain or chunked, gathered for one call. */
class Batch {
  readonly indices = new Int32Array(BATCH_SIZE);
  readonly descriptors = new Int32Array(BATCH_SIZE);
  readonly taken = new Int32Array(BATCH_SIZE);
  count = 0;
}

/** What lanes need, one for all mountpoints of a worker; without it none is ever opened. */
export class DirectSending {
  readonly socket: DirectSocket;
  readonly counters: DataPlaneCounters;
  readonly slots: LaneSlots;
  readonly plain = new Batch();
  readonly chunked = new Batch();

  constructor(socket: DirectSocket, counters: DataPlaneCounters, slots: LaneSlots) {
    this.socket = socket;
    this.counters = counters;
    this.slots = slots;
  }
}

export class FanOut implements Lanes {
  /** 0 while no lane can be opened: before the first subscriber, and where there are no lanes (left). */
  slot = 0;
  lastSecond = -1;
  beganSecond = false;
  roundsBegun = 0;
  roundsDone = 0;
  askedMs = 0;
  /** Where the totals stand, from `#first` on. */
  readonly #totals: Float64Array;
  #first = 0;
  readonly #subscribers: Subscriber[] = [];
  /** By subscriber index: twice the descriptor, and one more where the rover is sent chunks; or LANE_CLOSED. */
  #lanes = new Int32Array(LANES_MIN).fill(LANE_CLOSED);
  readonly #offered: DirectSending | undefined;
  /** What is offered, while there is a slot to count in. */
  #direct: DirectSending | undefined;

  constructor(direct: DirectSending | undefined) {
    this.#offered = direct;
    this.#totals = direct?.slots.cells ?? NO_TOTALS;
  }

  /** Nobody is in it, and nothing will be sent any more. */
  end(): void {
    if (this.slot !== 0) this.#offered!.slots.give(this.slot);
  }

  get epochs(): number {
    return this.#totals[this.#first + EPOCHS]!;
  }

  get bytes(): number {
    return this.#totals[this.#first + BYTES]!;
  }

  get frames(): number {
    return this.#totals[this.#first + FRAMES]!;
  }

  get activeSeconds(): number {
    return this.#totals[this.#first + ACTIVE_SECONDS]!;
  }

  get size(): number {
    return this.#subscribers.length;
  }

  add(subscriber: Subscriber): void {
    const index = this.#subscribers.length;
    if (index === 0 && this.slot === 0) this.#takeSlot();
    if (index === this.#lanes.length) this.#grow();
    this.#lanes[index] = LANE_CLOSED;
    subscriber.subscriberIndex = index;
    this.#subscribers.push(subscriber);
    if (this.#direct !== undefined) subscriber.joined(this);
  }

  /** Not before: a worker has many streams that others want and nobody here. */
  #takeSlot(): void {
    this.slot = this.#offered?.slots.take() ?? 0;
    this.#direct = this.slot === 0 ? undefined : this.#offered;
    this.#first = this.slot * LANE_CELLS;
  }

  remove(subscriber: Subscriber): void {
    const index = subscriber.subscriberIndex;
    if (index < 0) return;
    subscriber.leaving();
    const last = this.#subscribers.pop()!;
    if (last !== subscriber) {
      this.#subscribers[index] = last;
      this.#lanes[index] = this.#lanes[last.subscriberIndex]!;
      last.subscriberIndex = index;
    }
    subscriber.subscriberIndex = -1;
  }

  open(subscriberIndex: number, descriptor: number, chunked: boolean): void {
    this.#lanes[subscriberIndex] = 2 * descriptor + (chunked ? 1 : 0);
  }

  close(subscriberIndex: number): void {
    this.#lanes[subscriberIndex] = LANE_CLOSED;
  }

  send(epoch: Epoch): void {
    if (this.#direct !== undefined) {
      const isRound = (this.epochs & ROUND_MASK) === 0;
      this.#count(epoch);
      this.#sendDirectly(epoch, this.#direct, isRound);
      return;
    }
    const subscribers = this.#subscribers;
    for (let index = 0; index < subscribers.length; index++) subscribers[index]!.deliver(epoch);
  }

  #count(epoch: Epoch): void {
    const totals = this.#totals;
    const first = this.#first;
    totals[first + EPOCHS]! += 1;
    totals[first + BYTES]! += epoch.bytes.length;
    totals[first + FRAMES]! += epoch.frameCount;
    const second = Math.floor(epoch.receivedMs / 1000);
    this.beganSecond = second !== this.lastSecond;
    if (!this.beganSecond) return;
    this.lastSecond = second;
    totals[first + ACTIVE_SECONDS]! += 1;
  }

  #sendDirectly(epoch: Epoch, direct: DirectSending, isRound: boolean): void {
    const subscribers = this.#subscribers;
    const lanes = this.#lanes;
    const { socket } = direct;
    if (isRound) this.roundsBegun += 1;
    for (let index = 0; index < subscribers.length; index++) {
      const lane = lanes[index]!;
      if (lane < 0) {
        subscribers[index]!.deliver(epoch);
      } else if (isRound && socket.unacknowledgedBytes(lane >> 1) !== 0) {
        subscribers[index]!.resume(epoch, SEND_NOT_TRIED);
      } else {
        const batch = (lane & 1) === 0 ? direct.plain : direct.chunked;
        const { count } = batch;
        batch.indices[count] = index;
        batch.descriptors[count] = lane >> 1;
        batch.count = count + 1;
        if (count + 1 === BATCH_SIZE) this.#sendBatch(epoch, direct, batch);
      }
    }
    if (direct.plain.count > 0) this.#sendBatch(epoch, direct, direct.plain);
    if (direct.chunked.count > 0) this.#sendBatch(epoch, direct, direct.chunked);
    if (isRound) {
      this.roundsDone = this.roundsBegun;
      this.askedMs = epoch.receivedMs;
    }
  }

  #sendBatch(epoch: Epoch, { socket, counters, chunked }: DirectSending, batch: Batch): void {
    const { indices, descriptors, taken, count } = batch;
    const bytes = batch === chunked ? epoch.chunk : epoch.bytes;
    const length = bytes.length;
    socket.sendEach(descriptors, count, bytes, taken);
    batch.count = 0;
    let whole = 0;
    for (let n = 0; n < count; n++) {
      if (taken[n] === length) whole += 1;
      else this.#subscribers[indices[n]!]!.resume(epoch, taken[n]!);
    }
    const { values } = counters;
    values[BYTES_TAKEN]! += whole * epoch.bytes.length;
    values[EPOCHS_DELIVERED]! += whole;
    values[SENDS_NATIVE]! += whole;
  }

  #grow(): void {
    const lanes = new Int32Array(2 * this.#lanes.length);
    lanes.set(this.#lanes);
    this.#lanes = lanes;
  }
}
