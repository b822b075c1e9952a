import { describe, expect, test } from 'vitest';
import { decimalOf, readMicros } from '../../../../caster/metering/rating/money.ts';
import { priceClassOf } from '../../../../caster/metering/rating/price-class.ts';
import { rate } from '../../../../caster/metering/rating/rate.ts';
import { type PricedPlan } from '../../../../caster/metering/rating/tariff.ts';

const PLAN: PricedPlan = {
  counts: 'epochs',
  currency: 'EUR',
  priceMicros: 10,
  per: 2,
  included: 100,
  tiers: [{ from: 200, priceMicros: 1 }],
  timeZone: 'UTC',
  mode: 'postpaid',
  prices: [
    { serviceSpecId: 'spec_a', priceMicros: 20 },
    { mountpoint: 'NORTH', priceMicros: 30 },
    { serviceSpecId: 'spec_a', mountpoint: 'NORTH', priceMicros: 40 },
  ],
};

describe('of several prices', () => {
  test.each([
    ['spec_a', 'NORTH', 40, 'epochs/EUR/spec=spec_a/mountpoint=NORTH'],
    ['spec_b', 'NORTH', 30, 'epochs/EUR/mountpoint=NORTH'],
    ['spec_a', 'SOUTH', 20, 'epochs/EUR/spec=spec_a'],
    ['', 'SOUTH', 10, 'epochs/EUR'],
  ])('spec %j on %s pays the most specific', (serviceSpecId, mountpoint, priceMicros, key) => {
    const found = priceClassOf(PLAN, { serviceSpecId, mountpoint });
    expect(found.tariff.priceMicros).toBe(priceMicros);
    expect(found.key).toBe(key);
  });

  test('what is included belongs to the price of the plan itself', () => {
    expect(rate(priceClassOf(PLAN, { serviceSpecId: '', mountpoint: 'SOUTH' }).tariff, 102)).toBe(10n);
    expect(rate(priceClassOf(PLAN, { serviceSpecId: '', mountpoint: 'NORTH' }).tariff, 102)).toBe(1530n);
  });
});

describe('money as text', () => {
  test.each(['0', '-1', '12345678901234567890'])('a price class is read from %s', (text) => {
    expect(String(readMicros(text))).toBe(text);
  });

  test.each(['', '-0', '01', '1.5', '1e6', ' 1', '+1', '0x10', '١'])('does not read %j', (text) => {
    expect(readMicros(text)).toBeUndefined();
  });

  test.each([
    [0n, '0.000000'],
    [-12_340_000n, '-12.340000'],
    [5n, '0.000005'],
    [-5n, '-0.000005'],
    [9_007_199_254_740_993_000_001n, '9007199254740993.000001'],
  ])('shows %s micro-units as %s', (micros, text) => {
    expect(decimalOf(micros)).toBe(text);
  });
});
