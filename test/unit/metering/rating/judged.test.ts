// Prices, inverses and periods against Python's fractions and time zones (judge.py).

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { periodOf } from '../../../../caster/metering/rating/period.ts';
import { rate, unitsLeft } from '../../../../caster/metering/rating/rate.ts';
import { judge, whyNoJudge } from './judge.ts';
import { calendars, moments, RATING_SEED, tariffs, TIME_ZONES, unitCounts } from './plans.ts';

const missing = whyNoJudge();
const sampled = { seed: RATING_SEED, numRuns: 3000 };
const NONE = { rates: [], lefts: [], periods: [] };

test('prices are those of a second calculation', (context) => {
  context.skip(missing !== undefined, missing);
  const rates = fc.sample(fc.record({ tariff: tariffs, units: unitCounts }), sampled);
  const judged = judge({ ...NONE, rates }).rates;
  expect(rates.map(({ tariff, units }) => String(rate(tariff, units)))).toEqual(judged);
});

test('what a balance buys is what a second calculation finds by trying', (context) => {
  context.skip(missing !== undefined, missing);
  const lefts = fc.sample(
    fc.record({
      tariff: tariffs,
      before: fc.integer({ min: -500, max: 1_000_000 }),
      micros: fc.bigInt(-1n, 10n ** 12n).map(String),
    }),
    sampled,
  );
  const judged = judge({ ...NONE, lefts }).lefts;
  expect(lefts.map(({ tariff, before, micros }) => unitsLeft(tariff, before, BigInt(micros)))).toEqual(
    judged,
  );
});

test('periods are those of a second calendar', (context) => {
  context.skip(missing !== undefined, missing);
  const drawn = fc.sample(
    fc.tuple(calendars, moments, moments).map(([calendar, one, other]) => {
      const [activatedAtMs, atMs] = one <= other ? [one, other] : [other, one];
      // The judge's calendar knows whole seconds.
      return { ...calendar, atMs, activatedAtMs: activatedAtMs - (activatedAtMs % 1000) };
    }),
    sampled,
  );
  const cases = [...drawn, ...aroundChangesOfTheClock()];
  const judged = judge({ ...NONE, periods: cases }).periods;
  const ours = cases.map((calendar) => {
    const { startMs, endMs, key } = periodOf(calendar, calendar.atMs, calendar.activatedAtMs);
    return [startMs, endMs, key];
  });
  expect(ours).toEqual(judged);
});

/** Every quarter of an hour of the days on which clocks change, by days from activations at all times of day. */
function aroundChangesOfTheClock() {
  const changes = ['2026-03-29', '2026-10-25', '2026-03-08', '2026-11-01', '2026-04-05', '2026-10-04'];
  return changes.flatMap((date) =>
    TIME_ZONES.flatMap((timeZone) =>
      Array.from({ length: 192 }, (_, quarter) => {
        const atMs = Date.parse(`${date}T00:00:00Z`) + (quarter - 48) * 900_000;
        const activatedAtMs = atMs - 40 * 86_400_000 - (quarter % 7) * 1_800_000;
        return { counts: 'period' as const, period: 'day' as const, timeZone, atMs, activatedAtMs };
      }),
    ),
  );
}
