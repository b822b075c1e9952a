// HOT: bench/micro/rtcm.bench.ts
// Finds RTCM 3 frames in a byte stream, wherever its pieces are cut, and checks their CRC. It must never throw
// on any bytes, never hand out a frame whose CRC is wrong, and never hold more than one unfinished candidate.
//
// A candidate is D3 followed by six zero bits (RTCM 10403.3 §4). No recording we have holds a frame with other
// reserved bits and a right CRC, independent decoders count the same frames while insisting on zero, and taking
// the others would make 64 times as many chance candidates of the NMEA and UBX bytes that share many streams.
// After a wrong CRC only ONE byte is skipped, since the length just read is as doubtful as the rest.
//
//   pieces   ..[frame][frame][fra   me][frame]..   a whole frame is handed out as a view into its piece
//   carry                    [fra                  the start of a cut one is kept ...
//                            [fra|me][frame].      ... and scanned with a copy of the next piece's first bytes
//
// Cost: a candidate with a wrong CRC costs one CRC over its claimed length, at most 1029 bytes per byte received.
import { crc24q } from './crc24q.ts';
import { FRAME_BYTES_MAX, FRAME_OVERHEAD_BYTES, messageNumberOf, PREAMBLE } from './frame-layout.ts';

export class FrameScanner {
  framesValid = 0;
  /** Candidates whose bytes were all there and whose CRC was wrong. */
  crcErrors = 0;
  /** Bytes that were passed and belong to no valid frame; those still pending are not counted. */
  bytesSkipped = 0;

  readonly #onFrame: (bytes: Buffer, messageNumber: number) => void;
  readonly #carry = Buffer.allocUnsafeSlow(2 * FRAME_BYTES_MAX);
  #carryLength = 0;

  /**
   * `onFrame` gets each whole valid frame, in order. `bytes` is a view into the pushed piece or into the scanner's
   * own buffer and must not be kept beyond the call. `messageNumber` is NO_MESSAGE_NUMBER for a frame whose payload
   * is too short to hold one, such as the zero-length filler.
   */
  constructor(onFrame: (bytes: Buffer, messageNumber: number) => void) {
    this.#onFrame = onFrame;
  }

  /** Bytes of an unfinished candidate that wait for more; 0 when nothing waits. */
  get pendingBytes(): number {
    return this.#carryLength;
  }

  /** Takes the next bytes of the stream and hands out every frame that they complete. */
  push(chunk: Buffer): void {
    let position = 0;
    if (this.#carryLength > 0) {
      const carried = this.#carryLength;
      const borrowed = Math.min(chunk.length, FRAME_BYTES_MAX);
      chunk.copy(this.#carry, carried, 0, borrowed);
      const stop = this.#scan(this.#carry, 0, carried, carried + borrowed);
      if (stop < carried) {
        // Unfinished even with the borrowed bytes, which therefore are the whole chunk.
        this.#keep(this.#carry, stop, carried + borrowed);
        return;
      }
      position = stop - carried;
    }
    const stop = this.#scan(chunk, position, chunk.length, chunk.length);
    this.#keep(chunk, stop, chunk.length);
  }

  /**
   * Stops waiting for the candidate that is pending: skips its first byte and scans what was held behind it. For
   * the owner's clock, so that a false header that claims 1023 bytes cannot hold back real frames in a quiet stream.
   */
  giveUpIncomplete(): void {
    if (this.#carryLength === 0) return;
    this.bytesSkipped++;
    const stop = this.#scan(this.#carry, 1, this.#carryLength, this.#carryLength);
    this.#keep(this.#carry, stop, this.#carryLength);
  }

  /**
   * Hands out the frames that start in bytes[start..limit) and end before `end`. Returns the start of the first
   * candidate that needs bytes from `end` on, else the first position at or behind `limit` that is not yet scanned.
   */
  #scan(bytes: Buffer, start: number, limit: number, end: number): number {
    let position = start;
    while (position < limit) {
      if (bytes[position] !== PREAMBLE) {
        const gapStart = position++;
        while (position < limit && bytes[position] !== PREAMBLE) position++;
        this.bytesSkipped += position - gapStart;
        continue;
      }
      if (position + 1 < end && bytes[position + 1]! > 3) {
        position++;
        this.bytesSkipped++;
        continue;
      }
      if (position + 3 > end) return position;
      const frameEnd = position + FRAME_OVERHEAD_BYTES + ((bytes[position + 1]! << 8) | bytes[position + 2]!);
      if (frameEnd > end) return position;
      if (crc24q(bytes, position, frameEnd) !== 0) {
        // The CRC over a frame together with its own CRC is zero.
        position++;
        this.crcErrors++;
        this.bytesSkipped++;
        continue;
      }
      this.framesValid++;
      const frame = bytes.subarray(position, frameEnd);
      this.#onFrame(frame, messageNumberOf(frame));
      position = frameEnd;
    }
    return position;
  }

  #keep(bytes: Buffer, start: number, end: number): void {
    this.#carryLength = end - start;
    if (this.#carryLength > 0) bytes.copy(this.#carry, 0, start, end);
  }
}
