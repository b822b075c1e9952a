// Compares two decoded MSM of one system and time: which satellites and cells both have, the header, and what is said of
// a satellite as a whole. What is said of a cell is cell-comparison.ts's.

import { type MsmCells } from '../../../caster/rtcm/codec/msm-cells.ts';
import { CellComparison } from './cell-comparison.ts';
import { FieldTally, type OnDifferent } from './field-tally.ts';
import { hasRates, ROUGH_MS_INVALID, ROUGH_RATE_INVALID } from './msm-values.ts';
import { type Presence } from './presence.ts';

/** For what is said of a message or a satellite as a whole. */
const NONE = 0;

/** Cells have their place by satellite id 1..64 and signal id 1..32. */
const SIGNAL_PLACES = 33;
const SATELLITE_PLACES = 65;

export class MsmComparison {
  readonly #presence: Presence;
  readonly #onDifferent: OnDifferent;
  readonly #cellComparison: CellComparison;
  /** Where `after` has a satellite and a cell, plus one. */
  readonly #rows = new Uint8Array(SATELLITE_PLACES);
  readonly #cells = new Uint8Array(SATELLITE_PLACES * SIGNAL_PLACES);
  readonly #fields = {
    iods: new FieldTally('msm', 'issue of data', 'DF409'),
    reserved: new FieldTally('msm', 'reserved bits', 'DF001'),
    clockSteering: new FieldTally('msm', 'clock steering', 'DF411'),
    externalClock: new FieldTally('msm', 'external clock', 'DF412'),
    smoothing: new FieldTally('msm', 'smoothing', 'DF417 DF418'),
    roughMs: new FieldTally('msm', 'rough range', 'DF397', 'ms'),
    roughFraction: new FieldTally('msm', 'rough range fraction', 'DF398', 'ms', 2 ** -10),
    extended: new FieldTally('msm', 'extended information', 'DF419'),
    roughRate: new FieldTally('msm', 'rough rate', 'DF399', 'm/s'),
  };

  constructor(presence: Presence, onDifferent: OnDifferent) {
    this.#presence = presence;
    this.#onDifferent = onDifferent;
    this.#cellComparison = new CellComparison(onDifferent);
  }

  get fields(): FieldTally[] {
    return [...Object.values(this.#fields), ...this.#cellComparison.fields];
  }

  compare(before: MsmCells, after: MsmCells): void {
    this.#compareHeaders(before, after);
    this.#rows.fill(0);
    this.#cells.fill(0);
    for (let row = 0; row < after.satelliteCount; row++) this.#rows[after.satelliteIds[row]!] = row + 1;
    for (let cell = 0; cell < after.cellCount; cell++) this.#cells[placeOf(after, cell)] = cell + 1;
    for (let row = 0; row < before.satelliteCount; row++) this.#takeSatellite(before, row, after);
    for (let cell = 0; cell < before.cellCount; cell++) this.#takeCell(before, cell, after);
    this.#noteAdded(after);
  }

  /** Only one of the recordings has the message. */
  noteOnly(cells: MsmCells, side: 'onlyBefore' | 'onlyAfter'): void {
    for (let row = 0; row < cells.satelliteCount; row++) {
      this.#presence.noteSatellite(cells.system, cells.satelliteIds[row]!, side);
    }
    for (let cell = 0; cell < cells.cellCount; cell++) {
      this.#presence.noteCell(cells.system, placeOf(cells, cell) % SIGNAL_PLACES, side);
    }
  }

  #compareHeaders(before: MsmCells, after: MsmCells): void {
    const { iods, reserved, clockSteering, externalClock, smoothing } = this.#fields;
    this.#note(iods, NONE, before.iods, after.iods);
    this.#note(reserved, NONE, before.reserved, after.reserved);
    this.#note(clockSteering, NONE, before.clockSteering, after.clockSteering);
    this.#note(externalClock, NONE, before.externalClock, after.externalClock);
    this.#note(smoothing, NONE, smoothingOf(before), smoothingOf(after));
  }

  #takeSatellite(before: MsmCells, row: number, after: MsmCells): void {
    const id = before.satelliteIds[row]!;
    const other = this.#rows[id]! - 1;
    this.#rows[id] = 0;
    this.#presence.noteSatellite(before.system, id, other < 0 ? 'onlyBefore' : 'both');
    if (other < 0) return;
    const { roughMs, roughFraction, extended, roughRate } = this.#fields;
    if (roughMs.isInBoth(before.level >= 4, after.level >= 4)) {
      const [a, b] = [before.roughMs[row]!, after.roughMs[other]!];
      const areValid = roughMs.areBothValid(a !== ROUGH_MS_INVALID, b !== ROUGH_MS_INVALID);
      if (areValid) this.#note(roughMs, id, a, b);
    }
    this.#note(roughFraction, id, before.roughFraction[row]!, after.roughFraction[other]!);
    if (extended.isInBoth(hasRates(before), hasRates(after))) {
      this.#note(extended, id, before.extended[row]!, after.extended[other]!);
    }
    if (roughRate.isInBoth(hasRates(before), hasRates(after))) {
      const [a, b] = [before.roughRate[row]!, after.roughRate[other]!];
      const areValid = roughRate.areBothValid(a !== ROUGH_RATE_INVALID, b !== ROUGH_RATE_INVALID);
      if (areValid) this.#note(roughRate, id, a, b);
    }
  }

  #takeCell(before: MsmCells, cell: number, after: MsmCells): void {
    const place = placeOf(before, cell);
    const other = this.#cells[place]! - 1;
    this.#presence.noteCell(before.system, place % SIGNAL_PLACES, other < 0 ? 'onlyBefore' : 'both');
    if (other < 0) return;
    this.#cells[place] = 0;
    this.#cellComparison.compare(before, cell, after, other);
  }

  /** What `after` has and `before` has not. */
  #noteAdded(after: MsmCells): void {
    for (let row = 0; row < after.satelliteCount; row++) {
      const id = after.satelliteIds[row]!;
      if (this.#rows[id] !== 0) this.#presence.noteSatellite(after.system, id, 'onlyAfter');
    }
    for (let cell = 0; cell < after.cellCount; cell++) {
      const place = placeOf(after, cell);
      if (this.#cells[place] !== 0) this.#presence.noteCell(after.system, place % SIGNAL_PLACES, 'onlyAfter');
    }
  }

  #note(tally: FieldTally, satellite: number, before: number, after: number): void {
    if (!tally.note(before, after)) return;
    this.#onDifferent(tally, satellite, NONE, before, after);
  }
}

function placeOf(cells: MsmCells, cell: number): number {
  const satellite = cells.satelliteIds[cells.cellRows[cell]!]!;
  return satellite * SIGNAL_PLACES + cells.signalIds[cells.cellColumns[cell]!]!;
}

/** DF417 and DF418 as one number. */
function smoothingOf({ smoothing, smoothingInterval }: MsmCells): number {
  return smoothingInterval + (smoothing ? 8 : 0);
}
