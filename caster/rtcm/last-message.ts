// HOT: bench/micro/rtcm.bench.ts
// Whether the observation that says to be the last of its epoch (DF393 or DF005 is 0) is the last. Some bases say so too
// early, in every message or between MSM of two levels, and would have each epoch cut into pieces:
//
//   said to be last     1074:0 | 1084:0 | 1124:0          behind the first piece comes more of the same time: doubt
//   from then on        1074:0   1084:0   1124:0 |        the last is the message that was the last in the epoch before
//
// Legacy messages behind MSM, or before, are an epoch of their own where both say where they end. Where the message that
// was the last before does not come, the epoch is waited for once, until the time changes or epochHoldMs is over. An epoch
// in which nothing is said too early ends the doubt.
import { dayDifferenceMs } from './epoch-time.ts';
import { NO_MESSAGE_NUMBER } from './frame-layout.ts';
import { messageFamily, type MessageFamily } from './message-types.ts';

/** Frames of one epoch differ by at most a rounded millisecond; epochs come at most at 100 Hz. */
const SAME_TIME_MS = 4;

export class LastMessage {
  #isDoubted = false;
  /** Something in the epoch under way has said too early that it is the last. */
  #wasEarly = false;
  /** The newest observation of the epoch under way, and how many it has; the same of the epoch before. */
  #number = NO_MESSAGE_NUMBER;
  #count = 0;
  #numberBefore = NO_MESSAGE_NUMBER;
  #countBefore = 0;
  /** Of the last epoch that ended because it was said to. */
  #endedMs = NaN;
  #endedStation = -1;
  #endedFamily: MessageFamily | undefined;

  /** Takes the next observation; `opens` where none was waiting. */
  take(messageNumber: number, station: number, epochKey: number, opens: boolean): void {
    if (opens) this.#open(messageNumber, station, epochKey);
    this.#number = messageNumber;
    this.#count++;
  }

  /** Whether the epoch of `gpsDayMs` ends with the observation that was taken last, and which says so. */
  ends(station: number, gpsDayMs: number): boolean {
    const isKnown = this.#number === this.#numberBefore && this.#count >= this.#countBefore;
    if (this.#isDoubted && !isKnown) {
      this.#wasEarly = true;
      return false;
    }
    this.#endedMs = gpsDayMs;
    this.#endedStation = station;
    this.#endedFamily = messageFamily(this.#number);
    return true;
  }

  #open(messageNumber: number, station: number, epochKey: number): void {
    const hadEnded =
      station === this.#endedStation &&
      messageFamily(messageNumber) === this.#endedFamily &&
      Math.abs(dayDifferenceMs(epochKey, this.#endedMs)) <= SAME_TIME_MS;
    if (hadEnded) {
      this.#isDoubted = true;
      this.#wasEarly = true;
      return;
    }
    this.#isDoubted &&= this.#wasEarly;
    this.#wasEarly = false;
    this.#numberBefore = this.#number;
    this.#countBefore = this.#count;
    this.#count = 0;
  }
}
