import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { periodByIndex, periodOf } from '../../../../caster/metering/rating/period.ts';
import { type PlanCalendar } from '../../../../caster/metering/rating/tariff.ts';
import { calendars, moments, RATING_SEED } from './plans.ts';

const RUNS = { seed: RATING_SEED, numRuns: 1000 };

function monthly(timeZone: string, more: Partial<PlanCalendar> = {}): PlanCalendar {
  return { counts: 'bytes', period: 'month', timeZone, ...more };
}

const iso = (ms: number): string => new Date(ms).toISOString();

describe('periods of the calendar', () => {
  test.each([
    ['Europe/Berlin', '2026-03-15T12:00:00Z', '2026-02-28T23:00:00.000Z', '2026-03-31T22:00:00.000Z'],
    ['America/New_York', '2026-11-20T00:00:00Z', '2026-11-01T04:00:00.000Z', '2026-12-01T05:00:00.000Z'],
    ['Australia/Lord_Howe', '2026-04-20T00:00:00Z', '2026-03-31T13:00:00.000Z', '2026-04-30T13:30:00.000Z'],
    ['Asia/Shanghai', '2026-12-31T16:00:00Z', '2026-12-31T16:00:00.000Z', '2027-01-31T16:00:00.000Z'],
    ['UTC', '2026-12-31T23:59:59.999Z', '2026-12-01T00:00:00.000Z', '2027-01-01T00:00:00.000Z'],
  ])('of %s: the month of %s', (timeZone, at, start, end) => {
    const { startMs, endMs } = periodOf(monthly(timeZone), Date.parse(at), 0);
    expect([iso(startMs), iso(endMs)]).toEqual([start, end]);
  });

  test('a day on which the clock changes has 23 or 25 hours', () => {
    const day = monthly('Europe/Berlin', { period: 'day' });
    const hours = (at: string): number => {
      const { startMs, endMs } = periodOf(day, Date.parse(at), 0);
      return (endMs - startMs) / 3_600_000;
    };
    expect(hours('2026-03-29T12:00:00Z')).toBe(23);
    expect(hours('2026-10-25T12:00:00Z')).toBe(25);
  });

  test('a week begins on Monday', () => {
    const week = monthly('UTC', { period: 'week' });
    expect(periodOf(week, Date.parse('2026-11-29T23:59:59Z'), 0).key).toBe('week/2026-11-23');
    expect(periodOf(week, Date.parse('2026-11-30T00:00:00Z'), 0).key).toBe('week/2026-11-30');
  });

  test('a leap second belongs to the year that it ends', () => {
    // 2016-12-31T23:59:60Z. Wall clocks show 23:59:59 twice or run slow; none shows the new year early.
    const year = monthly('UTC', { period: 'year' });
    const newYear = Date.UTC(2017, 0, 1);
    expect(periodOf(year, newYear - 1, 0).key).toBe('year/2016-01-01');
    expect(periodOf(year, newYear, 0).key).toBe('year/2017-01-01');
  });

  test('without periods everything is one', () => {
    expect(periodOf(monthly('UTC', { period: undefined }), 5, 0).key).toBe('always');
  });
});

describe('periods from an activation', () => {
  const fromActivation = (timeZone: string, period: PlanCalendar['period']): PlanCalendar =>
    monthly(timeZone, { counts: 'period', period });

  test('end with a short month and come back to the 31st', () => {
    const activated = Date.parse('2026-01-31T08:30:00Z');
    const starts = [0, 1, 2, 3, 12].map((index) =>
      iso(periodByIndex(fromActivation('UTC', 'month'), index, activated).startMs).slice(0, 16),
    );
    expect(starts).toEqual([
      '2026-01-31T08:30',
      '2026-02-28T08:30',
      '2026-03-31T08:30',
      '2026-04-30T08:30',
      '2027-01-31T08:30',
    ]);
  });

  test('of a 29th of February come back in leap years', () => {
    const activated = Date.parse('2024-02-29T10:00:00Z');
    const keys = [1, 2, 3, 4].map(
      (index) => periodByIndex(fromActivation('UTC', 'year'), index, activated).key,
    );
    expect(keys).toEqual(['year/2025-02-28', 'year/2026-02-28', 'year/2027-02-28', 'year/2028-02-29']);
  });

  test('keep their time of day over a change of the clock', () => {
    // 03:15 in Berlin on both days: 02:15 UTC in winter, 01:15 in summer.
    const activated = Date.parse('2026-03-28T02:15:00Z');
    const next = periodByIndex(fromActivation('Europe/Berlin', 'day'), 1, activated);
    expect(iso(next.startMs)).toBe('2026-03-29T01:15:00.000Z');
  });

  test('begin an hour later where the clock jumps over their beginning', () => {
    // 02:30 in Berlin does not exist on the 29th of March.
    const activated = Date.parse('2026-03-28T01:30:00Z');
    const next = periodByIndex(fromActivation('Europe/Berlin', 'day'), 1, activated);
    expect(iso(next.startMs)).toBe('2026-03-29T01:30:00.000Z');
  });

  test('take what lies before the activation, as after a clock was set back, into the first', () => {
    const activated = Date.parse('2026-05-05T05:05:05Z');
    const plan = fromActivation('UTC', 'month');
    expect(periodOf(plan, activated - 3_600_000, activated)).toEqual(periodOf(plan, activated, activated));
  });
});

describe('for every calendar and moment', () => {
  test('the period found holds the moment, and its neighbors begin where it ends', () => {
    fc.assert(
      fc.property(calendars, moments, moments, (calendar, one, other) => {
        const [activatedAtMs, atMs] = one <= other ? [one, other] : [other, one];
        const period = periodOf(calendar, atMs, activatedAtMs);
        expect(period.startMs).toBeLessThanOrEqual(atMs);
        expect(period.endMs).toBeGreaterThan(atMs);
        const next = periodOf(calendar, period.endMs, activatedAtMs);
        expect(next.startMs).toBe(period.endMs);
        expect(next.key).not.toBe(period.key);
        expect(periodOf(calendar, period.endMs - 1, activatedAtMs)).toEqual(period);
        expect(periodOf(calendar, period.startMs, activatedAtMs)).toEqual(period);
      }),
      RUNS,
    );
  });
});
