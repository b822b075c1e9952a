// The header of a multiple signal message, the same for MSM1 to MSM7 of all systems (RTCM 10403.3 §3.5.16).
// It must never fail on a satellite or signal id that no table knows: the layout does not depend on them.
//
//   bit 0      12       24     54     55    58       65       67       69     70     73         137     169
//   DF002      DF003    epoch  DF393  DF409 DF001    DF411    DF412    DF417  DF418  DF394      DF395   DF396
//   number 12  stat. 12 30     more 1 iods 3 res. 7  steer. 2 clock 2  sm. 1  int. 3 sat. 64    sig. 32 cells X
import { BitReader } from './bit-reader.ts';
import { CRC_BYTES, HEADER_BYTES, messageNumberOf, PAYLOAD_BIT_OFFSET } from './frame-layout.ts';
import { messageType } from './message-types.ts';
import { type SatelliteSystem } from './satellite-system.ts';

export interface MsmHeader {
  readonly messageNumber: number;
  readonly system: SatelliteSystem;
  readonly level: number;
  readonly station: number;
  /** The 30 bits as they are; for GLONASS DF416 (day of week, 7 unknown) above the 27 bits of DF034. */
  readonly epochRaw: number;
  readonly moreToCome: boolean;
  readonly iods: number;
  /** DF001, 7 bits; old receivers do not send 0. */
  readonly reserved: number;
  readonly clockSteering: number;
  readonly externalClock: number;
  readonly smoothing: boolean;
  readonly smoothingInterval: number;
  /** Ids 1..64 of DF394 and 1..32 of DF395, ascending. */
  readonly satellites: readonly number[];
  readonly signals: readonly number[];
  /** DF396, one entry (0 or 1) per satellite and signal, satellite by satellite. */
  readonly cellMask: Uint8Array;
  readonly cellCount: number;
  /** First bit of the satellite data, counted from the first bit of the frame. */
  readonly dataBitOffset: number;
}

export type MsmHeaderResult =
  | { readonly ok: true; readonly header: MsmHeader }
  | { readonly ok: false; readonly reason: 'not-msm' | 'too-short' | 'cell-mask-too-long' };

const FIXED_BITS = 169;
const FIXED_BYTES = Math.ceil(FIXED_BITS / 8);

/** DF396 may have 64 bits; a sender splits the message above that. */
const CELL_MASK_BITS_MAX = 64;

/** Reads the header of a whole frame. The satellite and cell data behind it are not looked at. */
export function readMsmHeader(frame: Uint8Array): MsmHeaderResult {
  const messageNumber = messageNumberOf(frame);
  const { family, system } = messageType(messageNumber);
  if (family !== 'msm' || system === undefined) return { ok: false, reason: 'not-msm' };
  if (frame.length < HEADER_BYTES + FIXED_BYTES + CRC_BYTES) return { ok: false, reason: 'too-short' };

  const reader = new BitReader(frame, PAYLOAD_BIT_OFFSET + 12);
  const fixed = {
    messageNumber,
    system,
    level: messageNumber % 10,
    station: reader.unsigned(12),
    epochRaw: reader.unsigned(30),
    moreToCome: reader.flag(),
    iods: reader.unsigned(3),
    reserved: reader.unsigned(7),
    clockSteering: reader.unsigned(2),
    externalClock: reader.unsigned(2),
    smoothing: reader.flag(),
    smoothingInterval: reader.unsigned(3),
    satellites: readIds(reader, 64),
    signals: readIds(reader, 32),
  };
  const cells = fixed.satellites.length * fixed.signals.length;
  if (cells > CELL_MASK_BITS_MAX) return { ok: false, reason: 'cell-mask-too-long' };
  if (reader.bitOffset + cells > (frame.length - CRC_BYTES) * 8) return { ok: false, reason: 'too-short' };
  const cellMask = new Uint8Array(cells);
  let cellCount = 0;
  for (let cell = 0; cell < cells; cell++) {
    const present = reader.unsigned(1);
    cellMask[cell] = present;
    cellCount += present;
  }
  return { ok: true, header: { ...fixed, cellMask, cellCount, dataBitOffset: reader.bitOffset } };
}

/** Positions, counted from 1, of the bits that are set in a mask of `bits` bits. */
function readIds(reader: BitReader, bits: number): number[] {
  const ids: number[] = [];
  for (let id = 1; id <= bits; id++) {
    if (reader.unsigned(1) === 1) ids.push(id);
  }
  return ids;
}
