// HOT: bench/micro/rtcm.bench.ts
// Gathers the frames of one stream into epochs, so that a rover gets one write per epoch. Frames keep exactly their
// order; it must never lose, add, change or reorder one.
//
//                 frame that is no observation: held, rides along
//               ┌───┐                      ┌───┐
//               │   ▼    observation       │   ▼    bit 0 of every station that is in the epoch   -> 'bit'
//   empty ───▶ riding ───────────────▶ observing ─▶ observation of another time (it opens the next) -> 'time'
//     │          │                         ▲        epochHoldMs since the first observation         -> 'hold'
//     └──────────┼─────────────────────────┘
//      observation                                  anywhere: the next frame would not fit          -> 'size'
//                └▶ rideAlongMs or epochHoldMs over: 'hold', without observations       flush()     -> 'flush'
//
// Frames that are no observations wait for the next epoch for at most rideAlongMs while the stream has epochs, else
// for epochHoldMs. Behind a closing frame they begin the next epoch, so they cost no write of their own.
// A stream whose observations say too early that they are the last is seen through (last-message.ts).
// Legacy observations and MSM share one chain, as in streams that send both (DF005 and DF393 mean the same). A station
// is "in the epoch" once one of its observations says that more will come.
import { EpochAlignment } from './epoch-alignment.ts';
import { LEAP_SECONDS_DEFAULT } from './epoch-time.ts';
import { FRAME_BYTES_MAX } from './frame-layout.ts';
import { LastMessage } from './last-message.ts';
import { createObservationHeader, readObservationHeader } from './observation-header.ts';

export type EpochClosedBy = 'bit' | 'time' | 'hold' | 'size' | 'flush';

export interface AssembledEpoch {
  /** Whole frames in stream order, in a buffer that owns its memory and is not touched again. */
  readonly bytes: Buffer;
  readonly frameCount: number;
  /** Where each frame ends in `bytes`; it begins where the one before ends. */
  readonly frameEnds: readonly number[];
  /** As of messageNumberOf, by frame. */
  readonly messageNumbers: readonly number[];
  readonly closedBy: EpochClosedBy;
  /** Whether it holds observations at all. */
  readonly observation: boolean;
  /** Time of its first observation in milliseconds of the GPS day; -1 without observations. */
  readonly gpsDayMs: number;
}

export interface EpochAssemblerOptions {
  /** Longest wait for the rest of an epoch, from its first observation. */
  readonly epochHoldMs: number;
  /** Longest wait of other frames for an epoch to ride along with. */
  readonly rideAlongMs: number;
  /** An epoch never grows beyond this; at least 1029, the longest frame. */
  readonly epochBytesMax: number;
  /** GPS - UTC; a stale value costs the first epoch of a stream, not more (see EpochAlignment). */
  readonly leapSeconds?: number;
  /** One that has seen the beginning of the same stream up to the end of an epoch: what it has learned is taken over. */
  readonly rehearsal?: EpochAssembler;
  readonly onEpoch: (epoch: AssembledEpoch) => void;
}

/** How long after its last observation a stream still counts as one that has epochs. */
const OBSERVATION_MEMORY_MS = 10_000;

const INITIAL_BYTES = 4096;

export class EpochAssembler {
  readonly #options: EpochAssemblerOptions;
  readonly #leapSeconds: number;
  readonly #header = createObservationHeader();
  readonly #alignment: EpochAlignment;
  readonly #last: LastMessage;
  /** Stations whose last observation in this epoch said that more will come; one entry nearly always. */
  readonly #openStations: number[] = [];
  #held: Buffer;
  #heldLength = 0;
  #frameEnds: number[] = [];
  #messageNumbers: number[] = [];
  #firstHeldMs = 0;
  /** -1 while no observation is held. */
  #gpsDayMs = -1;
  #firstObservationMs = 0;
  #lastObservationMs = -Infinity;

  /** Throws a RangeError where epochBytesMax could not take the longest frame. */
  constructor(options: EpochAssemblerOptions) {
    if (options.epochBytesMax < FRAME_BYTES_MAX) {
      throw new RangeError(`epochBytesMax ${options.epochBytesMax}, at least ${FRAME_BYTES_MAX} needed`);
    }
    this.#options = options;
    const { rehearsal } = options;
    this.#alignment = rehearsal === undefined ? new EpochAlignment() : rehearsal.#alignment;
    this.#last = rehearsal === undefined ? new LastMessage() : rehearsal.#last;
    this.#leapSeconds = options.leapSeconds ?? LEAP_SECONDS_DEFAULT;
    this.#held = Buffer.allocUnsafeSlow(Math.min(INITIAL_BYTES, options.epochBytesMax));
  }

