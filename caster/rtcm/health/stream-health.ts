// How well a base does its work, from its own frames: epochs that are missing, how old observations are when they come,
// satellites, cycle slips, the clock, the place. Fed by the worker that has the base, about three microseconds an epoch;
// it must never keep a view of a frame.

import { EpochBoundaries } from '../epoch-boundaries.ts';
import { createObservationHeader, readObservationHeader } from '../observation-header.ts';
import { Constellations, type SystemHealth } from './constellations.ts';
import { EpochPace } from './epoch-pace.ts';
import { LockTimes } from './lock-times.ts';
import { type ClockFault, ObservationClock } from './observation-clock.ts';
import { type MinuteCounts, RecentCounts } from './recent-counts.ts';
import { type StationMove, StationMoves, type StationPlace } from './station-moves.ts';

/** Plain data that can be posted to another thread. Counts are since the start of the stream. */
export interface StreamHealthSnapshot {
  readonly epochs: number;
  /** Epochs that should have been there by the rate that the stream keeps, and in how many gaps. */
  readonly epochsMissing: number;
  readonly gaps: number;
  /** How often observation time went back, or on by more than ten minutes. */
  readonly timeJumps: number;
  /** The rate that it keeps; null while it is not known. */
  readonly intervalMs: number | null;
  /** Signals whose carrier was lost, each time it was. */
  readonly slips: number;
  readonly lastMinute: MinuteCounts;
  /** Of the newest observations when they came; null where it means nothing. */
  readonly ageMs: number | null;
  readonly systems: readonly SystemHealth[];
  readonly clockFault: ClockFault | null;
  /** Where the station that spoke last is, how many there are, and how often one has moved. */
  readonly place: StationPlace | null;
  readonly stations: number;
  readonly moves: number;
  readonly lastMove: StationMove | null;
}

export class StreamHealth {
  readonly #header = createObservationHeader();
  readonly #boundaries = new EpochBoundaries();
  readonly #pace = new EpochPace();
  readonly #constellations = new Constellations();
  readonly #locks = new LockTimes();
  readonly #clock = new ObservationClock();
  readonly #moves = new StationMoves();
  readonly #recent = new RecentCounts();
  #streamMs = 0;
  #slips = 0;

  /** Takes the next valid frame. `nowMs` is any clock that does not go back, `unixMs` the time of the day then. */
  observe(frame: Buffer, messageNumber: number, nowMs: number, unixMs: number): void {
    const header = this.#header;
    if (!readObservationHeader(frame, messageNumber, header)) {
      if (messageNumber === 1005 || messageNumber === 1006) this.#moves.take(frame);
      return;
    }
    if (this.#boundaries.take(header)) this.#beginEpoch(nowMs);
    const slips = this.#locks.take(frame, messageNumber, header.station, this.#streamMs);
    if (slips > 0) {
      this.#slips += slips;
      this.#recent.add(nowMs, 0, 0, slips);
    }
    this.#constellations.take(frame, messageNumber, header.system);
    this.#clock.take(header, epochFieldOf(frame), unixMs);
  }

  snapshot(nowMs: number): StreamHealthSnapshot {
    const { missing, gaps, timeJumps, intervalMs } = this.#pace;
    return {
      epochs: this.#boundaries.count,
      epochsMissing: missing,
      gaps,
      timeJumps,
      intervalMs,
      slips: this.#slips,
      lastMinute: this.#recent.read(nowMs),
      ageMs: this.#clock.ageMs,
      systems: this.#constellations.systems(),
      clockFault: this.#clock.fault,
      place: this.#moves.newest,
      stations: this.#moves.stations,
      moves: this.#moves.count,
      lastMove: this.#moves.last,
    };
  }

  #beginEpoch(nowMs: number): void {
    const { count, stepMs, timesBefore } = this.#boundaries;
    let missing = 0;
    if (count > 1) {
      this.#constellations.endEpoch(this.#streamMs);
      this.#clock.endEpoch(timesBefore);
      missing = this.#pace.take(stepMs);
      this.#streamMs += Math.max(stepMs, 0);
    }
    this.#recent.add(nowMs, 1, missing, 0);
  }
}

/** The 30 bits of DF004, DF248, DF427, DF428 or DF546; for GLONASS other things. */
function epochFieldOf(frame: Buffer): number {
  return frame.readUInt32BE(6) >>> 2;
}
