// Generated plans, moments and calendars for the tests of rating.

import fc from 'fast-check';
import { type PlanCalendar, type Tariff } from '../../../../caster/metering/rating/tariff.ts';

/** Printed by fast-check with every failure. */
export const RATING_SEED = 20_261_125;

const price = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 50 }), fc.integer({ min: 0, max: 2 ** 50 }));

export const tariffs: fc.Arbitrary<Tariff> = fc
  .record({
    priceMicros: price,
    per: fc.oneof(
      fc.constantFrom(1, 2, 3, 60, 3600, 1_000_000, 1_073_741_824),
      fc.integer({ min: 1, max: 9999 }),
    ),
    included: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 100_000 })),
    steps: fc.array(fc.record({ wide: fc.integer({ min: 1, max: 100_000 }), priceMicros: price }), {
      maxLength: 4,
    }),
  })
  .map(({ steps, ...rest }) => {
    let from = rest.included;
    return { ...rest, tiers: steps.map(({ wide, priceMicros }) => ({ from: (from += wide), priceMicros })) };
  });

export const unitCounts: fc.Arbitrary<number> = fc.oneof(
  fc.integer({ min: 0, max: 500_000 }),
  fc.integer({ min: 0, max: 2 ** 40 }),
);

/** Half-hour daylight saving, none, one at midnight, one that was given up, one that skipped a day. */
export const TIME_ZONES = [
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'Australia/Lord_Howe',
  'Asia/Shanghai',
  'Asia/Kolkata',
  'America/Sao_Paulo',
  'Pacific/Apia',
] as const;

export const moments: fc.Arbitrary<number> = fc.integer({
  min: Date.UTC(1985, 0, 1),
  max: Date.UTC(2036, 11, 31),
});

export const calendars: fc.Arbitrary<PlanCalendar> = fc.record({
  counts: fc.constantFrom('bytes' as const, 'period' as const),
  period: fc.constantFrom('day' as const, 'week' as const, 'month' as const, 'year' as const),
  timeZone: fc.constantFrom(...TIME_ZONES),
});
