// Questions to the scripts of the slices and their answers, as Redis takes and gives them.

import { SLICE_NUMBER_MAX } from '../../../../config/limits.ts';
import type { SliceAsk, SliceWord } from './purse-slice.ts';

/** Credit of whoever has no end. */
export const ENDLESS_MICROS = BigInt(SLICE_NUMBER_MAX);

/** Of one purse, behind its name. */
export function argsOf({ version, micros, creditMicros, keptMicros, wishMicros }: SliceAsk): string[] {
  const amounts = [micros, creditMicros, notBelowZero(keptMicros), notBelowZero(wishMicros)];
  return [String(version), ...amounts.map((amount) => String(within(amount)))];
}

const notBelowZero = (micros: bigint): bigint => (micros < 0n ? 0n : micros);

/** Lua reckons in floating point. Who has more than this has more than enough. */
function within(micros: bigint): bigint {
  if (micros > ENDLESS_MICROS) return ENDLESS_MICROS;
  return micros < -ENDLESS_MICROS ? -ENDLESS_MICROS : micros;
}

/** Purses and what the place holds of them; undefined where this was of an older connection. */
export function readHeld(answer: unknown): Map<string, bigint> | undefined {
  if (answer === null) return undefined;
  if (!Array.isArray(answer)) throw new Error('Redis gave no list of holds');
  const held = new Map<string, bigint>();
  for (let at = 0; at < answer.length; at += 2) held.set(String(answer[at]), microsOf(answer[at + 1]));
  return held;
}

/** In the order of the questions; undefined where the place must begin anew. */
export function readWords(answer: unknown): SliceWord[] | undefined {
  if (answer === null) return undefined;
  if (!Array.isArray(answer)) throw new Error('Redis gave no list of slices');
  return answer.map((word: unknown) => {
    if (!Array.isArray(word)) throw new Error('Redis gave no slice');
    const [hold, micros, others, holders, complete] = word as unknown[];
    return {
      holdMicros: microsOf(hold),
      balanceMicros: microsOf(micros),
      othersMicros: microsOf(others),
      holders: Number(holders),
      isComplete: complete === 1,
    };
  });
}

function microsOf(value: unknown): bigint {
  if (typeof value !== 'number') throw new Error('Redis gave no amount');
  return BigInt(value);
}
