// What so many units cost, and how many a sum of money buys. Pure: the same units always cost the same.
//
// A charge is rate(after) - rate(before) of what an accumulator has counted, so charges telescope: however a stretch
// of use is cut into windows, they add up to the same. Rounding happens once, on the accumulated amount, half up; the
// amount never shrinks as units grow.

import { MONEY_MICROS_MAX } from './money.ts';
import { type Tariff } from './tariff.ts';

/** Units of one price: those beyond `from`, up to `to`. */
interface Stretch {
  readonly from: bigint;
  /** Undefined: without an end. */
  readonly to: bigint | undefined;
  readonly price: bigint;
}

const stretchesOfTariff = new WeakMap<Tariff, readonly Stretch[]>();

function stretchesOf(tariff: Tariff): readonly Stretch[] {
  const known = stretchesOfTariff.get(tariff);
  if (known !== undefined) return known;
  const steps = [{ from: tariff.included, priceMicros: tariff.priceMicros }, ...tariff.tiers];
  const stretches = steps.map(({ from, priceMicros }, index) => {
    const next = steps[index + 1];
    return {
      from: BigInt(from),
      to: next === undefined ? undefined : BigInt(next.from),
      price: BigInt(priceMicros),
    };
  });
  stretchesOfTariff.set(tariff, stretches);
  return stretches;
}

/**
 * Micro-units for `units` in all; none below zero, which an accumulator reaches where a session's last window gives back
 * more than its period had: the next units then make that up. Ends at MONEY_MICROS_MAX.
 */
export function rate(tariff: Tariff, units: number): bigint {
  const counted = BigInt(units);
  let owed = 0n;
  for (const { from, to, price } of stretchesOf(tariff)) {
    if (counted <= from) break;
    owed += ((to === undefined || counted < to ? counted : to) - from) * price;
  }
  const per = BigInt(tariff.per);
  const micros = (2n * owed + per) / (2n * per);
  return micros < MONEY_MICROS_MAX ? micros : MONEY_MICROS_MAX;
}

/** The greatest whole number of units that may follow `unitsBefore` for at most `micros`; 0 where nothing may. */
export function unitsLeft(tariff: Tariff, unitsBefore: number, micros: bigint): number {
  if (micros < 0n) return 0;
  const roomMax = Math.max(0, Number.MAX_SAFE_INTEGER - Math.max(0, unitsBefore));
  const affordable = rate(tariff, unitsBefore) + micros;
  if (affordable >= MONEY_MICROS_MAX) return roomMax;
  const per = BigInt(tariff.per);
  // The greatest debt in parts of `per` that still rounds to what is affordable.
  let rest = (2n * per * (affordable + 1n) - per - 1n) / 2n;
  let reached = stretchesOf(tariff)[0]!.from;
  for (const { from, to, price } of stretchesOf(tariff)) {
    const length = to === undefined ? undefined : to - from;
    if (price > 0n && (length === undefined || length * price > rest)) {
      reached = from + rest / price;
      break;
    }
    if (to === undefined) return roomMax;
    rest -= length! * price;
    reached = to;
  }
  const left = reached - BigInt(unitsBefore);
  return left > BigInt(roomMax) ? roomMax : Number(left);
}
