// HOT: bench/micro/rtcm.bench.ts
// Decides whether an observation frame belongs to the epoch that is open, although its system's clock may be off by
// a constant: BeiDou sent in GPS time (+14 s, seen from a receiver of 2012), GLONASS with stale leap seconds (seen,
// and every stream after a future leap second). Compared naively, such a frame would cut each epoch into pieces.
//
//   belongs   its time is that of the frame that opened the epoch
//   belongs   its time is off by as much as its system was off before
//   not       its system has been in this epoch with another time: time has moved on
//   belongs   it is off by as much as when it did not belong the last time: its clock runs in step, learn the offset
//   not       else; the difference is remembered
import { dayDifferenceMs } from './epoch-time.ts';
import { SATELLITE_SYSTEMS, type SatelliteSystem } from './satellite-system.ts';

/** Frames of one epoch differ by at most a rounded millisecond; epochs come at most at 100 Hz. */
const TOLERANCE_MS = 4;

const BDS_IN_GPS_TIME_MS = 14_000;

export class EpochAlignment {
  /** Time of the frame that opened the epoch, as it was and with its system's offset taken off. */
  #openedAt = 0;
  #reference = 0;
  #openerOffset = 0;
  /** One bit per system that has been in the open epoch. */
  #seen = 0;
  /** By system: its offset from the reference, and the difference when it did not belong. */
  readonly #offsets = new Float64Array(SATELLITE_SYSTEMS.length);
  readonly #misfits = new Float64Array(SATELLITE_SYSTEMS.length).fill(NaN);

  constructor() {
    this.#misfits[SATELLITE_SYSTEMS.indexOf('BDS')] = BDS_IN_GPS_TIME_MS;
  }

  /** Begins an epoch with a frame of `system` whose time is `epochKey` (milliseconds of the GPS day). */
  open(system: SatelliteSystem, epochKey: number): void {
    const index = SATELLITE_SYSTEMS.indexOf(system);
    this.#openerOffset = this.#offsets[index]!;
    this.#openedAt = epochKey;
    this.#reference = epochKey - this.#openerOffset;
    this.#seen = 1 << index;
  }

  /** Whether the next frame belongs to the epoch that was opened last; learns from it. */
  belongs(system: SatelliteSystem, epochKey: number): boolean {
    const index = SATELLITE_SYSTEMS.indexOf(system);
    const bit = 1 << index;
    if (isNear(dayDifferenceMs(epochKey, this.#openedAt), 0)) {
      this.#offsets[index] = this.#openerOffset;
      this.#seen |= bit;
      return true;
    }
    const difference = dayDifferenceMs(epochKey, this.#reference);
    if (isNear(difference, this.#offsets[index]!)) {
      this.#seen |= bit;
      return true;
    }
    if ((this.#seen & bit) !== 0) return false;
    if (isNear(difference, this.#misfits[index]!)) {
      this.#offsets[index] = difference;
      this.#seen |= bit;
      return true;
    }
    this.#misfits[index] = difference;
    return false;
  }
}

function isNear(differenceMs: number, expectedMs: number): boolean {
  return Math.abs(differenceMs - expectedMs) <= TOLERANCE_MS;
}
