// The header of the legacy observation messages, GPS 1001-1004 and GLONASS 1009-1012 (RTCM 10403.3, DF002 to DF008
// and DF034 to DF037), and how long their satellite blocks are.
import { BitReader } from './bit-reader.ts';
import { CRC_BYTES, HEADER_BYTES, messageNumberOf, PAYLOAD_BIT_OFFSET } from './frame-layout.ts';

export interface LegacyHeader {
  readonly messageNumber: number;
  readonly system: 'GPS' | 'GLO';
  readonly station: number;
  /** GPS: milliseconds of the week (DF004). GLONASS: milliseconds of the Moscow day (DF034). */
  readonly epochMs: number;
  readonly moreToCome: boolean;
  readonly satelliteCount: number;
  readonly smoothing: boolean;
  readonly smoothingInterval: number;
  /** First bit of the first satellite's block, and the length of a block, in bits of the frame. */
  readonly dataBitOffset: number;
  readonly satelliteBits: number;
}

/** Of one satellite, by message number. */
export const LEGACY_SATELLITE_BITS: ReadonlyMap<number, number> = new Map([
  [1001, 58],
  [1002, 74],
  [1003, 101],
  [1004, 125],
  [1009, 64],
  [1010, 79],
  [1011, 107],
  [1012, 130],
]);

/** The header of a whole frame; undefined where it is no legacy observation or shorter than its satellites need. */
export function readLegacyHeader(frame: Uint8Array): LegacyHeader | undefined {
  const messageNumber = messageNumberOf(frame);
  const satelliteBits = LEGACY_SATELLITE_BITS.get(messageNumber);
  if (satelliteBits === undefined || frame.length < HEADER_BYTES + 8 + CRC_BYTES) return undefined;
  const system = messageNumber <= 1004 ? 'GPS' : 'GLO';
  const reader = new BitReader(frame, PAYLOAD_BIT_OFFSET + 12);
  const station = reader.unsigned(12);
  const epochMs = reader.unsigned(system === 'GPS' ? 30 : 27);
  const moreToCome = reader.flag();
  const satelliteCount = reader.unsigned(5);
  const smoothing = reader.flag();
  const smoothingInterval = reader.unsigned(3);
  const dataBitOffset = reader.bitOffset;
  if (dataBitOffset + satelliteCount * satelliteBits > (frame.length - CRC_BYTES) * 8) return undefined;
  return {
    messageNumber,
    system,
    station,
    epochMs,
    moreToCome,
    satelliteCount,
    smoothing,
    smoothingInterval,
    dataBitOffset,
    satelliteBits,
  };
}
