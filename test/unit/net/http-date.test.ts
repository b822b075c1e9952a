// Tests the Date header against the form of RFC 9110 §5.6.7.

import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { httpDate } from '../../../caster/net/http-date.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

function dateAt(time: string): string {
  vi.setSystemTime(new Date(time));
  return httpDate();
}

test.each([
  // The example of RFC 9110 §5.6.7.
  ['1994-11-06T08:49:37Z', 'Sun, 06 Nov 1994 08:49:37 GMT'],
  ['2028-02-29T23:59:59.999Z', 'Tue, 29 Feb 2028 23:59:59 GMT'],
  ['2026-12-31T23:59:59Z', 'Thu, 31 Dec 2026 23:59:59 GMT'],
])('the time %s is told as %s', (time, expected) => {
  expect(dateAt(time)).toBe(expected);
});

describe('the text', () => {
  test('is the same object within a second', () => {
    expect(dateAt('2026-04-17T10:00:00.000Z')).toBe(dateAt('2026-04-17T10:00:00.999Z'));
  });

  test('is another one in the next second', () => {
    expect(dateAt('2026-04-17T10:00:00.999Z')).not.toBe(dateAt('2026-04-17T10:00:01.000Z'));
  });

  test('follows a clock that is set back', () => {
    dateAt('2026-04-17T10:00:00Z');
    expect(dateAt('2026-04-17T09:00:00Z')).toBe('Fri, 17 Apr 2026 09:00:00 GMT');
  });
});
