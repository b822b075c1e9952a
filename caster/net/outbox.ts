// HOT: bench/micro/outbox.bench.ts
// The one door through which bytes leave for a rover: one write per epoch, every byte counted when the kernel has
// taken it. Corrections are perishable: what has not begun to go out when a newer epoch arrives is dropped whole; the
// station and ephemeris frames in it are carried into the next write. Epochs that come in one burst (a base that
// catches up, a recording pushed at once) are of one age and wait together.
//
//              deliver: kernel takes all
//             ┌────────┐        kernel takes a part, or nothing amid a burst:
//             ▼        │        the rest goes to the socket's own queue
//           idle ──────┴──────────────────────────────────────────────▶ busy
//            ▲ │ kernel takes nothing, or holds too much                 │ ▲
//            │ ▼                                                         │ │ deliver: newest waits,
//          blocked ── tick: kernel takes all ──▶ idle                    │ │ older ones are dropped
//            │  deliver: newest waits, older ones are dropped            ▼ │
//            └──────────────────────────────────── queue flushed: send what waits
//
// Native sends happen only in idle or blocked, that is with nothing in the socket's own queue, so bytes never overtake.

import {
  BURST_BYTES_MAX,
  KEPT_FRAMES_MAX,
  ROVER_KERNEL_BYTES_MIN,
  ROVER_KERNEL_EPOCHS,
} from '../../config/limits.ts';
import { type DataPlaneCounters, slotOf } from '../metering/data-plane-counters.ts';
import type { RecordPlace } from '../metering/ledger/record-counts.ts';
import { encodeChunk } from '../ntrip/chunked.ts';
import type { Epoch, KeptFrame } from '../stream/epoch.ts';
import { type Lanes, SEND_NOT_TRIED, type Subscriber } from '../stream/subscriber.ts';
import { SEND_BLOCKED, type NativeSocket } from './native-socket.ts';
import { isStale } from './epoch-age.ts';
import { OutboxCounts } from './outbox-counts.ts';
import { descriptorOf, type PeerSocket, queuedBytesOf } from './peer-socket.ts';

const BYTES_TAKEN = slotOf('roverBytesTaken');
const EPOCHS_DELIVERED = slotOf('epochsDelivered');
const EPOCHS_DROPPED = slotOf('epochsDropped');
const FRAMES_DROPPED = slotOf('framesDropped');
const SENDS_NATIVE = slotOf('sendsNative');
const SENDS_BLOCKED = slotOf('sendsBlocked');
const SENDS_SHORT = slotOf('sendsShort');

/** Epochs between two questions to the kernel, less one; as a mask. */
const KERNEL_CHECK_MASK = ROVER_KERNEL_EPOCHS - 1;

/** What became of bytes given to a socket: they have begun to go out, must wait whole, or have nobody to go to. */
const BEGUN = 0;
const REFUSED = 1;
const GONE = 2;

/** Shared by all outboxes of a worker. */
export interface OutboxHouse {
  /** Undefined where koffi is not: then every byte goes through the socket's own queue. */
  readonly native: NativeSocket | undefined;
  readonly counters: DataPlaneCounters;
  /** Outboxes whose kernel takes nothing now; the worker calls `retry` on each at every tick. */
  readonly blocked: Set<Outbox>;
  /** Asks for the next tick soon. */
  hurry(): void;
}

export class Outbox implements Subscriber {
  // What every epoch touches comes first: of thousands of rovers none is in the cache, so each line counts.
  subscriberIndex = -1;
  /** -1 from the tick on in which the socket closes it, see `forgetDescriptor`. */
  #descriptor: number;
  /** Undefined on TLS, and where koffi is not. */
  readonly #native: NativeSocket | undefined;
  readonly #chunked: boolean;
  /** The kernel was found to hold too much: ask before every send until it no longer does. */
  #watched = false;
  /** The epoch that waits, and those of the same burst behind it. */
  #next: Epoch | undefined;
  /** Writes handed to the socket's own queue whose callback has not come. */
  #writesOpen = 0;
  /** Station and ephemeris frames of dropped epochs, newest per key. */
  #carried: Map<number, Buffer> | undefined;
  readonly #house: OutboxHouse;
  readonly counts: OutboxCounts;
  /** What the kernel may hold that the rover has not acknowledged; never less than four of the epochs that come. */
  kernelBytesMax = ROVER_KERNEL_BYTES_MIN;
  readonly #socket: PeerSocket;
  /** From `#behindAt` on. */
  #behind: Epoch[] | undefined;
  #behindAt = 0;
  #behindBytes = 0;
  /** Payload in the open writes. */
  #payloadOpen = 0;
  /** Made at the first write through the socket's queue; most rovers only ever make one. */
  #onWritten: ((error: Error | null | undefined) => void) | undefined;

