import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readSigned, readUnsigned } from '../../../caster/rtcm/bit-reader.ts';
import { BitWriter } from '../../../caster/rtcm/bit-writer.ts';

const SEED = 3;

/** The field as text of ones and zeros: slow, and without any shift. */
function bitsOf(bytes: Uint8Array, bitOffset: number, bits: number): string {
  const all = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  return all.slice(bitOffset, bitOffset + bits);
}

const field = fc.record({
  bytes: fc.uint8Array({ minLength: 20, maxLength: 20 }),
  bitOffset: fc.integer({ min: 0, max: 100 }),
  bits: fc.integer({ min: 1, max: 53 }),
});

describe('reading bit fields', () => {
  test(`unsigned fields of 1 to 53 bits are the bits that stand there (seed ${SEED})`, () => {
    fc.assert(
      fc.property(field, ({ bytes, bitOffset, bits }) => {
        expect(readUnsigned(bytes, bitOffset, bits)).toBe(Number.parseInt(bitsOf(bytes, bitOffset, bits), 2));
      }),
      { seed: SEED, numRuns: 3000 },
    );
  });

  test(`signed fields of 1 to 53 bits are the two's complement of the bits that stand there (seed ${SEED})`, () => {
    fc.assert(
      fc.property(field, ({ bytes, bitOffset, bits }) => {
        const expected = Number(BigInt.asIntN(bits, BigInt(`0b${bitsOf(bytes, bitOffset, bits)}`)));
        expect(readSigned(bytes, bitOffset, bits)).toBe(expected);
      }),
      { seed: SEED, numRuns: 3000 },
    );
  });

  test('bits beyond the end read as zero', () => {
    expect(readUnsigned(Buffer.from([0xff]), 4, 38)).toBe(0xf * 2 ** 34);
  });
});

describe('writing bit fields', () => {
  test(`fields stand one behind the other, most significant bit first (seed ${SEED})`, () => {
    const fields = fc.array(
      fc
        .integer({ min: 1, max: 53 })
        .chain((bits) =>
          fc.record({ bits: fc.constant(bits), value: fc.bigInt({ min: 0n, max: 2n ** BigInt(bits) - 1n }) }),
        ),
      { maxLength: 20 },
    );
    fc.assert(
      fc.property(fields, (written) => {
        const writer = new BitWriter(200);
        for (const { value, bits } of written) writer.writeUnsigned(Number(value), bits);
        const expected = written.map(({ value, bits }) => value.toString(2).padStart(bits, '0')).join('');
        const bytes = writer.toBytes();
        expect(bitsOf(bytes, 0, bytes.length * 8)).toBe(expected.padEnd(bytes.length * 8, '0'));
        expect(writer.bitLength).toBe(expected.length);
      }),
      { seed: SEED, numRuns: 1000 },
    );
  });

  test('a negative value is written as two complement', () => {
    const writer = new BitWriter(5);
    writer.writeSigned(-48507297108, 38);
    // Y of the example frame of the standard, 2^38 - 48507297108 = 0x34B4BD62AC.
    expect(writer.toBytes().toString('hex')).toBe((0x34b4bd62acn << 2n).toString(16));
  });

  test.each([
    [8, 3],
    [-1, 3],
    [0.5, 3],
    [NaN, 3],
    [0, 0],
    [0, 54],
  ])('an unsigned %d in %d bits is refused', (value, bits) => {
    expect(() => new BitWriter(8).writeUnsigned(value, bits)).toThrow(RangeError);
  });

  test.each([
    [4, 3],
    [-5, 3],
  ])('a signed %d in %d bits is refused', (value, bits) => {
    expect(() => new BitWriter(8).writeSigned(value, bits)).toThrow(RangeError);
  });

  test('more bytes than promised are refused', () => {
    const writer = new BitWriter(1);
    writer.writeUnsigned(0, 7);
    expect(() => writer.writeUnsigned(0, 2)).toThrow(RangeError);
  });
});
