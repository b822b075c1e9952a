// Reads the bit fields of RTCM messages: most significant bit first, any alignment, up to 53 bits
// (ECEF coordinates have 38, epochs 30), so nothing here may rely on 32 bit shifts for the whole value.
// It must never throw on any bytes: bits beyond the end read as zero, so a caller whose result matters
// compares the length with the message's fixed length first.

/** Unsigned field of `bits` (1..53) bits that starts `bitOffset` bits into `bytes`. */
export function readUnsigned(bytes: Uint8Array, bitOffset: number, bits: number): number {
  if (bits <= 25) return (wordAt(bytes, bitOffset >>> 3) << (bitOffset & 7)) >>> (32 - bits);
  const highBits = bits - 24;
  return readUnsigned(bytes, bitOffset, highBits) * 0x1000000 + readUnsigned(bytes, bitOffset + highBits, 24);
}

/** Two's complement field of `bits` (1..53) bits that starts `bitOffset` bits into `bytes`. */
export function readSigned(bytes: Uint8Array, bitOffset: number, bits: number): number {
  if (bits <= 25) return (wordAt(bytes, bitOffset >>> 3) << (bitOffset & 7)) >> (32 - bits);
  const highBits = bits - 24;
  return readSigned(bytes, bitOffset, highBits) * 0x1000000 + readUnsigned(bytes, bitOffset + highBits, 24);
}

/** Reads fields one after the other; `bitOffset` is where the next one starts. */
export class BitReader {
  readonly bytes: Uint8Array;
  bitOffset: number;

  constructor(bytes: Uint8Array, bitOffset: number) {
    this.bytes = bytes;
    this.bitOffset = bitOffset;
  }

  unsigned(bits: number): number {
    const value = readUnsigned(this.bytes, this.bitOffset, bits);
    this.bitOffset += bits;
    return value;
  }

  signed(bits: number): number {
    const value = readSigned(this.bytes, this.bitOffset, bits);
    this.bitOffset += bits;
    return value;
  }

  flag(): boolean {
    return this.unsigned(1) === 1;
  }
}

/** Four bytes, big-endian, as a signed 32 bit word; bytes beyond the end are zero. */
function wordAt(bytes: Uint8Array, index: number): number {
  return (bytes[index]! << 24) | (bytes[index + 1]! << 16) | (bytes[index + 2]! << 8) | bytes[index + 3]!;
}

/** How many of the lowest 32 bits are set. */
export function bitCount(mask: number): number {
  let count = 0;
  for (let rest = mask >>> 0; rest !== 0; rest = (rest & (rest - 1)) >>> 0) count++;
  return count;
}
