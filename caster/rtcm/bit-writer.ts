// Writes the bit fields of RTCM messages: most significant bit first, up to 53 bits a field.
// It must never write a value that its field cannot hold: that is a bug of the encoder and throws.

export class BitWriter {
  readonly #bytes: Buffer;
  #bitLength = 0;

  /** `bytesMax` is the most the finished payload may have (1023 for one frame). */
  constructor(bytesMax: number) {
    this.#bytes = Buffer.alloc(bytesMax);
  }

  get bitLength(): number {
    return this.#bitLength;
  }

  /** Appends `value`, an integer in 0 .. 2^bits - 1, as `bits` (1..53) bits; throws a RangeError otherwise. */
  writeUnsigned(value: number, bits: number): void {
    if (!Number.isInteger(bits) || bits < 1 || bits > 53) throw new RangeError(`field of ${bits} bits`);
    if (!Number.isInteger(value) || value < 0 || value >= 2 ** bits) {
      throw new RangeError(`${value} does not fit an unsigned field of ${bits} bits`);
    }
    this.#append(value, bits);
  }

  /** Appends `value`, an integer in -2^(bits-1) .. 2^(bits-1) - 1, as two's complement; throws a RangeError otherwise. */
  writeSigned(value: number, bits: number): void {
    if (!Number.isInteger(bits) || bits < 1 || bits > 53) throw new RangeError(`field of ${bits} bits`);
    const half = 2 ** (bits - 1);
    if (!Number.isInteger(value) || value < -half || value >= half) {
      throw new RangeError(`${value} does not fit a signed field of ${bits} bits`);
    }
    this.#append(value < 0 ? value + 2 * half : value, bits);
  }

  /** The bits written so far, zero padded to a whole byte, as a copy. */
  toBytes(): Buffer {
    return Buffer.from(this.#bytes.subarray(0, (this.#bitLength + 7) >>> 3));
  }

  #append(value: number, bits: number): void {
    if (this.#bitLength + bits > this.#bytes.length * 8) {
      throw new RangeError(`more than ${this.#bytes.length} bytes written`);
    }
    let left = bits;
    while (left > 0) {
      const index = this.#bitLength >>> 3;
      const free = 8 - (this.#bitLength & 7);
      const take = Math.min(free, left);
      const part = Math.floor(value / 2 ** (left - take)) % 2 ** take;
      this.#bytes[index] = this.#bytes[index]! | (part << (free - take));
      this.#bitLength += take;
      left -= take;
    }
  }
}
