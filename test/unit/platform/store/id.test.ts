import { afterEach, describe, expect, test, vi } from 'vitest';
import { firstIdAt, newId } from '../../../../platform/store/id.ts';

/** The number that the last 16 characters write, by another way than theirs. */
function numberOf(id: string): bigint {
  const digits = '234567abcdefghijklmnopqrstuvwxyz';
  return Array.from(id.slice(-16)).reduce((sum, digit) => sum * 32n + BigInt(digits.indexOf(digit)), 0n);
}

afterEach(() => {
  vi.useRealTimers();
});

describe('an id', () => {
  test('is its prefix and 16 characters of base32', () => {
    expect(newId('acc')).toMatch(/^acc_[a-z2-7]{16}$/);
  });

  test('holds its time in ms in the upper 45 bits', () => {
    const before = Date.now();
    const ms = Number(numberOf(newId('acc')) >> 35n);
    expect(ms).toBeGreaterThanOrEqual(before);
    expect(ms).toBeLessThanOrEqual(Date.now());
  });

  test('is greater than every earlier one, and sorts so by its bytes, 200,000 times', () => {
    let last = newId('acc');
    for (let count = 0; count < 200_000; count++) {
      const next = newId('acc');
      if (next <= last) expect(next).toBeGreaterThan(last as never);
      last = next;
    }
  });

  test('grows even where the clock is set back by an hour', () => {
    const before = newId('acc');
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() - 3_600_000 });
    expect(numberOf(newId('acc'))).toBe(numberOf(before) + 1n);
  });

  test('sorts behind the first of its ms, and before the first of the next', () => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 5000 });
    const id = newId('bal');
    expect([firstIdAt('bal', Date.now() + 1), id, firstIdAt('bal', Date.now())].toSorted()).toEqual([
      firstIdAt('bal', Date.now()),
      id,
      firstIdAt('bal', Date.now() + 1),
    ]);
  });

  test('is within its ms where another process would hardly be', () => {
    const starts = new Set<bigint>();
    for (let ms = 0; ms < 1000; ms++) {
      vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 1000 });
      starts.add(numberOf(newId('acc')) & ((1n << 35n) - 1n));
    }
    expect(starts.size).toBe(1000);
  });
});
