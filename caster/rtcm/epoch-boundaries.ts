// HOT: bench/micro/rtcm.bench.ts
// Where one epoch of a stream ends and the next begins, by the same rules of belonging as the caster's own assembly, for
// whoever only counts. Nothing is held.

import { EpochAlignment } from './epoch-alignment.ts';
import { dayDifferenceMs } from './epoch-time.ts';
import { type ObservationHeader } from './observation-header.ts';
import { SATELLITE_SYSTEMS } from './satellite-system.ts';

/** Messages of one epoch differ by at most a rounded millisecond. */
const SAME_TIME_MS = 4;
const GLONASS = SATELLITE_SYSTEMS.indexOf('GLO');

export class EpochBoundaries {
  readonly #alignment: EpochAlignment;
  /** By system (index into SATELLITE_SYSTEMS): its time in the open epoch, NaN where it is not in it. */
  readonly times = new Float64Array(SATELLITE_SYSTEMS.length).fill(NaN);
  /** The same of the epoch before. */
  readonly timesBefore = new Float64Array(SATELLITE_SYSTEMS.length).fill(NaN);
  readonly #openStations: number[] = [];
  /** Epochs that have begun. */
  count = 0;
  /** Time of the observation that began the open epoch, in milliseconds of the GPS day. */
  openedMs = 0;
  /** From the epoch before to the open one, on the clock of one system; 0 in the first, negative where time goes back. */
  stepMs = 0;
  /** Whether every station has said its last message of the open epoch. */
  isFinished = false;
  /** Whether the epoch before the open one was finished. */
  wasFinished = true;
  /** Messages behind one that said to be the last of its epoch. */
  afterLast = 0;

  /** An alignment that has learned the offsets of the stream's systems, where one is at hand. */
  constructor(alignment = new EpochAlignment()) {
    this.#alignment = alignment;
  }

  /** Takes the next observation. Returns true where it begins an epoch. */
  take(header: ObservationHeader): boolean {
    const { system, epochKey, station, moreToCome } = header;
    const index = SATELLITE_SYSTEMS.indexOf(system);
    const belongs =
      this.count > 0 &&
      (this.isFinished ? this.#isSameTime(index, epochKey) : this.#alignment.belongs(system, epochKey));
    if (!belongs) {
      this.#alignment.open(system, epochKey);
      this.#begin(index, epochKey);
    } else if (this.isFinished) {
      this.afterLast++;
    }
    this.times[index] = epochKey;
    this.#note(station, moreToCome);
    return !belongs;
  }

  #note(station: number, moreToCome: boolean): void {
    const at = this.#openStations.indexOf(station);
    if (moreToCome) {
      if (at < 0) this.#openStations.push(station);
      return;
    }
    if (at >= 0) this.#openStations.splice(at, 1);
    if (this.#openStations.length === 0) this.isFinished = true;
  }

  /** Behind its last message only what says the same time is still of the epoch. */
  #isSameTime(index: number, epochKey: number): boolean {
    // GLONASS that is off by a second has cut an epoch in two, and names the time of the next one.
    if (index !== GLONASS && !this.wasFinished && this.#isGlonassAlone()) return false;
    return Math.abs(dayDifferenceMs(epochKey, this.#timeComparedTo(index))) <= SAME_TIME_MS;
  }

  #isGlonassAlone(): boolean {
    for (let system = 0; system < this.times.length; system++) {
      if (system !== GLONASS && !Number.isNaN(this.times[system]!)) return false;
    }
    return true;
  }

  /**
   * The time of the open epoch on the clock of a system: its own, else one that is not GLONASS, whose clock may be off
   * by a second and then names the next epoch.
   */
  #timeComparedTo(index: number): number {
    const own = this.times[index]!;
    if (!Number.isNaN(own)) return own;
    for (let system = 0; system < this.times.length; system++) {
      if (system !== GLONASS && !Number.isNaN(this.times[system]!)) return this.times[system]!;
    }
    return this.openedMs;
  }

  #begin(index: number, epochKey: number): void {
    this.stepMs = this.count === 0 ? 0 : dayDifferenceMs(epochKey, this.#timeComparedTo(index));
    this.wasFinished = this.isFinished;
    this.timesBefore.set(this.times);
    this.times.fill(NaN);
    this.count++;
    this.openedMs = epochKey;
    this.isFinished = false;
    this.#openStations.length = 0;
  }
}
