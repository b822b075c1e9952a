// Compares what two MSM say of one satellite's signal, on the raw integers, brought to the finer of the two scales.
// Ranges are compared whole (rough and fine together), so that a sender that splits them another way is not called wrong.
//
// Off by rounding means: off by at most half a step of the coarser level, or by at most one where its field ends, as
// nothing valid may become the invalid pattern there.

import { type MsmCells } from '../../../caster/rtcm/codec/msm-cells.ts';
import { bandOf } from '../../../caster/rtcm/signals.ts';
import { carrierHz } from './carrier.ts';
import { FieldTally, type OnDifferent } from './field-tally.ts';
import { lockMsOf } from './lock-time.ts';
import {
  channelOf,
  cnrSteps,
  codeInvalid,
  codeSteps,
  hasRates,
  hasRoughMs,
  isFine,
  phaseInvalid,
  phaseSteps,
  RATE_INVALID,
  RATES_PER_ROUGH,
  ROUGH_FRACTION_STEPS,
  ROUGH_MS_INVALID,
  ROUGH_RATE_INVALID,
  STEPS_PER_MS,
} from './msm-values.ts';

/** One cell of one message. */
interface Place {
  readonly cells: MsmCells;
  readonly cell: number;
}

const LIGHT_MM_PER_MS = 299_792_458;
const MM_PER_STEP = LIGHT_MM_PER_MS / STEPS_PER_MS;

/** The short CNR is at its end at both of them, as 0 means that it is not told. */
const SHORT_CNR_ENDS = [1, 63];
const SHORT_LOCK_MAX = 15;

