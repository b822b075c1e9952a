// HOT: bench/micro/rtcm-codec.bench.ts
// Reads and writes bit fields of up to 25 bits by the column: the same field of many satellites or cells in one loop,
// without a branch on its sign and without an object. They must never be asked for bits outside the payload: the
// caller checks the length once per message, and the three bytes of CRC behind the payload are what lets every read
// take four bytes at once.
//
// A field is unsigned with bias 0 and two's complement with bias 2^(bits - 1): flipping the sign bit and subtracting
// the bias extends the sign, and adding the bias makes "fits" one shift in both cases.

/** The bias of a field, see above. */
export function biasOf(bits: number, signed: boolean): number {
  return signed ? 1 << (bits - 1) : 0;
}

/** Reads `count` fields that begin `strideBits` apart, the first at `bitOffset` of `bytes`. */
export function readColumn(
  bytes: Uint8Array,
  bitOffset: number,
  strideBits: number,
  bits: number,
  bias: number,
  count: number,
  into: Int32Array,
): void {
  const shift = 32 - bits;
  let bit = bitOffset;
  for (let index = 0; index < count; index++) {
    const at = bit >>> 3;
    const word = (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
    into[index] = (((word << (bit & 7)) >>> shift) ^ bias) - bias;
    bit += strideBits;
  }
}

/**
 * Writes `count` fields side by side behind the bits before `bitOffset`, with zeros to the end of the last byte and
 * nothing behind that. Returns 0, or another number where a value did not fit.
 */
export function writeColumn(
  bytes: Uint8Array,
  bitOffset: number,
  bits: number,
  bias: number,
  count: number,
  from: Int32Array,
): number {
  const shift = 32 - bits;
  let at = bitOffset >>> 3;
  // The bits that wait to be written, left-aligned in a word of 32.
  let used = bitOffset & 7;
  let word = used === 0 ? 0 : (bytes[at]! << 24) & -(1 << (32 - used));
  let misfit = 0;
  for (let index = 0; index < count; index++) {
    const value = from[index]!;
    misfit |= (value + bias) >>> bits;
    word |= (value << shift) >>> used;
    used += bits;
    if (used >= 32) {
      bytes[at] = word >>> 24;
      bytes[at + 1] = word >>> 16;
      bytes[at + 2] = word >>> 8;
      bytes[at + 3] = word;
      at += 4;
      used -= 32;
      word = used === 0 ? 0 : value << (32 - used);
    }
  }
  for (; used > 0; used -= 8) {
    bytes[at++] = word >>> 24;
    word <<= 8;
  }
  return misfit;
}

/**
 * Writes one field (1..25 bits) behind the bits before `bitOffset`, with zeros to the end of its last byte and nothing
 * behind that. Bits of `value` above the field are ignored.
 */
export function writeBits(bytes: Uint8Array, bitOffset: number, bits: number, value: number): void {
  let at = bitOffset >>> 3;
  let held = bitOffset & 7;
  let word = held === 0 ? 0 : bytes[at]! >>> (8 - held);
  word = (word << bits) | (value & ((1 << bits) - 1));
  held += bits;
  while (held >= 8) {
    held -= 8;
    bytes[at++] = word >>> held;
  }
  if (held > 0) bytes[at] = word << (8 - held);
}
