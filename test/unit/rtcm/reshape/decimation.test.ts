// Which epochs go out at a longer interval.
import { describe, expect, test } from 'vitest';
import { Decimation } from '../../../../caster/rtcm/reshape/decimation.ts';

/** Times in milliseconds of the day that go out. */
function wanted(intervalS: number, times: readonly number[]): number[] {
  const decimation = new Decimation(intervalS);
  return times.filter((timeMs) => decimation.wants(timeMs));
}

function every(stepMs: number, fromMs: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => fromMs + index * stepMs);
}

describe('Decimation', () => {
  test('of a stream on the second, the multiples go out', () => {
    expect(wanted(5, every(1000, 7000, 15))).toEqual([10_000, 15_000, 20_000]);
  });

  test.each([1, 7, -1, -20, 25, -25])('a receiver that is %i ms off is not off', (offMs) => {
    expect(wanted(10, every(1000, 3000 + offMs, 30))).toEqual([
      10_000 + offMs,
      20_000 + offMs,
      30_000 + offMs,
    ]);
  });

  test.each([100, 50, 20, 10])('of an epoch each %i ms, one goes out for a second', (stepMs) => {
    const times = wanted(1, every(stepMs, 500, Math.floor(4400 / stepMs)));
    expect(times.map((timeMs) => Math.round(timeMs / 1000))).toEqual([1, 2, 3, 4]);
    expect(times.every((timeMs) => Math.abs(timeMs - Math.round(timeMs / 1000) * 1000) <= 25)).toBe(true);
  });

  test.each([40, 20, 10])('of an epoch each %i ms it is the nearest that goes out', (stepMs) => {
    const fromMs = 2000 - 30 * stepMs;
    expect(wanted(1, every(stepMs, fromMs, 60))).toContain(2000);
    expect(wanted(1, every(stepMs, fromMs + 1, 60))).toContain(2001);
    expect(wanted(1, every(stepMs, fromMs - 1, 60))).toContain(1999);
  });

  test('a multiple that is missing is made up for by an epoch behind it', () => {
    const times = every(1000, 0, 16).filter((timeMs) => timeMs !== 5000);
    expect(wanted(5, times)).toEqual([0, 7000, 10_000, 15_000]);
  });

  test('a stream that is never at a multiple goes out at the interval all the same', () => {
    expect(wanted(5, every(1000, 500, 20))).toEqual([7500, 12_500, 17_500]);
    expect(wanted(1, every(1000, 500, 4))).toEqual([1500, 2500, 3500]);
  });

  test('what has the time of the epoch before is part of it', () => {
    expect(wanted(2, [1000, 1001, 2000, 2000, 2001, 3000, 3000, 4000])).toEqual([2000, 2000, 2001, 4000]);
  });

  test('a system whose clock is behind does not take the place of the others', () => {
    expect(wanted(5, [8000, 6000, 9000, 7000, 10_000, 8000, 11_000, 9000, 12_000, 10_000])).toEqual([10_000]);
  });

  test('midnight is a multiple and the epoch behind it is not', () => {
    expect(wanted(30, [86_398_000, 86_399_000, 0, 1000, 2000])).toEqual([0]);
    expect(wanted(30, [86_398_999, 86_399_999, 999, 1999])).toEqual([86_399_999]);
  });

  test('a base that is back after an hour is heard at once', () => {
    expect(wanted(60, [0, 1000, 3_633_000, 3_634_000, 3_660_000])).toEqual([0, 3_633_000, 3_660_000]);
  });

  test('a base whose time jumps back is heard again', () => {
    expect(wanted(10, [50_000, 51_000, 20_000, 21_000, 30_000])).toEqual([50_000, 20_000, 30_000]);
  });
});
