// HOT: bench/micro/rtcm-reshape.bench.ts
// Keeps a cycle slip visible that happened in an epoch which decimation drops. Receivers see a slip by a lock time
// indicator that is lower than in the epoch before. Between two epochs of a longer interval it may have grown again:
//
//   received   12   13    3    4    5    6
//   goes out   12 ·················> 6          lower than 12: to be seen without help
//   received    2    3    0    1    2    3
//   goes out    2 ·················> 1          3 would hide it. "Locked for at least so long" stays true
//
// Where the indicator was 0 it stays 0: receivers take two zeros on end for a slip, and so does this. Without a slip
// nothing is changed. Indicators are compared as they were received, and told as they go out, which may be at another
// level.
import { type LegacyObservations } from '../codec/legacy-observations.ts';
import { type MsmCells, SATELLITES_MAX, SIGNALS_MAX } from '../codec/msm-cells.ts';

/** Legacy messages have their two bands where MSM has signals. */
const FIRST_BAND = 0;
const SECOND_BAND = 1;

const NO_ROW = 255;
const ROWS_AT_FIRST = 2;

/**
 * What is known of one satellite and signal, 0 where that is nothing:
 *
 *   bit 22       21 .. 11          10 .. 0
 *   slipped      sent plus one     received plus one
 */
const RECEIVED = 0x7ff;
const SENT_SHIFT = 11;
/** A slip has been received since the last indicator that was sent. */
const SLIPPED = 1 << 22;

/** What one message number of one station said of each satellite and signal. */
export class LockMemory {
  /** A row of satellites for each signal that has been met: bases have 2 to 5 of the 32. */
  #entries = new Int32Array(ROWS_AT_FIRST * SATELLITES_MAX);
  readonly #rows = new Uint8Array(SIGNALS_MAX).fill(NO_ROW);
  #rowCount = 0;

  /** Takes note of an epoch, which goes out or not; to be called before its level changes. */
  receiveMsm(cells: MsmCells): void {
    for (let index = 0; index < cells.cellCount; index++) {
      this.#receive(this.#indexOfCell(cells, index), cells.lock[index]!);
    }
  }

  /** Lowers what would hide a slip in cells that go out. Returns whether there was any. */
  sendMsm(cells: MsmCells): boolean {
    let lowered = false;
    for (let index = 0; index < cells.cellCount; index++) {
      const lock = cells.lock[index]!;
      const sent = this.#send(this.#indexOfCell(cells, index), lock);
      if (sent === lock) continue;
      cells.lock[index] = sent;
      lowered = true;
    }
    return lowered;
  }

  receiveLegacy(observations: LegacyObservations): void {
    for (let index = 0; index < observations.satelliteCount; index++) {
      const id = observations.satelliteIds[index]!;
      this.#receive(this.#rowOf(FIRST_BAND) + id, observations.lock1[index]!);
      if (hasSecondBand(observations))
        this.#receive(this.#rowOf(SECOND_BAND) + id, observations.lock2[index]!);
    }
  }

  sendLegacy(observations: LegacyObservations): boolean {
    let lowered = false;
    for (let index = 0; index < observations.satelliteCount; index++) {
      const id = observations.satelliteIds[index]!;
      lowered = this.#sendColumn(this.#rowOf(FIRST_BAND) + id, observations.lock1, index) || lowered;
      if (hasSecondBand(observations)) {
        lowered = this.#sendColumn(this.#rowOf(SECOND_BAND) + id, observations.lock2, index) || lowered;
      }
    }
    return lowered;
  }

  #sendColumn(at: number, column: Int32Array, index: number): boolean {
    const lock = column[index]!;
    const sent = this.#send(at, lock);
    column[index] = sent;
    return sent !== lock;
  }

  #receive(at: number, lock: number): void {
    const entry = this.#entries[at]!;
    const before = (entry & RECEIVED) - 1;
    const isSlip = lock < before || (lock === 0 && before === 0);
    this.#entries[at] = (entry & ~RECEIVED) | (lock + 1) | (isSlip ? SLIPPED : 0);
  }

  #send(at: number, lock: number): number {
    const entry = this.#entries[at]!;
    const before = ((entry & ~SLIPPED) >> SENT_SHIFT) - 1;
    let sent = lock;
    if ((entry & SLIPPED) !== 0 && before >= 0 && lock >= before) sent = before > 0 ? before - 1 : 0;
    this.#entries[at] = (entry & RECEIVED) | ((sent + 1) << SENT_SHIFT);
    return sent;
  }

  #indexOfCell(cells: MsmCells, index: number): number {
    const signalId = cells.signalIds[cells.cellColumns[index]!]!;
    return this.#rowOf(signalId - 1) + cells.satelliteIds[cells.cellRows[index]!]! - 1;
  }

  /** Where the satellites of a signal begin, which is 0 to 31 here. */
  #rowOf(signal: number): number {
    if (this.#rows[signal] === NO_ROW) {
      this.#rows[signal] = this.#rowCount++;
      if (this.#rowCount * SATELLITES_MAX > this.#entries.length) this.#grow();
    }
    return this.#rows[signal]! * SATELLITES_MAX;
  }

  #grow(): void {
    const entries = new Int32Array(2 * this.#entries.length);
    entries.set(this.#entries);
    this.#entries = entries;
  }
}

function hasSecondBand({ messageNumber }: LegacyObservations): boolean {
  return messageNumber === 1003 || messageNumber === 1004 || messageNumber === 1011 || messageNumber === 1012;
}
