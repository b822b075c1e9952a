// Wraps a payload into an RTCM 3 frame. It must never emit a frame whose length field or CRC is wrong.
//
//   D3 | 6 bits reserved, zero | 10 bits payload length | payload | CRC-24Q over all before it
import { crc24q } from './crc24q.ts';
import { FRAME_OVERHEAD_BYTES, PAYLOAD_BYTES_MAX, PREAMBLE } from './frame-layout.ts';

/** A new buffer with the whole frame around `payload` (0..1023 bytes); throws a RangeError above that. */
export function buildFrame(payload: Uint8Array): Buffer {
  if (payload.length > PAYLOAD_BYTES_MAX) {
    throw new RangeError(`payload of ${payload.length} bytes, a frame holds ${PAYLOAD_BYTES_MAX}`);
  }
  const frame = Buffer.allocUnsafe(payload.length + FRAME_OVERHEAD_BYTES);
  frame[0] = PREAMBLE;
  frame.writeUInt16BE(payload.length, 1);
  frame.set(payload, 3);
  const crcStart = payload.length + 3;
  frame.writeUIntBE(crc24q(frame, 0, crcStart), crcStart, 3);
  return frame;
}
