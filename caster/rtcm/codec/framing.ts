// HOT: bench/micro/rtcm-codec.bench.ts
// What all messages have in common: the frame around them, and the tail, which is everything behind the last field
// that the codec knows. The tail is what makes encode(decode(frame)) the same bytes: padding that a receiver did not
// clear, and fields that a later edition appended. Whoever changes a message so that its length changes sets
// `tail.bits` to 0, and the encoder pads with zeros.
import { crc24q } from '../crc24q.ts';
import {
  CRC_BYTES,
  FRAME_OVERHEAD_BYTES,
  HEADER_BYTES,
  PAYLOAD_BYTES_MAX,
  PREAMBLE,
} from '../frame-layout.ts';
import { writeBits } from './bit-columns.ts';

export interface Tail {
  bits: number;
  /** Left-aligned: the first bit of the tail is the highest of bytes[0]. Behind `bits` the content means nothing. */
  readonly bytes: Uint8Array;
}

export function createTail(): Tail {
  return { bits: 0, bytes: new Uint8Array(PAYLOAD_BYTES_MAX) };
}

/** True where `frame` is one whole frame by its header. The CRC is the scanner's business and not looked at. */
export function isFrame(frame: Uint8Array): boolean {
  return (
    frame.length >= FRAME_OVERHEAD_BYTES &&
    frame[0] === PREAMBLE &&
    ((frame[1]! << 8) | frame[2]!) === frame.length - FRAME_OVERHEAD_BYTES &&
    frame.length <= PAYLOAD_BYTES_MAX + FRAME_OVERHEAD_BYTES
  );
}

/** DF002 of the frame at `start`, which must be long enough for it. */
export function messageNumberAt(bytes: Uint8Array, start: number): number {
  return (bytes[start + HEADER_BYTES]! << 4) | (bytes[start + HEADER_BYTES + 1]! >>> 4);
}

/** First bit behind the payload of a frame that ends before the byte `frameEnd`. */
export function payloadEndOf(frameEnd: number): number {
  return (frameEnd - CRC_BYTES) * 8;
}

/** Keeps the bits from `bitOffset` to the end of the payload. */
export function readTail(bytes: Uint8Array, bitOffset: number, payloadEnd: number, tail: Tail): void {
  const bits = payloadEnd - bitOffset;
  const shift = bitOffset & 7;
  let at = bitOffset >>> 3;
  tail.bits = bits;
  for (let index = 0; index * 8 < bits; index++) {
    tail.bytes[index] = ((bytes[at]! << 8) | bytes[at + 1]!) >>> (8 - shift);
    at++;
  }
}

/** Writes the tail behind `bitOffset`. */
export function writeTail(into: Uint8Array, bitOffset: number, tail: Tail): void {
  let bit = bitOffset;
  let left = tail.bits;
  for (let index = 0; left > 0; index++) {
    const bits = left < 8 ? left : 8;
    writeBits(into, bit, bits, tail.bytes[index]! >>> (8 - bits));
    bit += bits;
    left -= bits;
  }
}

/** Bytes of the payload whose fields end at `endBits` (counted from its first bit), with the tail behind them. */
export function payloadBytesOf(endBits: number, tail: Tail): number {
  return (endBits + tail.bits + 7) >>> 3;
}

/** Why a frame of this payload cannot be written at `at`; undefined where it can. */
export function roomRefusal(
  into: Uint8Array,
  at: number,
  payloadBytes: number,
): 'payload-too-long' | 'no-room' | undefined {
  if (payloadBytes > PAYLOAD_BYTES_MAX) return 'payload-too-long';
  return into.length - at < payloadBytes + FRAME_OVERHEAD_BYTES ? 'no-room' : undefined;
}

/** Puts header and CRC around the payload that stands at `at` + 3, and returns the length of the whole frame. */
export function sealFrame(into: Uint8Array, at: number, payloadBytes: number): number {
  into[at] = PREAMBLE;
  into[at + 1] = payloadBytes >>> 8;
  into[at + 2] = payloadBytes;
  const crcAt = at + HEADER_BYTES + payloadBytes;
  const crc = crc24q(into, at, crcAt);
  into[crcAt] = crc >>> 16;
  into[crcAt + 1] = crc >>> 8;
  into[crcAt + 2] = crc;
  return payloadBytes + FRAME_OVERHEAD_BYTES;
}