  /** Bytes that are held back at the moment. */
  get pendingBytes(): number {
    return this.#heldLength;
  }

  /**
   * Takes the next valid frame (copied) and calls onEpoch for what it completes. Deadlines are the business of tick()
   * alone: after a stall of the process, frames that have arrived meanwhile still find their epoch together.
   */
  pushFrame(bytes: Buffer, messageNumber: number, nowMs: number): void {
    const header = this.#header;
    if (!readObservationHeader(bytes, messageNumber, header, this.#leapSeconds)) {
      this.#hold(bytes, messageNumber, nowMs);
      return;
    }
    if (this.#gpsDayMs >= 0 && !this.#alignment.belongs(header.system, header.epochKey)) this.#close('time');
    this.#hold(bytes, messageNumber, nowMs);
    this.#last.take(messageNumber, header.station, header.epochKey, this.#gpsDayMs < 0);
    if (this.#gpsDayMs < 0) {
      this.#alignment.open(header.system, header.epochKey);
      this.#gpsDayMs = header.epochKey;
      this.#firstObservationMs = nowMs;
    }
    this.#lastObservationMs = nowMs;
    if (header.moreToCome) this.#openStation(header.station);
    else if (this.#closeStation(header.station) && this.#last.ends(header.station, this.#gpsDayMs)) {
      this.#close('bit');
    }
  }

  /** Hands out what has waited long enough. To be called by the owner's clock, a few times per epochHoldMs. */
  tick(nowMs: number): void {
    if (this.#heldLength === 0) return;
    const { epochHoldMs, rideAlongMs } = this.#options;
    if (this.#gpsDayMs >= 0) {
      if (nowMs - this.#firstObservationMs >= epochHoldMs) this.#close('hold');
      return;
    }
    const hasEpochs = nowMs - this.#lastObservationMs < OBSERVATION_MEMORY_MS;
    if (nowMs - this.#firstHeldMs >= (hasEpochs ? rideAlongMs : epochHoldMs)) this.#close('hold');
  }

  /** Hands out everything that is held, at the end of the stream. */
  flush(): void {
    if (this.#heldLength > 0) this.#close('flush');
  }

  #hold(bytes: Buffer, messageNumber: number, nowMs: number): void {
    if (this.#heldLength + bytes.length > this.#options.epochBytesMax) this.#close('size');
    if (this.#heldLength === 0) this.#firstHeldMs = nowMs;
    const length = this.#heldLength + bytes.length;
    if (length > this.#held.length) this.#grow(length);
    bytes.copy(this.#held, this.#heldLength);
    this.#heldLength = length;
    this.#frameEnds.push(length);
    this.#messageNumbers.push(messageNumber);
  }

  #grow(length: number): void {
    const size = Math.min(Math.max(length, 2 * this.#held.length), this.#options.epochBytesMax);
    const grown = Buffer.allocUnsafeSlow(size);
    this.#held.copy(grown, 0, 0, this.#heldLength);
    this.#held = grown;
  }

  #openStation(station: number): void {
    if (!this.#openStations.includes(station)) this.#openStations.push(station);
  }

  /** Returns whether no other station's frames are still to come. */
  #closeStation(station: number): boolean {
    const index = this.#openStations.indexOf(station);
    if (index >= 0) this.#openStations.splice(index, 1);
    return this.#openStations.length === 0;
  }

  #close(closedBy: EpochClosedBy): void {
    const bytes = Buffer.allocUnsafeSlow(this.#heldLength);
    this.#held.copy(bytes, 0, 0, this.#heldLength);
    const epoch: AssembledEpoch = {
      bytes,
      frameCount: this.#frameEnds.length,
      frameEnds: this.#frameEnds,
      messageNumbers: this.#messageNumbers,
      closedBy,
      observation: this.#gpsDayMs >= 0,
      gpsDayMs: this.#gpsDayMs,
    };
    this.#heldLength = 0;
    this.#frameEnds = [];
    this.#messageNumbers = [];
    this.#gpsDayMs = -1;
    this.#openStations.length = 0;
    this.#options.onEpoch(epoch);
  }
}
