// Which satellite an ephemeris frame is about, so that the newest one per (message, satellite) can be kept for rovers
// that come later. The content is never read: ephemerides pass through untouched.
import { readUnsigned } from './bit-reader.ts';
import { CRC_BYTES, HEADER_BYTES, PAYLOAD_BIT_OFFSET } from './frame-layout.ts';

/** Bits of the satellite id, which follows the message number (DF009, DF038, DF516, DF488, DF429, DF252). */
const SATELLITE_ID_BITS: ReadonlyMap<number, number> = new Map([
  [63, 6],
  [1019, 6],
  [1020, 6],
  [1041, 6],
  [1042, 6],
  [1043, 6],
  [1044, 4],
  [1045, 6],
  [1046, 6],
]);

/** Satellite id (0..63, numbered within its system) of an ephemeris frame; undefined where the frame is none. */
export function ephemerisSatellite(frame: Uint8Array, messageNumber: number): number | undefined {
  const bits = SATELLITE_ID_BITS.get(messageNumber);
  if (bits === undefined || frame.length < HEADER_BYTES + 3 + CRC_BYTES) return undefined;
  return readUnsigned(frame, PAYLOAD_BIT_OFFSET + 12, bits);
}
