// One decoded legacy observation message (GPS 1001 to 1004, GLONASS 1009 to 1012) as columns of raw integers, one per
// field and one entry per satellite, in the order in which they are sent. There is one of these per codec; what is in
// it is valid until the next decode. GPS ids 40 to 58 are SBAS satellites (id + 80).
//
//   message                         1001 1002 1003 1004      1009 1010 1011 1012
//   satelliteIds  DF009 | DF038      6    6    6    6          6    6    6    6
//   code1         DF010 | DF039      1    1    1    1          1    1    1    1
//   channel               DF040                                5    5    5    5    channel number + 7
//   range1        DF011 | DF041     24   24   24   24         25   25   25   25    0.02 m
//   phase1        DF012 | DF042     20   20   20   20         20   20   20   20    phase - range1, 0.5 mm
//   lock1         DF013 | DF043      7    7    7    7          7    7    7    7
//   ambiguity     DF014 | DF044           8         8               7         7
//   cnr1          DF015 | DF045           8         8               8         8    0.25 dB-Hz
//   code2         DF016 | DF046                2    2                    2    2
//   range2        DF017 | DF047               14   14                   14   14    range2 - range1, 0.02 m
//   phase2        DF018 | DF048               20   20                   20   20    phase2 - range1, 0.5 mm
//   lock2         DF019 | DF049                7    7                    7    7
//   cnr2          DF020 | DF050                     8                         8
//
// Columns that a message does not have keep what they held. To reshape: close up the columns, set the count (or the
// message number), set `tail.bits` to 0.
import { biasOf } from './bit-columns.ts';
import { createTail, type Tail } from './framing.ts';

/** DF006 and DF035 have 5 bits. */
export const LEGACY_SATELLITES_MAX = 31;

export interface LegacyObservations {
  messageNumber: number;
  /** DF003. */
  station: number;
  /** DF004, 30 bits (ms of the GPS week), or DF034, 27 bits (ms of the Moscow day). */
  epochRaw: number;
  /** DF005, the synchronous flag. */
  moreToCome: boolean;
  /** DF007 | DF036, DF008 | DF037. */
  smoothing: boolean;
  smoothingInterval: number;

  satelliteCount: number;
  readonly satelliteIds: Int32Array;
  readonly code1: Int32Array;
  readonly channel: Int32Array;
  readonly range1: Int32Array;
  readonly phase1: Int32Array;
  readonly lock1: Int32Array;
  readonly ambiguity: Int32Array;
  readonly cnr1: Int32Array;
  readonly code2: Int32Array;
  readonly range2: Int32Array;
  readonly phase2: Int32Array;
  readonly lock2: Int32Array;
  readonly cnr2: Int32Array;

  readonly tail: Tail;
}

export type LegacyColumn =
  | 'satelliteIds'
  | 'code1'
  | 'channel'
  | 'range1'
  | 'phase1'
  | 'lock1'
  | 'ambiguity'
  | 'cnr1'
  | 'code2'
  | 'range2'
  | 'phase2'
  | 'lock2'
  | 'cnr2';

export interface LegacyField {
  readonly column: LegacyColumn;
  readonly field: string;
  readonly bits: number;
  /** As bit-columns.ts wants it. */
  readonly bias: number;
}

export interface LegacyLayout {
  /** 30 for GPS, 27 for GLONASS. */
  readonly epochBits: number;
  readonly headerBits: number;
  readonly fields: readonly LegacyField[];
  readonly satelliteBits: number;
}

function field(column: LegacyColumn, name: string, bits: number, signed = false): LegacyField {
  return { column, field: name, bits, bias: biasOf(bits, signed) };
}

const gpsL1 = [
  field('satelliteIds', 'DF009', 6),
  field('code1', 'DF010', 1),
  field('range1', 'DF011', 24),
  field('phase1', 'DF012', 20, true),
  field('lock1', 'DF013', 7),
];
const gpsL1Extra = [field('ambiguity', 'DF014', 8), field('cnr1', 'DF015', 8)];
const gpsL2 = [
  field('code2', 'DF016', 2),
  field('range2', 'DF017', 14, true),
  field('phase2', 'DF018', 20, true),
  field('lock2', 'DF019', 7),
];
const gpsL2Extra = [field('cnr2', 'DF020', 8)];
const glonassL1 = [
  field('satelliteIds', 'DF038', 6),
  field('code1', 'DF039', 1),
  field('channel', 'DF040', 5),
  field('range1', 'DF041', 25),
  field('phase1', 'DF042', 20, true),
  field('lock1', 'DF043', 7),
];
const glonassL1Extra = [field('ambiguity', 'DF044', 7), field('cnr1', 'DF045', 8)];
const glonassL2 = [
  field('code2', 'DF046', 2),
  field('range2', 'DF047', 14, true),
  field('phase2', 'DF048', 20, true),
  field('lock2', 'DF049', 7),
];
const glonassL2Extra = [field('cnr2', 'DF050', 8)];

/** What follows the epoch: DF005, the count, DF007 and DF008. */
const HEADER_REST_BITS = 10;

function layout(epochBits: number, fields: readonly LegacyField[]): LegacyLayout {
  return {
    epochBits,
    headerBits: 24 + epochBits + HEADER_REST_BITS,
    fields,
    satelliteBits: fields.reduce((sum, { bits }) => sum + bits, 0),
  };
}

export const LEGACY_LAYOUTS: ReadonlyMap<number, LegacyLayout> = new Map([
  [1001, layout(30, gpsL1)],
  [1002, layout(30, [...gpsL1, ...gpsL1Extra])],
  [1003, layout(30, [...gpsL1, ...gpsL2])],
  [1004, layout(30, [...gpsL1, ...gpsL1Extra, ...gpsL2, ...gpsL2Extra])],
  [1009, layout(27, glonassL1)],
  [1010, layout(27, [...glonassL1, ...glonassL1Extra])],
  [1011, layout(27, [...glonassL1, ...glonassL2])],
  [1012, layout(27, [...glonassL1, ...glonassL1Extra, ...glonassL2, ...glonassL2Extra])],
]);

/** An empty 1004, to be filled by decodeLegacy. */
export function createLegacyObservations(): LegacyObservations {
  return {
    messageNumber: 1004,
    station: 0,
    epochRaw: 0,
    moreToCome: false,
    smoothing: false,
    smoothingInterval: 0,
    satelliteCount: 0,
    satelliteIds: new Int32Array(LEGACY_SATELLITES_MAX),
    code1: new Int32Array(LEGACY_SATELLITES_MAX),
    channel: new Int32Array(LEGACY_SATELLITES_MAX),
    range1: new Int32Array(LEGACY_SATELLITES_MAX),
    phase1: new Int32Array(LEGACY_SATELLITES_MAX),
    lock1: new Int32Array(LEGACY_SATELLITES_MAX),
    ambiguity: new Int32Array(LEGACY_SATELLITES_MAX),
    cnr1: new Int32Array(LEGACY_SATELLITES_MAX),
    code2: new Int32Array(LEGACY_SATELLITES_MAX),
    range2: new Int32Array(LEGACY_SATELLITES_MAX),
    phase2: new Int32Array(LEGACY_SATELLITES_MAX),
    lock2: new Int32Array(LEGACY_SATELLITES_MAX),
    cnr2: new Int32Array(LEGACY_SATELLITES_MAX),
    tail: createTail(),
  };
}
