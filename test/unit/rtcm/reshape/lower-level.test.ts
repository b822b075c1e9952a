// The rules of going from MSM6 and MSM7 to MSM4 and MSM5 at the ends of the fields. What other encoders do in the middle
// stands in test/recordings/reshape/down-conversion.test.ts.
import { describe, expect, test } from 'vitest';
import {
  shortenedCnr,
  shortenedCode,
  shortenedLock,
  shortenedPhase,
} from '../../../../caster/rtcm/reshape/lower-level.ts';

/** Nearest of value / divisor, ties upward, worked out with whole numbers of any size. */
function nearest(value: number, divisor: number): number {
  const doubled = BigInt(value) * 2n + BigInt(divisor);
  const by = BigInt(divisor) * 2n;
  const remainder = ((doubled % by) + by) % by;
  return Number((doubled - remainder) / by);
}

describe('fine pseudorange, DF405 to DF400', () => {
  test('invalid stays invalid', () => {
    expect(shortenedCode(-524_288)).toBe(-16_384);
  });

  test.each([
    [-524_287, -16_383],
    [-524_273, -16_383],
    [-524_272, -16_383],
    [-524_256, -16_383],
    [524_271, 16_383],
    [524_272, 16_383],
    [524_287, 16_383],
  ])('%i at the end of the field becomes %i', (fine, short) => {
    expect(shortenedCode(fine)).toBe(short);
  });

  test.each([
    [16, 1],
    [-16, 0],
    [48, 2],
    [-48, -1],
  ])('the tie %i goes upward to %i', (fine, short) => {
    expect(shortenedCode(fine)).toBe(short);
  });

  test('every other value becomes the nearest', () => {
    const wrong = [];
    for (let fine = -524_255; fine < 524_272; fine += 7)
      if (shortenedCode(fine) !== nearest(fine, 32)) wrong.push(fine);
    expect(wrong).toEqual([]);
  });
});

describe('fine phase range, DF406 to DF401', () => {
  test('invalid stays invalid', () => {
    expect(shortenedPhase(-8_388_608)).toBe(-2_097_152);
  });

  test.each([
    [-8_388_607, -2_097_151],
    [-8_388_606, -2_097_151],
    [-8_388_604, -2_097_151],
    [8_388_605, 2_097_151],
    [8_388_606, 2_097_151],
    [8_388_607, 2_097_151],
  ])('%i at the end of the field becomes %i', (fine, short) => {
    expect(shortenedPhase(fine)).toBe(short);
  });

  test.each([
    [2, 1],
    [-2, 0],
    [6, 2],
    [-6, -1],
  ])('the tie %i goes upward to %i', (fine, short) => {
    expect(shortenedPhase(fine)).toBe(short);
  });

  test('every other value becomes the nearest', () => {
    const wrong = [];
    for (let fine = -8_388_603; fine < 8_388_606; fine += 101)
      if (shortenedPhase(fine) !== nearest(fine, 4)) wrong.push(fine);
    expect(wrong).toEqual([]);
  });
});

/** DF402: 0 below 32 ms, else n stands for at least 2^(n + 4) ms. */
function shortLockOf(lockMs: number): number {
  return lockMs < 32 ? 0 : Math.min(15, Math.floor(Math.log2(lockMs)) - 4);
}

/** DF407: milliseconds up to 63, then blocks of 32 in steps that double. */
function fineLockMs(indicator: number): number {
  if (indicator < 64) return indicator;
  const block = Math.floor((indicator - 64) / 32) + 1;
  return 64 * 2 ** (block - 1) + ((indicator - 64) % 32) * 2 ** block;
}

describe('lock time, DF407 to DF402', () => {
  test('every indicator becomes the one that says the same time', () => {
    const wrong = [];
    for (let fine = 0; fine <= 704; fine++)
      if (shortenedLock(fine) !== shortLockOf(fineLockMs(fine))) wrong.push(fine);
    expect(wrong).toEqual([]);
  });

  test('reserved indicators become the longest time', () => {
    expect([705, 800, 1023].map(shortenedLock)).toEqual([15, 15, 15]);
  });
});

describe('CNR, DF408 to DF403', () => {
  test.each([
    [0, 0],
    [1, 1],
    [7, 1],
    [8, 1],
    [23, 1],
    [24, 2],
    [719, 45],
    [720, 45],
    [728, 46],
    [1007, 63],
    [1015, 63],
    [1016, 63],
    [1023, 63],
  ])('%i becomes %i', (fine, short) => {
    expect(shortenedCnr(fine)).toBe(short);
  });
});
