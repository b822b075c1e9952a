// Pairs the epochs of two recordings in one pass. Both go forward in time, most of the time: what comes first in one and
// not in the other is in one only. Where time goes back (recordings put one behind the other, a base started anew), a
// look at what waits on the other side keeps them together.
//
//   before   10  11  12  13  14        before   100  101   50   51
//   after    10      12  13            after    100        50   51
//            ║   │   ║   ║   │                   ║    │    ║    ║

import { type EpochGroup, isSameEpoch, timeBetweenMs } from './epoch-group.ts';

/** Groups that should wait on each side before a step. */
export const GROUPS_AHEAD = 32;

export type EpochStep =
  | { readonly kind: 'pair'; readonly before: EpochGroup; readonly after: EpochGroup }
  | { readonly kind: 'only-before'; readonly group: EpochGroup }
  | { readonly kind: 'only-after'; readonly group: EpochGroup };

/** Takes the next step off the two lines; undefined where both are empty. An empty line has to be at its end. */
export function nextStep(before: EpochGroup[], after: EpochGroup[]): EpochStep | undefined {
  const first = before[0];
  const other = after[0];
  if (first === undefined && other === undefined) return undefined;
  if (first === undefined) return { kind: 'only-after', group: after.shift()! };
  if (other === undefined) return { kind: 'only-before', group: before.shift()! };
  if (isSameEpoch(first, other)) {
    before.shift();
    after.shift();
    gatherRest(other, after, first, before[0]);
    gatherRest(first, before, other, after[0]);
    return { kind: 'pair', before: first, after: other };
  }
  const inAfter = placeOf(after, (group) => isSameEpoch(first, group));
  const inBefore = placeOf(before, (group) => isSameEpoch(group, other));
  const goesBefore = inAfter === inBefore ? timeBetweenMs(first, other) >= 0 : inBefore < inAfter;
  return goesBefore
    ? { kind: 'only-before', group: before.shift()! }
    : { kind: 'only-after', group: after.shift()! };
}

/**
 * Puts to `group` what stands behind it in its line and is of the same epoch by what `partner` says of each system's
 * time: a sender that did not know yet how its systems' clocks differ has cut the epoch into pieces.
 */
function gatherRest(
  group: EpochGroup,
  line: EpochGroup[],
  partner: EpochGroup,
  afterPartner: EpochGroup | undefined,
): void {
  for (let rest = line[0]; rest !== undefined; rest = line[0]) {
    const isPiece =
      rest.station === group.station &&
      rest.times.every((time, system) => isNaN(time) || time === partner.times[system]);
    if (!isPiece || (afterPartner !== undefined && isSameEpoch(rest, afterPartner))) return;
    group.observations.push(...rest.observations);
    line.shift();
  }
}

/** How many have to go before it is first; Infinity where it is not among the next. */
function placeOf(line: readonly EpochGroup[], isIt: (group: EpochGroup) => boolean): number {
  for (let index = 1; index < Math.min(line.length, GROUPS_AHEAD); index++) {
    if (isIt(line[index]!)) return index;
  }
  return Infinity;
}
