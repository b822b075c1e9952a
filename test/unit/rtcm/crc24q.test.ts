import { describe, expect, test } from 'vitest';
import { crc24q } from '../../../caster/rtcm/crc24q.ts';
import { seededRandom } from './seeded-random.ts';

const SEED = 7;

/** The definition, bit by bit. */
function crcByBits(bytes: Uint8Array, start: number, end: number): number {
  let crc = 0;
  for (const byte of bytes.subarray(start, end)) {
    crc ^= byte << 16;
    for (let bit = 0; bit < 8; bit++) {
      crc <<= 1;
      if ((crc & 0x1000000) !== 0) crc ^= 0x1864cfb;
    }
  }
  return crc;
}

describe('CRC-24Q', () => {
  test('is that of the example frame of the standard', () => {
    const frame = Buffer.from('D300133ED7D30202980EDEEF34B4BD62AC0941986F33360B98', 'hex');
    expect(crc24q(frame, 0, frame.length - 3)).toBe(0x360b98);
  });

  test('of the digits 1 to 9 is the check value of the CRC catalogues', () => {
    // CRC-24/LTE-A in the catalogues: the same polynomial, start value and bit order.
    expect(crc24q(Buffer.from('123456789'), 0, 9)).toBe(0xcde703);
  });

  test('of no bytes is zero', () => {
    expect(crc24q(Buffer.alloc(4), 2, 2)).toBe(0);
  });

  test(`equals the definition for every length up to 80 at every alignment (seed ${SEED})`, () => {
    const bytes = seededRandom(SEED).bytes(96);
    const wrong: number[][] = [];
    for (let start = 0; start < 16; start++) {
      for (let end = start; end <= start + 80; end++) {
        if (crc24q(bytes, start, end) !== crcByBits(bytes, start, end)) wrong.push([start, end]);
      }
    }
    expect(wrong).toEqual([]);
  });
});
