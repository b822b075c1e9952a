// HOT: bench/micro/rtcm-codec.bench.ts
// Reads and writes the legacy observation messages. Unlike MSM they are sent satellite by satellite.
import { readUnsigned } from '../bit-reader.ts';
import { PAYLOAD_BIT_OFFSET } from '../frame-layout.ts';
import { readColumn, writeBits } from './bit-columns.ts';
import {
  messageNumberAt,
  payloadBytesOf,
  payloadEndOf,
  readTail,
  roomRefusal,
  sealFrame,
  writeTail,
} from './framing.ts';
import {
  LEGACY_LAYOUTS,
  LEGACY_SATELLITES_MAX,
  type LegacyLayout,
  type LegacyObservations,
} from './legacy-observations.ts';
import { type DecodeRefusal, type EncodeRefusal } from './refusals.ts';

/**
 * Decodes the frame from `start` to `end` of `bytes`, which must be a whole one with a legacy number (codec.ts looks
 * after both). Undefined where all of it is in `observations`; after a refusal that means nothing.
 */
export function decodeLegacy(
  bytes: Uint8Array,
  observations: LegacyObservations,
  start = 0,
  end = bytes.length,
): DecodeRefusal | undefined {
  const messageNumber = messageNumberAt(bytes, start);
  const layout = LEGACY_LAYOUTS.get(messageNumber)!;
  const payloadBit = start * 8 + PAYLOAD_BIT_OFFSET;
  const payloadEnd = payloadEndOf(end);
  const dataBit = payloadBit + layout.headerBits;
  if (dataBit > payloadEnd) return 'too-short';

  const afterEpoch = payloadBit + 24 + layout.epochBits;
  observations.messageNumber = messageNumber;
  observations.station = readUnsigned(bytes, payloadBit + 12, 12);
  observations.epochRaw = readUnsigned(bytes, payloadBit + 24, layout.epochBits);
  observations.moreToCome = readUnsigned(bytes, afterEpoch, 1) === 1;
  observations.satelliteCount = readUnsigned(bytes, afterEpoch + 1, 5);
  observations.smoothing = readUnsigned(bytes, afterEpoch + 6, 1) === 1;
  observations.smoothingInterval = readUnsigned(bytes, afterEpoch + 7, 3);
  const count = observations.satelliteCount;
  if (dataBit + count * layout.satelliteBits > payloadEnd) return 'too-short';

  let bit = dataBit;
  for (let index = 0; index < layout.fields.length; index++) {
    const { bits, bias, column } = layout.fields[index]!;
    readColumn(bytes, bit, layout.satelliteBits, bits, bias, count, observations[column]);
    bit += bits;
  }
  readTail(bytes, dataBit + count * layout.satelliteBits, payloadEnd, observations.tail);
  return undefined;
}

/** Bytes of the frame that now stands at `at` of `into`, or why there is none. */
export function encodeLegacy(
  observations: LegacyObservations,
  into: Uint8Array,
  at: number,
): number | EncodeRefusal {
  const layout = LEGACY_LAYOUTS.get(observations.messageNumber);
  if (layout === undefined || !headerFits(observations, layout)) return 'value-out-of-range';
  const count = observations.satelliteCount;
  const fieldBits = layout.headerBits + count * layout.satelliteBits;
  const payloadBytes = payloadBytesOf(fieldBits, observations.tail);
  const refusal = roomRefusal(into, at, payloadBytes);
  if (refusal !== undefined) return refusal;

  let bit = writeHeader(observations, layout, into, at * 8 + PAYLOAD_BIT_OFFSET);
  let misfit = 0;
  for (let satellite = 0; satellite < count; satellite++) {
    for (let index = 0; index < layout.fields.length; index++) {
      const { bits, bias, column } = layout.fields[index]!;
      const value = observations[column][satellite]!;
      misfit |= (value + bias) >>> bits;
      writeBits(into, bit, bits, value);
      bit += bits;
    }
  }
  if (misfit !== 0) return 'value-out-of-range';
  writeTail(into, bit, observations.tail);
  return sealFrame(into, at, payloadBytes);
}

function headerFits(observations: LegacyObservations, layout: LegacyLayout): boolean {
  const { station, epochRaw, satelliteCount, smoothingInterval } = observations;
  const wrong =
    (station >>> 12) |
    (epochRaw >>> layout.epochBits) |
    (smoothingInterval >>> 3) |
    (satelliteCount > LEGACY_SATELLITES_MAX ? 1 : 0) |
    (satelliteCount >>> 5);
  return wrong === 0;
}

/** Returns where the first satellite begins. */
function writeHeader(
  observations: LegacyObservations,
  layout: LegacyLayout,
  into: Uint8Array,
  bitOffset: number,
): number {
  const lowBits = layout.epochBits - 15;
  writeBits(into, bitOffset, 12, observations.messageNumber);
  writeBits(into, bitOffset + 12, 12, observations.station);
  writeBits(into, bitOffset + 24, 15, observations.epochRaw >>> lowBits);
  writeBits(into, bitOffset + 39, lowBits, observations.epochRaw);
  let bit = bitOffset + 39 + lowBits;
  writeBits(into, bit, 1, observations.moreToCome ? 1 : 0);
  writeBits(into, bit + 1, 5, observations.satelliteCount);
  writeBits(into, bit + 6, 1, observations.smoothing ? 1 : 0);
  writeBits(into, bit + 7, 3, observations.smoothingInterval);
  bit += 10;
  return bit;
}
