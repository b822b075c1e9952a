import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MONEY_MICROS_MAX } from '../../../../caster/metering/rating/money.ts';
import { rate, unitsLeft } from '../../../../caster/metering/rating/rate.ts';
import { type Tariff } from '../../../../caster/metering/rating/tariff.ts';
import { unitsOf } from '../../../../caster/metering/rating/units.ts';
import { RATING_SEED, tariffs, unitCounts } from './plans.ts';

const RUNS = { seed: RATING_SEED, numRuns: 2000 };

const HOURLY: Tariff = { priceMicros: 250_000, per: 3600, included: 0, tiers: [] };
const TIERED: Tariff = {
  priceMicros: 10,
  per: 1,
  included: 100,
  tiers: [
    { from: 200, priceMicros: 5 },
    { from: 300, priceMicros: 1 },
  ],
};

describe('the price of so many units', () => {
  test.each([
    ['nothing', HOURLY, 0, 0n],
    ['an hour', HOURLY, 3600, 250_000n],
    ['a second, rounded half up', HOURLY, 1, 69n],
    ['half of a micro-unit, rounded up', { ...HOURLY, priceMicros: 1, per: 2 }, 1, 1n],
    ['less than half of one, rounded down', { ...HOURLY, priceMicros: 1, per: 3 }, 1, 0n],
    ['what is included', TIERED, 100, 0n],
    ['the first unit beyond it', TIERED, 101, 10n],
    ['all up to the first tier', TIERED, 200, 1000n],
    ['one unit of the first tier', TIERED, 201, 1005n],
    ['one unit of the last tier', TIERED, 301, 1501n],
    ['less than nothing', TIERED, -50, 0n],
  ] as const)('is right for %s', (_, tariff, units, micros) => {
    expect(rate(tariff, units)).toBe(micros);
  });

  test('never exceeds what money can be', () => {
    const dear: Tariff = { priceMicros: Number.MAX_SAFE_INTEGER, per: 1, included: 0, tiers: [] };
    expect(rate(dear, Number.MAX_SAFE_INTEGER)).toBe(MONEY_MICROS_MAX);
  });
});

describe('for every plan', () => {
  test('splitting and merging windows never changes what they cost together', () => {
    fc.assert(
      fc.property(tariffs, fc.array(unitCounts, { minLength: 1, maxLength: 20 }), (tariff, windows) => {
        let units = 0;
        let charged = 0n;
        for (const window of windows) {
          charged += rate(tariff, units + window) - rate(tariff, units);
          units += window;
        }
        expect(charged).toBe(rate(tariff, units));
      }),
      RUNS,
    );
  });

  test('more units never cost less', () => {
    fc.assert(
      fc.property(tariffs, unitCounts, unitCounts, (tariff, units, more) => {
        expect(rate(tariff, units + more) >= rate(tariff, units)).toBe(true);
      }),
      RUNS,
    );
  });

  test('what is left of a balance is paid for by it, and one unit more is not', () => {
    const balances = fc.oneof(fc.bigInt(0n, 1000n), fc.bigInt(0n, 10n ** 15n));
    fc.assert(
      fc.property(tariffs, fc.integer({ min: -1000, max: 2 ** 40 }), balances, (tariff, before, balance) => {
        const left = unitsLeft(tariff, before, balance);
        const costOf = (units: number): bigint => rate(tariff, before + units) - rate(tariff, before);
        expect(left).toBeGreaterThanOrEqual(0);
        expect(costOf(left) <= balance).toBe(true);
        if (before + left < Number.MAX_SAFE_INTEGER - 1000) expect(costOf(left + 1) > balance).toBe(true);
      }),
      RUNS,
    );
  });

  test('a balance below zero buys nothing, not even what is included', () => {
    expect(unitsLeft(TIERED, 0, -1n)).toBe(0);
    expect(unitsLeft(TIERED, 0, 0n)).toBe(100);
  });

  test('where units cost nothing more there is no end', () => {
    const free: Tariff = { priceMicros: 5, per: 1, included: 0, tiers: [{ from: 10, priceMicros: 0 }] };
    expect(unitsLeft(free, 4, 29n)).toBe(5);
    expect(unitsLeft(free, 4, 30n)).toBe(Number.MAX_SAFE_INTEGER - 4);
  });
});

test('units are counted as the plan says', () => {
  const totals = { bytes: 5000, epochs: 12, activeSeconds: 11, durationMs: 12_999 };
  expect(unitsOf('bytes', totals)).toBe(5000);
  expect(unitsOf('epochs', totals)).toBe(12);
  expect(unitsOf('onlineSeconds', totals)).toBe(11);
  expect(unitsOf('wallTime', totals)).toBe(12);
  expect(unitsOf('period', totals)).toBe(0);
});
