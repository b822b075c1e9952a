// A second reader of RTCM frames, which shares nothing with the caster's own: CRC-24Q bit by bit into a table, and a
// stream that is either whole valid frames or a mistake with its place. What it accepts, the caster did not decide.

const CRC24Q_POLYNOMIAL = 0x1864cfb;
const PREAMBLE = 0xd3;
/** Preamble, length and CRC around the payload (RTCM 10403.3 §4). */
const OVERHEAD_BYTES = 6;

const REMAINDERS = Int32Array.from({ length: 256 }, (_, byte) => {
  let remainder = byte << 16;
  for (let bit = 0; bit < 8; bit++) {
    remainder <<= 1;
    if (remainder & 0x1000000) remainder ^= CRC24Q_POLYNOMIAL;
  }
  return remainder;
});

function remainderOf(bytes: Uint8Array): number {
  let remainder = 0;
  for (const byte of bytes) remainder = ((remainder << 8) & 0xffffff) ^ REMAINDERS[(remainder >> 16) ^ byte]!;
  return remainder;
}

/** `payload` with its preamble, length and CRC. */
export function frameAround(payload: Uint8Array): Buffer {
  const head = Buffer.from([PREAMBLE, payload.length >> 8, payload.length & 0xff, ...payload]);
  const crc = Buffer.alloc(3);
  crc.writeUIntBE(remainderOf(head), 0, 3);
  return Buffer.concat([head, crc]);
}

/** Length of the valid frame at `start`: 0 where there is none, NaN where more bytes are needed to know. */
function frameLengthAt(bytes: Buffer, start: number): number {
  if (bytes[start] !== PREAMBLE) return 0;
  if (start + 3 > bytes.length) return NaN;
  if ((bytes[start + 1]! & 0xfc) !== 0) return 0;
  const length = (bytes.readUInt16BE(start + 1) & 0x3ff) + OVERHEAD_BYTES;
  if (start + length > bytes.length) return NaN;
  return remainderOf(bytes.subarray(start, start + length)) === 0 ? length : 0;
}

/** DF002; undefined for a frame too short to have one. */
export function messageTypeOf(frame: Buffer): number | undefined {
  return frame.length < OVERHEAD_BYTES + 2 ? undefined : frame.readUInt16BE(3) >> 4;
}

/** The frames that `bytes` begin with; what is left is the beginning of one. Throws at the first byte of anything else. */
export function takeFrames(bytes: Buffer): { frames: Buffer[]; rest: Buffer } {
  const frames: Buffer[] = [];
  let start = 0;
  while (start < bytes.length) {
    const length = frameLengthAt(bytes, start);
    if (Number.isNaN(length)) break;
    if (length === 0) {
      const seen = bytes.subarray(start, start + 40).toString('hex');
      throw new Error(`after ${frames.length} frames and ${start} bytes comes no valid frame: ${seen}`);
    }
    frames.push(bytes.subarray(start, start + length));
    start += length;
  }
  return { frames, rest: bytes.subarray(start) };
}

/** Every valid frame in bytes that hold other things as well; behind a false one the search goes on at the next byte. */
export function findFrames(bytes: Buffer): Buffer[] {
  const frames: Buffer[] = [];
  for (let start = 0; start < bytes.length;) {
    const length = frameLengthAt(bytes, start);
    if (length > 0) frames.push(bytes.subarray(start, start + length));
    start += length > 0 ? length : 1;
  }
  return frames;
}
