// What a month would cost, reckoned by hand from what a plan says.

import { describe, expect, test } from 'vitest';
import { type ExpectedUse, previewMonth } from '../../../../caster/metering/rating/month-preview.ts';
import { type PricedPlan } from '../../../../caster/metering/rating/tariff.ts';

const HOURLY: PricedPlan = {
  ...{ counts: 'wallTime', currency: 'EUR', priceMicros: 250_000, per: 3600, included: 0, tiers: [] },
  ...{ timeZone: 'UTC', mode: 'postpaid' },
};
const USE: ExpectedUse = { rovers: 10, hoursPerDay: 8, bytesPerSecond: 500, epochsPerSecond: 1 };
const NOVEMBER = { year: 2026, month: 10 };
const MARCH = { year: 2026, month: 2 };

const total = (plan: PricedPlan, use = USE, month = NOVEMBER): bigint =>
  previewMonth(plan, use, month).reduce((sum, { micros }) => sum + micros, 0n);

test('ten rovers, eight hours a day, thirty days, at 0.25 an hour are 600', () => {
  expect(total(HOURLY)).toBe(600_000_000n);
});

test('what is included in a day is free every day, once for all rovers', () => {
  const plan: PricedPlan = { ...HOURLY, period: 'day', included: 30 * 3600 };
  const periods = previewMonth(plan, USE, NOVEMBER);
  expect(periods).toHaveLength(30);
  expect(periods[0]).toEqual({ key: 'day/2026-11-01', units: 80 * 3600, micros: 12_500_000n });
});

test('bytes are those of the stream, and tiers hold for all of the month together', () => {
  const tiers = [{ from: 1_000_000_000, priceMicros: 5 }];
  const plan: PricedPlan = { ...HOURLY, counts: 'bytes', per: 1000, priceMicros: 10, tiers, period: 'month' };
  // 10 × 8 h × 3600 × 500 B × 30 = 4.32 GB, of which 1 GB at 10 and 3.32 GB at 5 millionths a kB.
  expect(previewMonth(plan, USE, NOVEMBER)).toEqual([
    { key: 'month/2026-11-01', units: 4_320_000_000, micros: 26_600_000n },
  ]);
});

test('a day on which clocks are set forward has 23 hours', () => {
  const allDay = { ...USE, rovers: 1, hoursPerDay: 24 };
  const hours = (timeZone: string) => Number(total({ ...HOURLY, timeZone }, allDay, MARCH)) / 250_000;
  expect([hours('UTC'), hours('Europe/Berlin')]).toEqual([744, 743]);
});

test('another price for a mountpoint holds where it is used', () => {
  const plan = { ...HOURLY, prices: [{ mountpoint: 'HILL', priceMicros: 500_000 }] };
  expect(total(plan, { ...USE, mountpoint: 'HILL' })).toBe(1_200_000_000n);
});

describe('a plan that counts periods', () => {
  const weekly: PricedPlan = {
    ...{ ...HOURLY, counts: 'period', priceMicros: 7_000_000, per: 1, period: 'week' },
  };

  test('charges each rover for each period that begins, whatever it uses', () => {
    const periods = previewMonth(weekly, { ...USE, hoursPerDay: 0 }, NOVEMBER);
    expect(periods.map(({ key, micros }) => [key, micros])).toEqual(
      ['01', '08', '15', '22', '29'].map((day) => [`week/2026-11-${day}`, 70_000_000n]),
    );
  });

  test('includes the first periods of each', () => {
    expect(total({ ...weekly, included: 2 })).toBe(3n * 70_000_000n);
  });
});
