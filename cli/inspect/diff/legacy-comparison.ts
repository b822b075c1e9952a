// Compares two decoded legacy observations (1001 to 1004, 1009 to 1012) of one system and time, column by column: they
// have one scale, so what is not equal is different.

import {
  LEGACY_LAYOUTS,
  type LegacyColumn,
  type LegacyObservations,
} from '../../../caster/rtcm/codec/legacy-observations.ts';
import { type SatelliteSystem } from '../../../caster/rtcm/satellite-system.ts';
import { FieldTally, type OnDifferent } from './field-tally.ts';
import { LEGACY_FIRST_BAND, LEGACY_SECOND_BAND, type Presence } from './presence.ts';

/** Of differences that are told by satellite and band, as presence.ts counts bands. */
const NONE = 0;

/** Patterns that mean that there is no value. */
const PHASE_INVALID = -(2 ** 19);
const SECOND_RANGE_INVALID = -(2 ** 13);
const INVALID: Partial<Record<LegacyColumn, number>> = {
  phase1: PHASE_INVALID,
  phase2: PHASE_INVALID,
  range2: SECOND_RANGE_INVALID,
  cnr1: 0,
  cnr2: 0,
};

/** GPS ids from here on are SBAS satellites; the PRN is 80 more, and the MSM id 39 less. */
const SBAS_ID_MIN = 40;
const SBAS_MSM_OFFSET = 39;

const SATELLITES = 64;

const COLUMN_ROWS: readonly (readonly [
  column: LegacyColumn,
  name: string,
  dataFields: string,
  unit?: string,
  perUnit?: number,
])[] = [
  ['code1', 'code, first band', 'DF010 DF039'],
  ['channel', 'GLONASS channel', 'DF040'],
  ['range1', 'pseudorange, first band', 'DF011 DF041', 'mm', 20],
  ['phase1', 'phase less pseudorange, first band', 'DF012 DF042', 'mm', 0.5],
  ['lock1', 'lock time indicator, first band', 'DF013 DF043'],
  ['ambiguity', 'whole milliseconds', 'DF014 DF044'],
  ['cnr1', 'signal strength, first band', 'DF015 DF045', 'dB-Hz', 0.25],
  ['code2', 'code, second band', 'DF016 DF046'],
  ['range2', 'second less first pseudorange', 'DF017 DF047', 'mm', 20],
  ['phase2', 'second phase less first pseudorange', 'DF018 DF048', 'mm', 0.5],
  ['lock2', 'lock time indicator, second band', 'DF019 DF049'],
  ['cnr2', 'signal strength, second band', 'DF020 DF050', 'dB-Hz', 0.25],
];

const LOCK_TIMES: ReadonlySet<LegacyColumn> = new Set(['lock1', 'lock2']);

