// What is to become of a grant now. Pure.

import { satisfies } from '../../entitlements/version.ts';
import { type EndReason, isDoubted, type KeptGrant, type VehicleState } from './state.ts';

export type Judgment =
  | { readonly kind: 'go' }
  | { readonly kind: 'wait'; readonly for: 'start' | 'contact' | 'package' | 'grant' }
  | { readonly kind: 'end'; readonly reason: EndReason };

/** Whether its functions may be on now. */
export function judge(grant: KeptGrant, state: VehicleState, nowMs: number): Judgment {
  const { right } = grant;
  if (grant.standing === 'ended') return { kind: 'end', reason: 'revoked' };
  const nowS = nowMs / 1000;
  if (right.endsAt !== null && right.endsAt <= nowS) return { kind: 'end', reason: 'expired' };
  const lease = right.uses === null ? undefined : state.leases[right.leaseId];
  if (lease?.isFrozen === true) return { kind: 'end', reason: 'storage_rolled_back' };
  if (right.uses !== null && (lease?.used ?? 0) >= right.uses) return { kind: 'end', reason: 'used_up' };
  if (isDoubted(grant, state)) return { kind: 'wait', for: 'grant' };
  const installed = state.installed[grant.partNumber];
  if (installed === undefined) return { kind: 'wait', for: 'package' };
  if (!satisfies(installed, right)) {
    const isAbove =
      right.versionRule === 'exact' && satisfies(installed, { ...right, versionRule: 'at_least' });
    return isAbove ? { kind: 'end', reason: 'version_above_exact' } : { kind: 'wait', for: 'package' };
  }
  if (right.startsAt > nowS) return { kind: 'wait', for: 'start' };
  if (offlineUntilS(grant, state) <= nowS) return { kind: 'wait', for: 'contact' };
  return { kind: 'go' };
}

/** Until when it may be used without word of the cloud: `ttl` from its making or from the last contact, the later one. */
export function offlineUntilS({ iat, ttl }: KeptGrant, { contactMs }: VehicleState): number {
  return Math.max(iat, contactMs / 1000) + ttl;
}
