// HOT: bench/micro/rtcm.bench.ts
// The few facts about an observation frame that the data plane needs for every frame: which epoch it belongs to and
// whether more frames of that epoch follow. It fills an object that is used again and must never allocate.
//
//   payload bit   0            12           24                        51        54
//   GPS, MSM      DF002 number DF003 station epoch, 30 bits                      DF005 / DF393
//   GLONASS 10xx  DF002 number DF003 station DF034, 27 bits           DF005
//   frame byte    3 ..         4 ..         6 ..                      9: 0x10   9: 0x02
import { CRC_BYTES, HEADER_BYTES } from './frame-layout.ts';
import {
  gpsDayMsOfBdsWeekMs,
  gpsDayMsOfGlonassDayMs,
  gpsDayMsOfWeekMs,
  LEAP_SECONDS_DEFAULT,
} from './epoch-time.ts';
import { messageType } from './message-types.ts';
import { type SatelliteSystem } from './satellite-system.ts';

export interface ObservationHeader {
  /** False for every frame that is no observation or too short to be one; nothing else is valid then. */
  isObservation: boolean;
  /** DF003. */
  station: number;
  system: SatelliteSystem;
  /** Milliseconds of the GPS day (0 .. 86 399 999 from a receiver that keeps its fields in range). */
  epochKey: number;
  /** DF393 or DF005: more messages of the same epoch and station follow. */
  moreToCome: boolean;
}

/** Shortest payloads: an MSM header without masks is 54 + 1 bits on, a legacy header is 61 or 64 bits. */
const PAYLOAD_BYTES_MIN = 8;
const FRAME_BYTES_MIN = HEADER_BYTES + PAYLOAD_BYTES_MIN + CRC_BYTES;

export function createObservationHeader(): ObservationHeader {
  return { isObservation: false, station: 0, system: 'GPS', epochKey: 0, moreToCome: false };
}

/** Fills `header` from a whole frame and returns `header.isObservation`. `leapSeconds` is GPS - UTC. */
export function readObservationHeader(
  frame: Uint8Array,
  messageNumber: number,
  header: ObservationHeader,
  leapSeconds = LEAP_SECONDS_DEFAULT,
): boolean {
  const type = messageType(messageNumber);
  const legacy = type.family === 'legacy-observation';
  header.isObservation =
    (legacy || type.family === 'msm') && type.system !== undefined && frame.length >= FRAME_BYTES_MIN;
  if (!header.isObservation || type.system === undefined) return false;

  const epochBits = (frame[6]! << 24) | (frame[7]! << 16) | (frame[8]! << 8) | frame[9]!;
  header.system = type.system;
  header.station = ((frame[4]! & 0x0f) << 8) | frame[5]!;
  header.moreToCome = (epochBits & (legacy && type.system === 'GLO' ? 0x10 : 0x02)) !== 0;
  header.epochKey = epochKeyOf(epochBits, type.system, legacy, leapSeconds);
  return true;
}

/** `epochBits` are the 32 bits of the payload from bit 24 on. */
function epochKeyOf(
  epochBits: number,
  system: SatelliteSystem,
  legacy: boolean,
  leapSeconds: number,
): number {
  if (system === 'GLO') {
    // An MSM puts the three bits of DF416, the day of the week, in front of DF034.
    const dayMs = legacy ? epochBits >>> 5 : (epochBits >>> 2) & 0x7ffffff;
    return gpsDayMsOfGlonassDayMs(dayMs, leapSeconds);
  }
  return system === 'BDS' ? gpsDayMsOfBdsWeekMs(epochBits >>> 2) : gpsDayMsOfWeekMs(epochBits >>> 2);
}