  /** `record` is where what the rover has had is counted. */
  constructor(socket: PeerSocket, house: OutboxHouse, chunked: boolean, record: RecordPlace) {
    this.counts = new OutboxCounts(record);
    this.#descriptor = descriptorOf(socket);
    this.#native = socket.encrypted === true ? undefined : house.native;
    this.#chunked = chunked;
    this.#house = house;
    this.#socket = socket;
  }

  /**
   * To be called before the socket closes its descriptor, in the same tick (Peer.onDestroying): a moment later the
   * number may belong to another connection. Reading it anew for every send would cost two cache misses a rover.
   */
  forgetDescriptor(): void {
    this.counts.closeLane(this.subscriberIndex);
    this.#descriptor = -1;
  }

  joined(lanes: Lanes): void {
    this.counts.join(lanes);
  }

  leaving(): void {
    this.counts.leave(this.subscriberIndex);
  }

  get bytesTaken(): number {
    return this.counts.bytes;
  }

  get epochsTaken(): number {
    return this.counts.epochs;
  }

  get framesTaken(): number {
    return this.counts.frames;
  }

  get epochsDropped(): number {
    return this.counts.epochsDropped;
  }

  get framesDropped(): number {
    return this.counts.framesDropped;
  }

  /** Sends the reply head and, where there is one, the greeting for late joiners in the same write. */
  open(head: Buffer, greeting: { bytes: Buffer; frameCount: number } | undefined): void {
    if (greeting === undefined) {
      this.#writeThroughSocket(head, 0);
      return;
    }
    const body = this.#chunked ? encodeChunk(greeting.bytes) : greeting.bytes;
    this.counts.addFrames(greeting.frameCount);
    const both = Buffer.allocUnsafe(head.length + body.length);
    head.copy(both);
    body.copy(both, head.length);
    this.#writeThroughSocket(both, greeting.bytes.length);
  }

