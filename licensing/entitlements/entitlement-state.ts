// What an entitlement can be, and what changes it: one table. Whoever changes one asks here; nobody else knows an order.
//
//             ┌── begin ─── waiting ──────────────────────────┐ revoke, refund, transfer
//             ▼                                               ▼
//   grant ▶ active ◀─ resume ── suspended ── revoke ──────▶ revoked
//            │ │ └─── suspend ────▶ │  │ └─── refund ─────▶ refunded ◀─ refund ── expired, used_up, replaced
//            │ │                    │  └───── transfer ───▶ transferred
//            │ └── expire, use_up ──┴───────────────────▶ expired, used_up
//            └──── replace ─▶ replaced ── restore ─▶ active
//
// waiting    bought while another right to the same part is in force: it begins when that one ends
// replaced   a right to a higher version, or for longer, is in force instead; it comes back when that one ends

import type { EntitlementsTable } from '../../platform/store/tables/entitlement-tables.ts';

export const ENTITLEMENT_STATES = [
  'waiting',
  'active',
  'suspended',
  'replaced',
  'revoked',
  'refunded',
  'transferred',
  'expired',
  'used_up',
] as const satisfies readonly EntitlementsTable['state'][];

export type EntitlementState = EntitlementsTable['state'];

interface Transition {
  readonly from: readonly EntitlementState[];
  readonly to: EntitlementState;
}

const TRANSITIONS = {
  begin: { from: ['waiting'], to: 'active' },
  suspend: { from: ['active'], to: 'suspended' },
  resume: { from: ['suspended'], to: 'active' },
  replace: { from: ['active'], to: 'replaced' },
  restore: { from: ['replaced'], to: 'active' },
  expire: { from: ['active', 'suspended'], to: 'expired' },
  use_up: { from: ['active', 'suspended'], to: 'used_up' },
  revoke: { from: ['waiting', 'active', 'suspended', 'replaced'], to: 'revoked' },
  // Money may come back long after the right has ended.
  refund: { from: ['waiting', 'active', 'suspended', 'replaced', 'expired', 'used_up'], to: 'refunded' },
  transfer: { from: ['waiting', 'active', 'suspended', 'replaced'], to: 'transferred' },
} as const satisfies Record<string, Transition>;

export type EntitlementTransition = keyof typeof TRANSITIONS;

/** What history rows name: transitions, and changes that leave the state as it is. */
export type EntitlementChangeName = EntitlementTransition | 'grant' | 'cover' | 'count_uses';

/** Undefined where that cannot happen to an entitlement of this state. */
export function after(
  state: EntitlementState,
  transition: EntitlementTransition,
): EntitlementState | undefined {
  const { from, to }: Transition = TRANSITIONS[transition];
  return from.includes(state) ? to : undefined;
}

/** True for the one right to a part that counts now, or would if it were not suspended. */
export function isHolding(state: EntitlementState): boolean {
  return state === 'active' || state === 'suspended';
}
