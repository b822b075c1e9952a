// Expected values: the table of research/rtcm.md §5 written out, and single values of RTKLIB's own encoder formulas
// (such as (ms + 2048) / 16 for 512 to 1023 ms).
import { describe, expect, test } from 'vitest';
import { lockTimeIndicator } from '../../../caster/simulator/lock-time.ts';

/** The shortest lock time of every indicator, 0 to 704: single milliseconds, then blocks of 32 with doubling steps. */
function minimumLockTimesMs(): number[] {
  const table = Array.from({ length: 64 }, (_, ms) => ms);
  for (let step = 2; table.length < 704; step *= 2) {
    for (let entry = 0; entry < 32; entry++) table.push(table.at(-1)! + (entry === 0 ? step / 2 : step));
  }
  table.push(67_108_864);
  return table;
}

describe('lock time indicator DF407', () => {
  const table = minimumLockTimesMs();

  test('the written-out table ends where the standard says', () => {
    expect([table.length, table[64], table[96], table[703]]).toEqual([705, 64, 128, 67_108_864 - 2 ** 20]);
  });

  test('every minimum lock time gets its own indicator', () => {
    expect(table.map(lockTimeIndicator)).toEqual(table.map((_, indicator) => indicator));
  });

  test('a millisecond before the next minimum the indicator is still the same', () => {
    const lastMs = table.slice(1).map((ms) => ms - 1);
    expect(lastMs.map(lockTimeIndicator)).toEqual(lastMs.map((_, indicator) => indicator));
  });

  test.each([
    [100, (100 + 64) / 2],
    [1000, Math.floor((1000 + 2048) / 16)],
    [10_000, Math.floor((10_000 + 65_536) / 256)],
    [3_600_000, Math.floor((3_600_000 + 33_554_432) / 65_536)],
  ])('%i ms is what RTKLIB encodes', (lockMs, indicator) => {
    expect(lockTimeIndicator(lockMs)).toBe(indicator);
  });

  test('a lock held longer than the table lasts stays at 704', () => {
    expect(lockTimeIndicator(1e9)).toBe(704);
  });

  test('the four bit indicator of MSM4 is the upper part of it, as the standard defines both', () => {
    const fourBits = table.map((ms) => (ms < 32 ? 0 : Math.min(15, Math.floor(Math.log2(ms)) - 4)));
    expect(table.map((ms) => Math.min(15, lockTimeIndicator(ms) >> 5))).toEqual(fourBits);
  });
});
