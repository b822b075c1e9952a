// One decoded multiple signal message (MSM1 to MSM7 of all seven systems) as columns of raw integers. There is one of
// these per codec: decoding fills it again and again, so that no message and no cell costs an object. What is in it is
// valid until the next decode. It holds no unit and no float: a value here is the integer of the field.
//
//   satellites, ascending                    signals, ascending
//   row          0     1     2               column      0     1
//   satelliteIds 5     7     33              signalIds   2     16
//   roughMs      78    71    69   DF397
//   extended     13    0     2    (GLONASS: channel number + 7)
//   roughFraction 10   671   213  DF398
//   roughRate    598   210   -42  DF399
//
//   cells, ascending by row and then by column; here satellite 7 has no signal 16 (DF396 is 11 10 11)
//   index        0     1     2     3     4
//   cellRows     0     0     1     2     2     into satelliteIds and the columns of satellites
//   cellColumns  0     1     0     0     1     into signalIds
//   code         …                             DF400 | DF405     fine pseudorange
//   phase        …                             DF401 | DF406     fine phase range
//   lock         …                             DF402 | DF407     lock time indicator
//   halfCycle    …                             DF420
//   cnr          …                             DF403 | DF408
//   rate         …                             DF404             fine phase range rate
//
// Which columns a level has stands in msm-layout.ts; those it does not have keep what they held. The level also says
// what a column's integers mean: 1 to 5 the fields on the left of the bar, 6 and 7 those on the right.
//
// To reshape: change values in place, set `level`, close up the columns over what is dropped, renumber cellRows and
// cellColumns, set the counts, set `tail.bits` to 0. The encoder makes the three masks from the ids and the cells. A
// satellite or signal that no cell points to may stay (receivers send such rows) and costs its satellite fields.
// An id that signals.ts does not know is a column like every other.
import { type SatelliteSystem } from '../satellite-system.ts';
import { createTail, type Tail } from './framing.ts';

/** Sizes of DF394, DF395 and the most cells that DF396 can have. */
export const SATELLITES_MAX = 64;
export const SIGNALS_MAX = 32;
export const CELLS_MAX = 64;

export interface MsmCells {
  /** 1070 GPS, 1080 GLONASS, 1090 Galileo, 1100 SBAS, 1110 QZSS, 1120 BeiDou, 1130 NavIC: number less level. */
  block: number;
  system: SatelliteSystem;
  /** 1..7. */
  level: number;
  /** DF003. */
  station: number;
  /** The 30 bits as they are; for GLONASS DF416 (day of week, 7 unknown) above the 27 bits of DF034. */
  epochRaw: number;
  /** DF393, the multiple message bit. */
  moreToCome: boolean;
  /** DF409. */
  iods: number;
  /** DF001, 7 bits; old receivers do not send 0. */
  reserved: number;
  /** DF411, DF412, DF417, DF418. */
  clockSteering: number;
  externalClock: number;
  smoothing: boolean;
  smoothingInterval: number;

  satelliteCount: number;
  readonly satelliteIds: Uint8Array;
  readonly roughMs: Int32Array;
  readonly extended: Int32Array;
  readonly roughFraction: Int32Array;
  readonly roughRate: Int32Array;

  signalCount: number;
  readonly signalIds: Uint8Array;

  cellCount: number;
  readonly cellRows: Uint8Array;
  readonly cellColumns: Uint8Array;
  readonly code: Int32Array;
  readonly phase: Int32Array;
  readonly lock: Int32Array;
  readonly halfCycle: Int32Array;
  readonly cnr: Int32Array;
  readonly rate: Int32Array;

  readonly tail: Tail;
}

/** An empty GPS MSM7, to be filled by decodeMsm. */
export function createMsmCells(): MsmCells {
  return {
    block: 1070,
    system: 'GPS',
    level: 7,
    station: 0,
    epochRaw: 0,
    moreToCome: false,
    iods: 0,
    reserved: 0,
    clockSteering: 0,
    externalClock: 0,
    smoothing: false,
    smoothingInterval: 0,
    satelliteCount: 0,
    satelliteIds: new Uint8Array(SATELLITES_MAX),
    roughMs: new Int32Array(SATELLITES_MAX),
    extended: new Int32Array(SATELLITES_MAX),
    roughFraction: new Int32Array(SATELLITES_MAX),
    roughRate: new Int32Array(SATELLITES_MAX),
    signalCount: 0,
    signalIds: new Uint8Array(SIGNALS_MAX),
    cellCount: 0,
    cellRows: new Uint8Array(CELLS_MAX),
    cellColumns: new Uint8Array(CELLS_MAX),
    code: new Int32Array(CELLS_MAX),
    phase: new Int32Array(CELLS_MAX),
    lock: new Int32Array(CELLS_MAX),
    halfCycle: new Int32Array(CELLS_MAX),
    cnr: new Int32Array(CELLS_MAX),
    rate: new Int32Array(CELLS_MAX),
    tail: createTail(),
  };
}
