import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readSigned, readUnsigned } from '../../../../caster/rtcm/bit-reader.ts';
import { biasOf, readColumn, writeBits, writeColumn } from '../../../../caster/rtcm/codec/bit-columns.ts';

const SEED = 11;

const column = fc.record({
  bytes: fc.uint8Array({ minLength: 60, maxLength: 60 }),
  bitOffset: fc.integer({ min: 0, max: 40 }),
  bits: fc.integer({ min: 1, max: 24 }),
  gapBits: fc.integer({ min: 0, max: 20 }),
  count: fc.integer({ min: 0, max: 9 }),
  signed: fc.boolean(),
});

function bitText(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
}

describe('a column of bit fields', () => {
  test(`is read as its fields are one by one (seed ${SEED})`, () => {
    fc.assert(
      fc.property(column, ({ bytes, bitOffset, bits, gapBits, count, signed }) => {
        const into = new Int32Array(9);
        readColumn(bytes, bitOffset, bits + gapBits, bits, biasOf(bits, signed), count, into);
        const readOne = signed ? readSigned : readUnsigned;
        expect(Array.from(into.subarray(0, count))).toEqual(
          Array.from({ length: count }, (_, index) =>
            readOne(bytes, bitOffset + index * (bits + gapBits), bits),
          ),
        );
      }),
      { seed: SEED, numRuns: 2000 },
    );
  });

  test(`is written without a change to the bits before it and to the bytes behind it (seed ${SEED})`, () => {
    fc.assert(
      fc.property(column, ({ bytes, bitOffset, bits, count, signed }) => {
        const values = new Int32Array(9);
        readColumn(bytes, 0, bits, bits, biasOf(bits, signed), count, values);
        const into = new Uint8Array(60).fill(0xff);
        expect(writeColumn(into, bitOffset, bits, biasOf(bits, signed), count, values)).toBe(0);
        const written = '1'.repeat(bitOffset) + bitText(bytes).slice(0, bits * count);
        const padded = written.padEnd(Math.ceil(written.length / 8) * 8, '0');
        expect(bitText(into)).toBe(padded.padEnd(480, '1'));
      }),
      { seed: SEED, numRuns: 2000 },
    );
  });

  test.each([
    [-1, 4, false],
    [16, 4, false],
    [2 ** 31 - 1, 4, false],
    [-9, 4, true],
    [8, 4, true],
    [-(2 ** 31), 24, true],
    [2 ** 31 - 1, 24, true],
  ])('with the value %d in %d bits (signed: %s) is reported as a misfit', (value, bits, signed) => {
    const into = new Uint8Array(8);
    expect(writeColumn(into, 0, bits, biasOf(bits, signed), 2, new Int32Array([0, value]))).not.toBe(0);
  });
});

describe('writing one field', () => {
  test(`changes no bit before it and no byte behind it (seed ${SEED})`, () => {
    fc.assert(
      fc.property(column, fc.integer({ min: 1, max: 25 }), ({ bytes, bitOffset }, bits) => {
        const value = readUnsigned(bytes, 0, bits);
        const into = new Uint8Array(20).fill(0xff);
        writeBits(into, bitOffset, bits, value);
        const written = '1'.repeat(bitOffset) + value.toString(2).padStart(bits, '0');
        const padded = written.padEnd(Math.ceil(written.length / 8) * 8, '0');
        expect(bitText(into)).toBe(padded.padEnd(160, '1'));
      }),
      { seed: SEED, numRuns: 2000 },
    );
  });
});
