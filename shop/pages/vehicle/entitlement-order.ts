// Which rights of a vehicle stand first, and which are over.

import type { Entitlement } from '../../../console/api/api-types.ts';

type State = Entitlement['state'];

/** What is in force first, then what is stopped, then what comes. */
const FIRST: readonly State[] = ['active', 'suspended', 'replaced', 'waiting'];

export function isOver({ state }: Pick<Entitlement, 'state'>): boolean {
  return !FIRST.includes(state);
}

/** Of equal state the one that ends first: that is what a driver has to look after. */
export function ordered<One extends Pick<Entitlement, 'state' | 'endsAt'>>(
  entitlements: readonly One[],
): One[] {
  const endOf = ({ endsAt }: One): number => (endsAt === null ? Infinity : Date.parse(endsAt));
  return entitlements.toSorted(
    (a, b) => FIRST.indexOf(a.state) - FIRST.indexOf(b.state) || compare(endOf(a), endOf(b)),
  );
}

/** Two that never end are alike. */
function compare(a: number, b: number): number {
  return a === b ? 0 : a - b;
}