export class LegacyComparison {
  readonly #presence: Presence;
  readonly #onDifferent: OnDifferent;
  /** Where `after` has a satellite, plus one. */
  readonly #rows = new Uint8Array(SATELLITES);
  readonly #smoothing = new FieldTally('legacy', 'smoothing', 'DF007 DF008 DF036 DF037');
  readonly #columns: readonly (readonly [LegacyColumn, FieldTally])[] = COLUMN_ROWS.map(
    ([column, ...words]) => [column, new FieldTally('legacy', ...words)],
  );

  constructor(presence: Presence, onDifferent: OnDifferent) {
    this.#presence = presence;
    this.#onDifferent = onDifferent;
  }

  get fields(): FieldTally[] {
    return [this.#smoothing, ...this.#columns.map(([, tally]) => tally)];
  }

  compare(before: LegacyObservations, after: LegacyObservations): void {
    if (this.#smoothing.note(smoothingOf(before), smoothingOf(after))) {
      this.#onDifferent(this.#smoothing, NONE, NONE, smoothingOf(before), smoothingOf(after));
    }
    this.#rows.fill(0);
    for (let row = 0; row < after.satelliteCount; row++) this.#rows[after.satelliteIds[row]!] = row + 1;
    for (let row = 0; row < before.satelliteCount; row++) {
      const id = before.satelliteIds[row]!;
      const other = this.#rows[id]! - 1;
      this.#rows[id] = 0;
      this.#noteSatellite(before, id, other < 0 ? 'onlyBefore' : 'both');
      if (other >= 0) this.#compareSatellite(before, row, after, other);
      const isGone = hasSecondBand(before) && (other < 0 || !hasSecondBand(after));
      if (isGone) this.#noteSecondBand(before, id, 'onlyBefore');
      else if (hasSecondBand(before)) this.#noteSecondBand(before, id, 'both');
      else if (other >= 0 && hasSecondBand(after)) this.#noteSecondBand(after, id, 'onlyAfter');
    }
    for (let row = 0; row < after.satelliteCount; row++) {
      if (this.#rows[after.satelliteIds[row]!] !== 0) this.#noteWhole(after, row, 'onlyAfter');
    }
  }

  /** Only one of the recordings has the message. */
  noteOnly(observations: LegacyObservations, side: 'onlyBefore' | 'onlyAfter'): void {
    for (let row = 0; row < observations.satelliteCount; row++) this.#noteWhole(observations, row, side);
  }

  #compareSatellite(before: LegacyObservations, row: number, after: LegacyObservations, other: number): void {
    const [had, has] = [columnsOf(before), columnsOf(after)];
    for (const [column, tally] of this.#columns) {
      if (!tally.isInBoth(had.has(column), has.has(column))) continue;
      const [a, b] = [before[column][row]!, after[column][other]!];
      if (!tally.areBothValid(a !== INVALID[column], b !== INVALID[column])) continue;
      if (LOCK_TIMES.has(column) && b < a) tally.lowered++;
      else if (tally.note(a, b)) this.#onDifferent(tally, before.satelliteIds[row]!, NONE, a, b);
    }
  }

  #noteWhole(observations: LegacyObservations, row: number, side: 'onlyBefore' | 'onlyAfter'): void {
    const id = observations.satelliteIds[row]!;
    this.#noteSatellite(observations, id, side);
    if (hasSecondBand(observations)) this.#noteSecondBand(observations, id, side);
  }

  #noteSatellite(
    { messageNumber }: LegacyObservations,
    id: number,
    side: 'both' | 'onlyBefore' | 'onlyAfter',
  ): void {
    const { system, msmId } = legacySatellite(messageNumber, id);
    this.#presence.noteSatellite(system, msmId, side);
    this.#presence.noteCell(system, LEGACY_FIRST_BAND, side);
  }

  #noteSecondBand(
    { messageNumber }: LegacyObservations,
    id: number,
    side: 'both' | 'onlyBefore' | 'onlyAfter',
  ): void {
    this.#presence.noteCell(legacySatellite(messageNumber, id).system, LEGACY_SECOND_BAND, side);
  }
}

/** A legacy satellite as MSM name it. */
export function legacySatellite(message: number, id: number): { system: SatelliteSystem; msmId: number } {
  if (message >= 1009) return { system: 'GLO', msmId: id };
  return id >= SBAS_ID_MIN ? { system: 'SBAS', msmId: id - SBAS_MSM_OFFSET } : { system: 'GPS', msmId: id };
}

const COLUMNS: ReadonlyMap<number, ReadonlySet<LegacyColumn>> = new Map(
  [...LEGACY_LAYOUTS].map(([message, { fields }]) => [message, new Set(fields.map(({ column }) => column))]),
);

function columnsOf({ messageNumber }: LegacyObservations): ReadonlySet<LegacyColumn> {
  return COLUMNS.get(messageNumber)!;
}

function hasSecondBand(observations: LegacyObservations): boolean {
  return columnsOf(observations).has('range2');
}

/** Flag and interval as one number. */
function smoothingOf({ smoothing, smoothingInterval }: LegacyObservations): number {
  return smoothingInterval + (smoothing ? 8 : 0);
}