export class CellComparison {
  readonly #onDifferent: OnDifferent;
  readonly #fields = {
    code: new FieldTally('msm', 'pseudorange', 'DF397 DF398 DF400 DF405', 'mm', MM_PER_STEP),
    phase: new FieldTally('msm', 'phase range', 'DF397 DF398 DF401 DF406', 'mm', MM_PER_STEP),
    lock: new FieldTally('msm', 'lock time', 'DF402 DF407', 'ms'),
    halfCycle: new FieldTally('msm', 'half-cycle flag', 'DF420'),
    cnr: new FieldTally('msm', 'signal strength', 'DF403 DF408', 'dB-Hz', 1 / 16),
    rate: new FieldTally('msm', 'rate', 'DF399 DF404', 'mm/s', 0.1),
  };

  constructor(onDifferent: OnDifferent) {
    this.#onDifferent = onDifferent;
  }

  get fields(): FieldTally[] {
    return Object.values(this.#fields);
  }

  compare(cellsBefore: MsmCells, cellBefore: number, cellsAfter: MsmCells, cellAfter: number): void {
    const before: Place = { cells: cellsBefore, cell: cellBefore };
    const after: Place = { cells: cellsAfter, cell: cellAfter };
    const [level, levelAfter] = [cellsBefore.level, cellsAfter.level];
    const { code, phase, lock, halfCycle, cnr, rate } = this.#fields;
    if (code.isInBoth(level !== 2, levelAfter !== 2)) this.#compareCode(before, after);
    if (phase.isInBoth(level !== 1, levelAfter !== 1)) this.#comparePhase(before, after);
    if (lock.isInBoth(level !== 1, levelAfter !== 1)) this.#compareLock(before, after);
    if (halfCycle.isInBoth(level !== 1, levelAfter !== 1)) {
      this.#note(halfCycle, before, cellsBefore.halfCycle[cellBefore]!, cellsAfter.halfCycle[cellAfter]!);
    }
    if (cnr.isInBoth(level >= 4, levelAfter >= 4)) this.#compareCnr(before, after);
    if (rate.isInBoth(hasRates(cellsBefore), hasRates(cellsAfter))) this.#compareRate(before, after);
  }

  #compareCode(before: Place, after: Place): void {
    const { code } = this.#fields;
    const isValid = ({ cells, cell }: Place): boolean =>
      cells.code[cell] !== codeInvalid(cells.level) && isRoughValid(cells, cell);
    if (!code.areBothValid(isValid(before), isValid(after))) return;
    const fine = ({ cells, cell }: Place): number => cells.code[cell]! * codeSteps(cells.level);
    const isAtEnd = Math.abs(after.cells.code[after.cell]!) >= -codeInvalid(after.cells.level) - 1;
    const tolerance = toleranceOf(codeSteps, before, after, isAtEnd);
    const [a, b] = rangesOf(before, fine(before), after, fine(after));
    this.#note(code, before, a, b, tolerance);
  }

  #comparePhase(before: Place, after: Place): void {
    const { phase } = this.#fields;
    const isValid = ({ cells, cell }: Place): boolean =>
      cells.phase[cell] !== phaseInvalid(cells.level) && isRoughValid(cells, cell);
    if (!phase.areBothValid(isValid(before), isValid(after))) return;
    const fine = ({ cells, cell }: Place): number => cells.phase[cell]! * phaseSteps(cells.level);
    const isAtEnd = Math.abs(after.cells.phase[after.cell]!) >= -phaseInvalid(after.cells.level) - 1;
    const tolerance = toleranceOf(phaseSteps, before, after, isAtEnd);
    const [a, b] = rangesOf(before, fine(before), after, fine(after));
    this.#note(phase, before, a, b, tolerance);
    if (a === b) return;
    const channel = channelOf(before.cells, before.cell) ?? channelOf(after.cells, after.cell);
    const hz = carrierHz(bandOf(before.cells.system, signalOf(before)), channel);
    if (hz !== undefined) phase.noteCycles(((b - a) / STEPS_PER_MS / 1000) * hz);
  }

  /** The short indicator is the long one in blocks of 32, and ends at 15. */
  #compareLock(before: Place, after: Place): void {
    const { lock } = this.#fields;
    const [a, b] = [before.cells.lock[before.cell]!, after.cells.lock[after.cell]!];
    const [wasFine, isFineNow] = [isFine(before.cells.level), isFine(after.cells.level)];
    const shortened = (indicator: number): number => Math.min(SHORT_LOCK_MAX, indicator >> 5);
    const isRounded = wasFine !== isFineNow && (wasFine ? shortened(a) === b : shortened(b) === a);
    const [msBefore, msAfter] = [lockMsOf(a, wasFine), lockMsOf(b, isFineNow)];
    if (!isRounded && msAfter < msBefore) lock.lowered++;
    else this.#note(lock, before, msBefore, msAfter, isRounded ? Infinity : 0);
  }

  #compareCnr(before: Place, after: Place): void {
    const { cnr } = this.#fields;
    const [a, b] = [before.cells.cnr[before.cell]!, after.cells.cnr[after.cell]!];
    if (!cnr.areBothValid(a !== 0, b !== 0)) return;
    const isAtEnd = !isFine(after.cells.level) && SHORT_CNR_ENDS.includes(b);
    const tolerance = toleranceOf(cnrSteps, before, after, isAtEnd);
    this.#note(cnr, before, a * cnrSteps(before.cells.level), b * cnrSteps(after.cells.level), tolerance);
  }

  #compareRate(before: Place, after: Place): void {
    const { rate } = this.#fields;
    const isValid = ({ cells, cell }: Place): boolean =>
      cells.rate[cell] !== RATE_INVALID && cells.roughRate[cells.cellRows[cell]!] !== ROUGH_RATE_INVALID;
    if (!rate.areBothValid(isValid(before), isValid(after))) return;
    const whole = ({ cells, cell }: Place): number =>
      cells.roughRate[cells.cellRows[cell]!]! * RATES_PER_ROUGH + cells.rate[cell]!;
    this.#note(rate, before, whole(before), whole(after));
  }

  #note(tally: FieldTally, place: Place, before: number, after: number, tolerance = 0): void {
    if (!tally.note(before, after, tolerance)) return;
    const satellite = place.cells.satelliteIds[place.cells.cellRows[place.cell]!]!;
    this.#onDifferent(tally, satellite, signalOf(place), before, after);
  }
}

function signalOf({ cells, cell }: Place): number {
  return cells.signalIds[cells.cellColumns[cell]!]!;
}

function isRoughValid(cells: MsmCells, cell: number): boolean {
  return !hasRoughMs(cells) || cells.roughMs[cells.cellRows[cell]!] !== ROUGH_MS_INVALID;
}

/** Both ranges whole, or within a millisecond where one of them does not tell whole ones. */
function rangesOf(before: Place, fineBefore: number, after: Place, fineAfter: number): [number, number] {
  const hasMs = hasRoughMs(before.cells) && hasRoughMs(after.cells);
  const rough = ({ cells, cell }: Place): number => {
    const row = cells.cellRows[cell]!;
    return (
      (hasMs ? cells.roughMs[row]! * STEPS_PER_MS : 0) + cells.roughFraction[row]! * ROUGH_FRACTION_STEPS
    );
  };
  return [rough(before) + fineBefore, rough(after) + fineAfter];
}

/** Both on one scale: there is nothing to round. */
function toleranceOf(
  stepsOf: (level: number) => number,
  { cells: before }: Place,
  { cells: after }: Place,
  isAtEnd: boolean,
): number {
  const [a, b] = [stepsOf(before.level), stepsOf(after.level)];
  if (a === b) return 0;
  return isAtEnd ? Math.max(a, b) : Math.max(a, b) / 2;
}
