// Where the parts of an RTCM 3 frame lie (RTCM 10403.3 §4). Everything that touches frames takes the numbers from here.
//
//   byte 0      1          2          3 .. 3 + N - 1      3 + N .. 5 + N
//   D3          000000nn   nnnnnnnn   payload, N bytes    CRC-24Q of all before it

export const PREAMBLE = 0xd3;
export const HEADER_BYTES = 3;
export const CRC_BYTES = 3;
export const FRAME_OVERHEAD_BYTES = HEADER_BYTES + CRC_BYTES;
export const PAYLOAD_BYTES_MAX = 1023;
export const FRAME_BYTES_MAX = PAYLOAD_BYTES_MAX + FRAME_OVERHEAD_BYTES;

/** First bit of the payload, counted from the first bit of the frame. */
export const PAYLOAD_BIT_OFFSET = HEADER_BYTES * 8;

/** Message number given to a frame whose payload is too short to hold one (zero-length filler frames). */
export const NO_MESSAGE_NUMBER = -1;

/** Message number (DF002) of a whole frame, or NO_MESSAGE_NUMBER where the payload has fewer than 12 bits. */
export function messageNumberOf(frame: Uint8Array): number {
  if (frame.length < FRAME_OVERHEAD_BYTES + 2) return NO_MESSAGE_NUMBER;
  return (frame[3]! << 4) | (frame[4]! >>> 4);
}