  /** The newest epoch of the mountpoint: goes out now, or waits alone for the moment it can. */
  deliver(epoch: Epoch): void {
    if (this.#next === undefined && (this.#writesOpen === 0 || this.#queueIsEmpty())) {
      if (this.#begin(epoch) && !this.#watched) this.#openLane();
      return;
    }
    if (this.#next === undefined) this.#next = epoch;
    else this.#queue(epoch, this.#next);
    this.retry();
  }

  resume(epoch: Epoch, taken: number): void {
    this.counts.closeLaneWithout(epoch, this.subscriberIndex);
    if (taken === SEND_NOT_TRIED) {
      this.#watched = true;
      this.deliver(epoch);
      return;
    }
    const fate = this.#judge(taken, this.#chunked ? epoch.chunk : epoch.bytes, epoch.bytes.length);
    if (fate === REFUSED) this.#wait(epoch);
    else if (fate === BEGUN) this.#countBegun(epoch.frameCount, epoch.receivedMs);
  }

  /** Sends what waits, as far as the way is free. */
  retry(): void {
    let epoch = this.#next;
    while (epoch !== undefined && (this.#writesOpen === 0 || this.#queueIsEmpty())) {
      this.#next = undefined;
      if (!this.#begin(epoch)) return;
      epoch = this.#takeBehind();
      this.#next = epoch;
    }
  }

  /** Forgets what waits; the socket is gone or going. */
  abandon(): void {
    if (this.#next !== undefined) this.#dropWaiting(this.#next);
    this.#next = undefined;
    this.#countDroppedFrames(this.#carried?.size ?? 0);
    this.#carried = undefined;
    this.#house.blocked.delete(this);
  }

  /** Payload that the kernel has had so far, the begun part of what is in the socket's own queue included. */
  get bytesHandedOver(): number {
    return this.counts.bytes + Math.max(0, this.#payloadOpen - queuedBytesOf(this.#socket));
  }

  get isBusy(): boolean {
    return this.#next !== undefined || (this.#writesOpen !== 0 && !this.#queueIsEmpty());
  }

  /** TLS keeps what it has not yet encrypted and sent out of sight, so there only the callback tells. */
  #queueIsEmpty(): boolean {
    return this.#socket.encrypted !== true && this.#socket.writableLength === 0;
  }

  /**
   * The kernel itself would not say stop: it looks at its bounds only when it needs a new buffer, and took 34 kB where
   * 8 were allowed. Asking costs 0.13 us, so a rover that keeps up is asked about at every fourth epoch only.
   */
  #isKernelFull(native: NativeSocket, length: number): boolean {
    const held = native.unacknowledgedBytes(this.#descriptor);
    this.#watched = held > 0 && held + length > Math.max(this.kernelBytesMax, ROVER_KERNEL_EPOCHS * length);
    return this.#watched;
  }

  /** False where the epoch waits because the kernel takes nothing now. */
  #begin(epoch: Epoch): boolean {
    if (this.#carried !== undefined) return this.#beginWithCarried(epoch, this.#carried);
    const bytes = this.#chunked ? epoch.chunk : epoch.bytes;
    const fate = this.#send(bytes, epoch.bytes.length);
    if (fate === REFUSED) return this.#wait(epoch);
    if (fate === BEGUN) this.#countBegun(epoch.frameCount, epoch.receivedMs);
    return true;
  }

  #beginWithCarried(epoch: Epoch, carried: Map<number, Buffer>): boolean {
    for (const { key } of epoch.keptFrames) if (carried.delete(key)) this.#countDroppedFrames(1);
    let length = epoch.bytes.length;
    for (const frame of carried.values()) length += frame.length;
    const payload = Buffer.allocUnsafeSlow(length);
    let at = 0;
    for (const frame of carried.values()) at += frame.copy(payload, at);
    epoch.bytes.copy(payload, at);
    const fate = this.#send(this.#chunked ? encodeChunk(payload) : payload, length);
    if (fate === REFUSED) return this.#wait(epoch);
    this.#carried = undefined;
    if (fate === BEGUN) this.#countBegun(epoch.frameCount + carried.size, epoch.receivedMs);
    return true;
  }

  #send(bytes: Buffer, payloadBytes: number): typeof BEGUN | typeof REFUSED | typeof GONE {
    const native = this.#native;
    if (native === undefined) {
      if (this.#socket.destroyed) return GONE;
      this.#writeThroughSocket(bytes, payloadBytes);
      return BEGUN;
    }
    if (this.#descriptor < 0) return GONE;
    const length = bytes.length;
    // A burst is of one age and goes out as fast as the rover takes it: its kernel is not asked.
    const isDue = this.#watched || (this.counts.epochs & KERNEL_CHECK_MASK) === 0;
    if (isDue && this.#behind === undefined && this.#isKernelFull(native, length)) {
      this.#house.counters.values[SENDS_BLOCKED]! += 1;
      return REFUSED;
    }
    return this.#judge(native.send(this.#descriptor, bytes, length), bytes, payloadBytes);
  }

  /** Counts what a native send took of the bytes, and sees to the rest. */
  #judge(taken: number, bytes: Buffer, payloadBytes: number): typeof BEGUN | typeof REFUSED | typeof GONE {
    const { values } = this.#house.counters;
    const length = bytes.length;
    if (taken === length) {
      this.counts.addBytes(payloadBytes);
      values[BYTES_TAKEN]! += payloadBytes;
      values[SENDS_NATIVE]! += 1;
      return BEGUN;
    }
    if (taken === SEND_BLOCKED) {
      values[SENDS_BLOCKED]! += 1;
      if (this.#behind === undefined) return REFUSED;
      // Of a burst, one epoch goes into the socket's queue: that knows at once when there is room for the next.
      this.#writeThroughSocket(bytes, payloadBytes);
      return BEGUN;
    }
    if (taken < 0) {
      this.#socket.peerBroken = true;
      return GONE;
    }
    values[SENDS_SHORT]! += 1;
    // Chunk framing is no payload; taking all of it off the taken part keeps the count on the low side until the
    // rest is out.
    const payloadTaken = Math.max(0, taken - (length - payloadBytes));
    this.counts.addBytes(payloadTaken);
    values[BYTES_TAKEN]! += payloadTaken;
    this.#writeThroughSocket(bytes.subarray(taken), payloadBytes - payloadTaken);
    return BEGUN;
  }

  /** From here on epochs go out without a call of this object, as long as they are taken whole. */
  #openLane(): void {
    if (!this.counts.mayOpenLane || this.#native === undefined || this.#descriptor < 0) return;
    if (this.#writesOpen !== 0 && !this.#queueIsEmpty()) return;
    this.counts.openLane(this.subscriberIndex, this.#descriptor, this.#chunked);
  }

  #wait(epoch: Epoch): false {
    this.#next = epoch;
    this.#house.blocked.add(this);
    this.#house.hurry();
    return false;
  }

  #countBegun(frameCount: number, receivedMs: number): void {
    this.counts.addEpoch(frameCount, receivedMs);
    this.#house.counters.values[EPOCHS_DELIVERED]! += 1;
    if (this.#next === undefined && this.#house.blocked.size !== 0) this.#house.blocked.delete(this);
  }

  /** Waits behind what waits and is not stale yet; what is stale is dropped for it. */
  #queue(epoch: Epoch, first: Epoch): void {
    let waiting: Epoch | undefined = first;
    while (waiting !== undefined && isStale(waiting, epoch)) {
      this.#drop(waiting);
      waiting = this.#takeBehind();
    }
    const behindBytes = this.#behindBytes + epoch.bytes.length;
    if (waiting !== undefined && behindBytes <= BURST_BYTES_MAX) {
      this.#next = waiting;
      (this.#behind ??= []).push(epoch);
      this.#behindBytes = behindBytes;
    } else {
      if (waiting !== undefined) this.#dropWaiting(waiting);
      this.#next = epoch;
    }
  }

  #takeBehind(): Epoch | undefined {
    const epoch = this.#behind?.[this.#behindAt];
    if (epoch === undefined) {
      this.#behind = undefined;
      this.#behindAt = 0;
    } else {
      this.#behindAt += 1;
      this.#behindBytes -= epoch.bytes.length;
    }
    return epoch;
  }

  #dropWaiting(first: Epoch): void {
    this.#drop(first);
    if (this.#behind === undefined) return;
    for (const epoch of this.#behind.slice(this.#behindAt)) this.#drop(epoch);
    this.#behind = undefined;
    this.#behindAt = 0;
    this.#behindBytes = 0;
  }

  #drop(epoch: Epoch): void {
    const kept = epoch.keptFrames;
    this.counts.addEpochDropped();
    this.#house.counters.values[EPOCHS_DROPPED]! += 1;
    this.#countDroppedFrames(epoch.frameCount - kept.length);
    if (kept.length > 0) this.#carry(epoch.bytes, kept);
  }

  #countDroppedFrames(frames: number): void {
    this.counts.addFramesDropped(frames);
    this.#house.counters.values[FRAMES_DROPPED]! += frames;
  }

  #carry(bytes: Buffer, kept: readonly KeptFrame[]): void {
    const carried = (this.#carried ??= new Map<number, Buffer>());
    for (const { key, start, end } of kept) {
      if (carried.delete(key)) this.#countDroppedFrames(1);
      if (carried.size < KEPT_FRAMES_MAX) carried.set(key, bytes.subarray(start, end));
      else this.#countDroppedFrames(1);
    }
  }

  #writeThroughSocket(bytes: Buffer, payloadBytes: number): void {
    // Node calls back later than the kernel takes: with an empty queue all that was written before is out.
    if (this.#queueIsEmpty()) this.#countPayload();
    this.#writesOpen += 1;
    this.#payloadOpen += payloadBytes;
    this.#socket.write(bytes, (this.#onWritten ??= (error) => this.#countWritten(error)));
  }

  #countWritten(error: Error | null | undefined): void {
    this.#writesOpen -= 1;
    if (this.#writesOpen !== 0) return;
    if (error === null || error === undefined) {
      this.#countPayload();
      this.retry();
    } else {
      this.#payloadOpen = 0;
    }
  }

  #countPayload(): void {
    this.counts.addBytes(this.#payloadOpen);
    this.#house.counters.values[BYTES_TAKEN]! += this.#payloadOpen;
    this.#payloadOpen = 0;
  }
}
