// HOT: bench/micro/rtcm-reshape.bench.ts
// Sets single bits of a whole frame in place, with the CRC that belongs to it.
import { sealFrame } from '../codec/framing.ts';
import { FRAME_OVERHEAD_BYTES } from '../frame-layout.ts';

/** Byte of the frame with DF005 or DF393, and its mask there; see observation-header.ts. */
const MORE_BYTE = 9;
const MORE_MASK = 0x02;
const MORE_MASK_GLONASS_LEGACY = 0x10;

/** Byte of a 1005 or 1006 with DF022 and DF023 in its lowest bits; DF024 is the highest of the next one. */
const OFFERED_BYTE = 6;

/**
 * Says whether more observations of the epoch follow the one of `length` bytes at `at`, whose header must be whole.
 * Returns whether it said otherwise before.
 */
export function setMoreToCome(
  bytes: Uint8Array,
  at: number,
  length: number,
  messageNumber: number,
  more: boolean,
): boolean {
  const isGlonassLegacy = messageNumber >= 1009 && messageNumber <= 1012;
  const mask = isGlonassLegacy ? MORE_MASK_GLONASS_LEGACY : MORE_MASK;
  const before = bytes[at + MORE_BYTE]!;
  const after = more ? before | mask : before & ~mask;
  if (after === before) return false;
  bytes[at + MORE_BYTE] = after;
  sealFrame(bytes, at, length - FRAME_OVERHEAD_BYTES);
  return true;
}

/**
 * Clears those of DF022, DF023 and DF024 (GPS, GLONASS, Galileo; the highest of three bits is GPS) that `flags` names in
 * the station position at `at`. Returns whether one was set.
 */
export function clearOfferedSystems(bytes: Uint8Array, at: number, length: number, flags: number): boolean {
  // A payload that ends before the flags has none.
  if (length < FRAME_OVERHEAD_BYTES + 5) return false;
  const first = bytes[at + OFFERED_BYTE]!;
  const second = bytes[at + OFFERED_BYTE + 1]!;
  const clearedFirst = first & ~(flags >>> 1);
  const clearedSecond = second & ~((flags & 1) << 7);
  if (clearedFirst === first && clearedSecond === second) return false;
  bytes[at + OFFERED_BYTE] = clearedFirst;
  bytes[at + OFFERED_BYTE + 1] = clearedSecond;
  sealFrame(bytes, at, length - FRAME_OVERHEAD_BYTES);
  return true;
}
