// Books of charges compared with one another and with a second calculation of the usage rows.

import type { Books } from './books.ts';
import type { Fleet } from './fleets.ts';
import { type BoughtPlan, costOf, reckon } from './second-calculation.ts';

/** What does not add up; nothing where all does. */
export function wrongBooks(books: Books, fleets: readonly Fleet[]): string[] {
  return [...wrongCharges(books, fleets), ...wrongAccumulators(books, fleets), ...wrongPurses(books, fleets)];
}

function plansOf(fleets: readonly Fleet[]): Map<string, BoughtPlan> {
  return new Map(fleets.map(({ planId, plan }) => [planId, plan]));
}

/** Each charge by itself: its amount is that of its units at its place, and none is for what was charged before. */
function wrongCharges({ charges }: Books, fleets: readonly Fleet[]): string[] {
  const plans = plansOf(fleets);
  return charges.flatMap((charge) => {
    const { key, planId, mountpoint, micros, units, unitsBefore, unitsAfter } = charge;
    const plan = plans.get(planId);
    if (plan === undefined) return [`${key}: of no plan`];
    const expected = costOf(plan, mountpoint, unitsAfter) - costOf(plan, mountpoint, unitsBefore);
    const isRight = micros === expected && unitsAfter - unitsBefore === units;
    return isRight ? [] : [`${key}: ${micros} for ${unitsBefore} to ${unitsAfter}, and not ${expected}`];
  });
}

/** What is counted together: the units of the usage rows, of the charges and of the store, and their price. */
function wrongAccumulators({ windows, charges, accumulators }: Books, fleets: readonly Fleet[]): string[] {
  const plans = plansOf(fleets);
  const none = { units: 0n, micros: 0n };
  const expected = new Map<string, { units: bigint; micros: bigint }>();
  for (const { customerId, planId, periodKey, units, micros } of reckon(windows, plans)) {
    const key = `${customerId} ${planId} ${periodKey}`;
    const before = expected.get(key) ?? none;
    expected.set(key, { units: before.units + units, micros: before.micros + micros });
  }
  const charged = new Map<string, { units: bigint; micros: bigint }>();
  for (const { customerId, planId, periodKey, units, micros } of charges) {
    const key = `${customerId} ${planId} ${periodKey}`;
    const before = charged.get(key) ?? none;
    charged.set(key, { units: before.units + units, micros: before.micros + micros });
  }
  return [...new Set([...expected.keys(), ...charged.keys(), ...accumulators.keys()])].flatMap((key) => {
    const all = [expected, charged, accumulators].map((one) => textOf(one.get(key) ?? none));
    return new Set(all).size === 1
      ? []
      : [`${key}: by the usage rows ${all.join(', by the charges, the store ')}`];
  });
}

function wrongPurses(books: Books, fleets: readonly Fleet[]): string[] {
  const { windows, charges, byDay, purses, told, unsent } = books;
  const expected = reckon(windows, plansOf(fleets));
  const wrong = unsent === 0 ? [] : [`${unsent} charges are not handed on`];
  for (const [purse, { balance, toppedUp, charged, charges: gathered }] of purses) {
    const ofPurse = <One extends { customerId: string; currency: string }>(all: readonly One[]): One[] =>
      all.filter(({ customerId, currency }) => `${customerId} ${currency}` === purse);
    const rows = ofPurse(charges);
    const sumOf = (all: readonly { readonly micros: bigint }[]): bigint =>
      all.reduce((sum, { micros }) => sum + micros, 0n);
    const said = told.get(purse);
    const amounts = [
      sumOf(ofPurse(expected)),
      sumOf(rows),
      -charged,
      said?.micros ?? 0n,
      byDay.get(purse)?.micros ?? 0n,
    ];
    const counts = [rows.length, said?.charges ?? 0, byDay.get(purse)?.charges ?? 0];
    const balances = [balance, toppedUp + charged, said?.balance];
    for (const all of [amounts, counts, balances])
      if (new Set<unknown>(all).size > 1) wrong.push(`${purse}: ${all.join(', ')}`);
    // What is included costs nothing: those charges are gathered by an entry only beside others.
    const paid = rows.filter(({ micros }) => micros !== 0n).length;
    if (gathered < paid || gathered > rows.length)
      wrong.push(`${purse}: ${gathered} charges by its entries, of ${paid} to ${rows.length}`);
  }
  for (const { customerId, currency } of [...expected, ...charges])
    if (!purses.has(`${customerId} ${currency}`)) wrong.push(`${customerId} has no balance in ${currency}`);
  return [...new Set(wrong)];
}

function textOf({ units, micros }: { readonly units: bigint; readonly micros: bigint }): string {
  return `${micros} for ${units}`;
}
