import { describe, expect, test } from 'vitest';
import { compareVersions, isVersion, satisfies } from '../../../../licensing/entitlements/version.ts';

describe('a version', () => {
  test.for(['0', '1', '1.4', '1.4.0', '1.4.0.12', '10.0.999999999'])('may be written as %s', (text) => {
    expect(isVersion(text)).toBe(true);
  });

  test.for(['', '.', '1.', '.1', '1.2.3.4.5', '01', '1.02', 'v1', '1.a', '-1', '1 ', '1.4\n', '1000000000'])(
    'may not be written as %j',
    (text) => {
      expect(isVersion(text)).toBe(false);
      expect(() => compareVersions(text, '1')).toThrow('not a version');
    },
  );

  test('is newer by numbers, not by letters', () => {
    const byAge = ['0.9', '1', '1.0.1', '1.2', '1.9.9.9', '1.10', '2.0', '10'];
    expect(byAge.toReversed().toSorted(compareVersions)).toEqual(byAge);
  });

  test('is the same with zeros behind it', () => {
    expect(compareVersions('1.4', '1.4.0.0')).toBe(0);
  });

  test('at or above the one of a right is what the right is for, unless it says exactly', () => {
    const atLeast = { version: '1.4', versionRule: 'at_least' } as const;
    expect(['1.3.9', '1.4.0', '1.5'].map((one) => satisfies(one, atLeast))).toEqual([false, true, true]);
    const exact = { version: '1.4', versionRule: 'exact' } as const;
    expect(['1.3.9', '1.4.0', '1.5'].map((one) => satisfies(one, exact))).toEqual([false, true, false]);
  });
});
