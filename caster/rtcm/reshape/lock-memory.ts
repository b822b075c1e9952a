// HOT: bench/micro/rtcm-reshape.bench.ts
// Keeps a cycle slip visible that happened in an epoch which decimation drops. Receivers see a slip by a lock time
// indicator that is lower than in the epoch before. Between two epochs of a longer interval it may have grown again:
//
//   received   12   13    3    4    5    6
//   goes out   12 ·················> 6          lower than 12: to be seen without help
//   received    2    3    0    1    2    3
//   goes out    2 ·················> 1          3 would hide it. "Locked for at least so long" stays true
//
// Where the indicator was 0 it stays 0, which receivers take for a slip. Without a slip nothing is changed.
// Indicators are compared as they were received, and told as they go out, which may be at another level.
import { type LegacyObservations } from '../codec/legacy-observations.ts';
import { type MsmCells, SATELLITES_MAX, SIGNALS_MAX } from '../codec/msm-cells.ts';

const INDICATORS = SATELLITES_MAX * SIGNALS_MAX;

/** Legacy messages have their two bands where MSM has signals. */
const FIRST_BAND = 0;
const SECOND_BAND = 1;

/** What one message number of one station said of each satellite and signal. */
export class LockMemory {
  /** Indicators plus one, 0 where there was none yet. */
  readonly #received = new Uint16Array(INDICATORS);
  readonly #sent = new Uint16Array(INDICATORS);
  /** 1 where a slip has been received since the last that was sent. */
  readonly #slipped = new Uint8Array(INDICATORS);

  /** Takes note of an epoch, which goes out or not; to be called before its level changes. */
  receiveMsm(cells: MsmCells): void {
    for (let index = 0; index < cells.cellCount; index++) {
      this.#receive(indexOfCell(cells, index), cells.lock[index]!);
    }
  }

  /** Lowers what would hide a slip in cells that go out. Returns whether there was any. */
  sendMsm(cells: MsmCells): boolean {
    let lowered = false;
    for (let index = 0; index < cells.cellCount; index++) {
      const lock = cells.lock[index]!;
      const sent = this.#send(indexOfCell(cells, index), lock);
      if (sent === lock) continue;
      cells.lock[index] = sent;
      lowered = true;
    }
    return lowered;
  }

  receiveLegacy(observations: LegacyObservations): void {
    for (let index = 0; index < observations.satelliteCount; index++) {
      const at = observations.satelliteIds[index]! * SIGNALS_MAX;
      this.#receive(at + FIRST_BAND, observations.lock1[index]!);
      if (hasSecondBand(observations)) this.#receive(at + SECOND_BAND, observations.lock2[index]!);
    }
  }

  sendLegacy(observations: LegacyObservations): boolean {
    let lowered = false;
    for (let index = 0; index < observations.satelliteCount; index++) {
      const at = observations.satelliteIds[index]! * SIGNALS_MAX;
      lowered = this.#sendColumn(at + FIRST_BAND, observations.lock1, index) || lowered;
      if (hasSecondBand(observations)) {
        lowered = this.#sendColumn(at + SECOND_BAND, observations.lock2, index) || lowered;
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
    if (lock + 1 < this.#received[at]!) this.#slipped[at] = 1;
    this.#received[at] = lock + 1;
  }

  #send(at: number, lock: number): number {
    const before = this.#sent[at]! - 1;
    let sent = lock;
    if (this.#slipped[at] === 1 && before >= 0 && lock >= before) sent = before > 0 ? before - 1 : 0;
    this.#slipped[at] = 0;
    this.#sent[at] = sent + 1;
    return sent;
  }
}

function indexOfCell(cells: MsmCells, index: number): number {
  const satelliteId = cells.satelliteIds[cells.cellRows[index]!]!;
  const signalId = cells.signalIds[cells.cellColumns[index]!]!;
  return (satelliteId - 1) * SIGNALS_MAX + signalId - 1;
}

function hasSecondBand({ messageNumber }: LegacyObservations): boolean {
  return messageNumber === 1003 || messageNumber === 1004 || messageNumber === 1011 || messageNumber === 1012;
}
