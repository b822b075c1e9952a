// One part of one vehicle: of all entitlements to it, one at a time is in force. Which one, and until when the vehicle
// may count on it, is decided here, and only computed: no store, no clock.
//
//   the same again      waits, and begins when the one before ends
//   above it            (higher version, for ever, more functions) is in force at once; the other one is set aside, its
//                       time runs on, and what is left of it comes back when the one above ends
//   anything else       waits

import { isHolding } from './entitlement-state.ts';
import { type Entitlement, isAbove, isSameButTime, type Rights, rightsOf } from './rights.ts';

export type Place = 'in_force' | 'instead' | 'waiting';

/** Where a new one goes beside the one that holds the part. A suspended one keeps its place. */
export function placeBeside(holder: Entitlement | undefined, rights: Rights): Place {
  if (holder === undefined) return 'in_force';
  return holder.state === 'active' && isAbove(rights, rightsOf(holder)) ? 'instead' : 'waiting';
}

/** When one that begins at `startsAt` ends. */
export function endOf(startsAt: number, validSeconds: number | null): number | null {
  return validSeconds === null ? null : startsAt + validSeconds * 1000;
}

/** Which of those that are waiting or set aside is in force when the part is free at `atMs`. `rows` by age. */
export function nextOf(rows: readonly Entitlement[], atMs: number): Entitlement | undefined {
  const waiting = rows.filter(({ state }) => state === 'waiting');
  const back = rows
    .filter((row) => row.state === 'replaced' && isLeft(row, atMs))
    .reduce<Entitlement | undefined>(
      (best, row) => (best === undefined || isAbove(rightsOf(row), rightsOf(best)) ? row : best),
      undefined,
    );
  if (back === undefined) return waiting[0];
  return waiting.find((row) => isAbove(rightsOf(row), rightsOf(back))) ?? back;
}

/** Until when the part stays as it is with `holder`, by itself and by what follows it; null is for ever. */
export function coveredUntil(holder: Entitlement, others: readonly Entitlement[]): number | null {
  let rest = others.filter(({ id }) => id !== holder.id);
  for (let end = holder.ends_at; ;) {
    if (end === null) return null;
    const next = nextOf(rest, end);
    if (next === undefined || !isSameButTime(rightsOf(holder), rightsOf(next))) return end;
    end = next.state === 'waiting' ? endOf(end, next.valid_seconds) : next.ends_at;
    rest = rest.filter(({ id }) => id !== next.id);
  }
}

/** True while the right may be used. */
export function isInForce(row: Entitlement, nowMs: number): boolean {
  return row.state === 'active' && isLeft({ ...row, ends_at: row.covered_until }, nowMs);
}

export function holderOf(rows: readonly Entitlement[]): Entitlement | undefined {
  return rows.find(({ state }) => isHolding(state));
}

function isLeft(row: Entitlement, atMs: number): boolean {
  return (row.ends_at === null || row.ends_at > atMs) && row.uses_left !== 0;
}
