// Which fields the data part of each MSM level has, in the order in which they are sent (RTCM 10403.3 §3.5.16). All
// values of a field follow one another, first those of the satellites, then those of the cells.
import { biasOf } from './bit-columns.ts';

export type SatelliteColumn = 'roughMs' | 'extended' | 'roughFraction' | 'roughRate';
export type CellColumn = 'code' | 'phase' | 'lock' | 'halfCycle' | 'cnr' | 'rate';

export interface MsmField<Column> {
  readonly column: Column;
  readonly field: string;
  readonly bits: number;
  /** As bit-columns.ts wants it. */
  readonly bias: number;
}

export interface MsmLevel {
  readonly satelliteFields: readonly MsmField<SatelliteColumn>[];
  readonly cellFields: readonly MsmField<CellColumn>[];
  /** Bits of all fields of one satellite, and of one cell. */
  readonly satelliteBits: number;
  readonly cellBits: number;
}

/** From the first bit of the payload to the cell mask. */
export const MSM_HEADER_BITS = 169;

/** DF396 may have 64 bits; a sender splits the message above that. */
export const CELL_MASK_BITS_MAX = 64;

function field<Column>(column: Column, name: string, bits: number, signed = false): MsmField<Column> {
  return { column, field: name, bits, bias: biasOf(bits, signed) };
}

const roughMs = field('roughMs' as const, 'DF397', 8);
// GLONASS: DF419. Reserved for the others, and filled by receivers all the same.
const extended = field('extended' as const, 'ext', 4);
const roughFraction = field('roughFraction' as const, 'DF398', 10);
const roughRate = field('roughRate' as const, 'DF399', 14, true);

const code = field('code' as const, 'DF400', 15, true);
const phase = field('phase' as const, 'DF401', 22, true);
const lock = field('lock' as const, 'DF402', 4);
const cnr = field('cnr' as const, 'DF403', 6);
const fineCode = field('code' as const, 'DF405', 20, true);
const finePhase = field('phase' as const, 'DF406', 24, true);
const fineLock = field('lock' as const, 'DF407', 10);
const fineCnr = field('cnr' as const, 'DF408', 10);
const halfCycle = field('halfCycle' as const, 'DF420', 1);
const rate = field('rate' as const, 'DF404', 15, true);

function level(satelliteFields: MsmLevel['satelliteFields'], cellFields: MsmLevel['cellFields']): MsmLevel {
  return {
    satelliteFields,
    cellFields,
    satelliteBits: satelliteFields.reduce((sum, { bits }) => sum + bits, 0),
    cellBits: cellFields.reduce((sum, { bits }) => sum + bits, 0),
  };
}

/** By level, 1..7. */
export const MSM_LEVELS: readonly (MsmLevel | undefined)[] = [
  undefined,
  level([roughFraction], [code]),
  level([roughFraction], [phase, lock, halfCycle]),
  level([roughFraction], [code, phase, lock, halfCycle]),
  level([roughMs, roughFraction], [code, phase, lock, halfCycle, cnr]),
  level([roughMs, extended, roughFraction, roughRate], [code, phase, lock, halfCycle, cnr, rate]),
  level([roughMs, roughFraction], [fineCode, finePhase, fineLock, halfCycle, fineCnr]),
  level(
    [roughMs, extended, roughFraction, roughRate],
    [fineCode, finePhase, fineLock, halfCycle, fineCnr, rate],
  ),
];
