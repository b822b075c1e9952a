// HOT: bench/micro/rtcm-reshape.bench.ts
// Collects the frames that one epoch becomes, and settles which of them says that it is the last. There is one of these
// for all reshapes of a thread: what is in it belongs to the epoch that is being reshaped.
import { type AssembledEpoch } from '../epoch-assembler.ts';
import { FRAME_BYTES_MAX } from '../frame-layout.ts';
import { setMoreToCome } from './frame-flags.ts';

/** In place of the station of a frame that is no observation. */
const NO_STATION = -1;

/** DF003 has 12 bits. */
const STATIONS = 4096;

const INITIAL_BYTES = 8192;

export class OutgoingFrames {
  bytes = Buffer.allocUnsafeSlow(INITIAL_BYTES);
  length = 0;
  #frameEnds: number[] = [];
  #messageNumbers: number[] = [];
  readonly #stations: number[] = [];
  /** By station: 1 once its last observation is known. */
  readonly #closed = new Uint8Array(STATIONS);
  #observations = 0;
  #altered = false;

  /** Begins an epoch that becomes no longer than `bytesMax`. */
  begin(bytesMax: number): void {
    const size = bytesMax + FRAME_BYTES_MAX;
    if (this.bytes.length < size) this.bytes = Buffer.allocUnsafeSlow(size);
    this.length = 0;
    this.#frameEnds.length = 0;
    this.#messageNumbers.length = 0;
    this.#stations.length = 0;
    this.#observations = 0;
    this.#altered = false;
  }

  /** Says that a frame of the source does not go out, or not as it came. */
  alter(): void {
    this.#altered = true;
  }

  /** Takes the frame from `start` to `end` of `from` as it is. */
  copyOther(from: Buffer, start: number, end: number, messageNumber: number): void {
    from.copy(this.bytes, this.length, start, end);
    this.#take(end - start, messageNumber, NO_STATION);
  }

  copyObservation(from: Buffer, start: number, end: number, messageNumber: number, station: number): void {
    from.copy(this.bytes, this.length, start, end);
    this.takeObservation(end - start, messageNumber, station);
  }

  /** Takes the frame of `frameBytes` that has been written into `bytes` at `length`. */
  takeObservation(frameBytes: number, messageNumber: number, station: number): void {
    this.#observations++;
    this.#take(frameBytes, messageNumber, station);
  }

  #take(frameBytes: number, messageNumber: number, station: number): void {
    this.length += frameBytes;
    this.#frameEnds.push(this.length);
    this.#messageNumbers.push(messageNumber);
    this.#stations.push(station);
  }

  /** What `source` has become: itself where nothing is different, undefined where nothing is left. */
  finish(source: AssembledEpoch): AssembledEpoch | undefined {
    if (this.#observations > 0) this.#settleMoreToCome();
    if (!this.#altered) return source;
    if (this.length === 0) return undefined;
    const bytes = Buffer.allocUnsafeSlow(this.length);
    this.bytes.copy(bytes, 0, 0, this.length);
    const epoch: AssembledEpoch = {
      bytes,
      frameCount: this.#frameEnds.length,
      frameEnds: this.#frameEnds,
      messageNumbers: this.#messageNumbers,
      closedBy: source.closedBy,
      observation: this.#observations > 0,
      gpsDayMs: this.#observations > 0 ? source.gpsDayMs : -1,
    };
    // The lists now belong to the epoch.
    this.#frameEnds = [];
    this.#messageNumbers = [];
    return epoch;
  }

  /** Exactly one observation of each station, the last, says that no more will come. */
  #settleMoreToCome(): void {
    this.#closed.fill(0);
    for (let index = this.#stations.length - 1; index >= 0; index--) {
      const station = this.#stations[index]!;
      if (station === NO_STATION) continue;
      const start = index === 0 ? 0 : this.#frameEnds[index - 1]!;
      const length = this.#frameEnds[index]! - start;
      const more = this.#closed[station] === 1;
      if (setMoreToCome(this.bytes, start, length, this.#messageNumbers[index]!, more)) this.#altered = true;
      this.#closed[station] = 1;
    }
  }
}
