import { describe, expect, it } from 'vitest';
import { MinuteCounts } from '../../../../caster/accounts/live/minute-counts.ts';

describe('logins a minute', () => {
  it('are let in up to the rate, and told the seconds until the minute of the first is over', () => {
    const counts = new MinuteCounts();
    expect([counts.count('a', 2, 1000), counts.count('a', 2, 21_000)]).toEqual([0, 0]);
    expect(counts.count('a', 2, 31_000)).toBe(30);
    expect(counts.count('a', 2, 60_999)).toBe(1);
    expect(counts.count('a', 2, 61_000)).toBe(0);
  });

  it('begin a minute for each key of its own', () => {
    const counts = new MinuteCounts();
    counts.count('a', 1, 0);
    counts.count('b', 1, 30_000);
    expect(counts.count('a', 1, 60_000)).toBe(0);
    expect(counts.count('b', 1, 60_000)).toBe(30);
  });

  it('forget minutes that are over, and the oldest where there are too many keys', () => {
    const counts = new MinuteCounts(3);
    for (const [at, key] of ['a', 'b', 'c'].entries()) counts.count(key, 1, at);
    counts.count('d', 1, 10);
    expect(counts.size).toBe(3);
    expect(counts.count('d', 1, 11)).toBe(60);
    expect(counts.count('c', 1, 12)).toBe(60);
    counts.count('e', 1, 70_000);
    expect(counts.size).toBe(1);
  });
});
