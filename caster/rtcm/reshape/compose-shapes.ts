// Two shapes, one upon the other, as one.
import { messageType } from '../message-types.ts';
import { type MessagePlan, planMessage } from './message-plan.ts';
import { type Shape } from './shape.ts';

type Lists = Pick<Shape, 'messagesKept' | 'messagesDropped'>;

/**
 * What is made of a stream by `first` and then by `then`, in one go. It is better than that where an epoch is missing, for
 * which another stands in at the interval of both; where a base sends a constellation at two high levels, the better of
 * which is lowered; and for GLONASS, whose channels are kept where either shape wants them.
 */
export function composeShapes(first: Shape, then: Shape): Shape {
  const levelMax = Math.min(first.msmLevelMax ?? 7, then.msmLevelMax ?? 7) as 4 | 5 | 7;
  const both: Shape = {
    constellations: inBoth(first.constellations, then.constellations),
    bands: inBoth(first.bands, then.bands),
    msmLevelMax: levelMax === 7 ? undefined : levelMax,
    intervalS: multipleOfBoth(first.intervalS, then.intervalS),
    glonassChannelsKept: first.glonassChannelsKept === true || then.glonassChannelsKept === true || undefined,
  };
  return { ...both, ...composeLists(first, then, both) };
}

/** What is in both lists; an absent one has everything. */
function inBoth<Value>(
  a: readonly Value[] | undefined,
  b: readonly Value[] | undefined,
): readonly Value[] | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return a.filter((value) => b.includes(value));
}

/** Epochs at multiples of both: every 10 s of 5 s and 10 s, every 6 s of 2 s and 3 s. */
function multipleOfBoth(a: number | undefined, b: number | undefined): number | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  let [divisor, rest] = [a, b];
  while (rest !== 0) [divisor, rest] = [rest, divisor % rest];
  return (a / divisor) * b;
}

const OBSERVATION_NUMBERS = Array.from({ length: 140 }, (_, index) => 1000 + index).filter((number) =>
  ['legacy-observation', 'msm'].includes(messageType(number).family),
);

/**
 * The numbers in both lists, without those in either, wherever that says the same. It does not where the second shape
 * names a message by the number that the first has given it, or by one that the first has dropped; then the numbers that
 * come through are listed one by one. A number that is dropped is dropped too where it would be made of a higher level.
 */
function composeLists(first: Shape, then: Shape, both: Shape): Lists {
  const dropped = [...new Set([...(first.messagesDropped ?? []), ...(then.messagesDropped ?? [])])];
  const plain: Lists = {
    messagesKept: inBoth(first.messagesKept, then.messagesKept),
    messagesDropped: dropped.length === 0 ? undefined : dropped,
  };
  const keeps = (lists: Lists, number: number): boolean =>
    planMessage({ ...both, ...lists }, number).kind !== 'drop';
  const comesThrough = (number: number): boolean => {
    const plan = planMessage(first, number);
    return plan.kind !== 'drop' && planMessage(then, numberOut(number, plan)).kind !== 'drop';
  };
  const named = [...(first.messagesKept ?? []), ...(then.messagesKept ?? []), ...dropped];
  const numbers = [...new Set([...OBSERVATION_NUMBERS, ...named])];
  if (numbers.every((number) => keeps(plain, number) === comesThrough(number))) return plain;
  const isListed = first.messagesKept !== undefined || then.messagesKept !== undefined;
  const messagesKept = isListed ? numbers.filter(comesThrough) : undefined;
  const tooMany = numbers.filter((number) => !comesThrough(number) && keeps({ messagesKept }, number));
  return { messagesKept, messagesDropped: tooMany.length === 0 ? undefined : tooMany };
}

function numberOut(messageNumber: number, plan: MessagePlan): number {
  if (plan.kind === 'msm') return messageNumber - plan.level + plan.levelOut;
  return plan.kind === 'legacy' ? plan.numberOut : messageNumber;
}
