// Running sessions of the configuration file at mountpoints that are, were or have become a shape of another. Those of
// accounts of the store are looked at with everything else of theirs (running-grants.ts).

import { type Derivation, limitsAt } from '../caster/accounts/derived-limits.ts';
import { type GrantLimits, NO_LIMITS } from '../caster/accounts/grant-limits.ts';
import type { Session } from '../caster/accounts/session-registry.ts';
import type { ServedConfig } from '../caster/stream/served-mountpoint.ts';

export interface ChangedGrant {
  readonly session: Session;
  readonly limits: GrantLimits;
}

export function changedGrants(
  sessions: Iterable<Session>,
  before: ServedConfig,
  now: ServedConfig,
): ChangedGrant[] {
  const [was, is] = [derivations(before), derivations(now)];
  if (was.size === 0 && is.size === 0) return [];
  return [...sessions].flatMap((session) => {
    const { role, accountId, mountpoint } = session;
    if (role === 'base' || accountId !== undefined) return [];
    const limits = limitsAt(is.get(mountpoint), NO_LIMITS);
    const old = limitsAt(was.get(mountpoint), NO_LIMITS);
    return JSON.stringify(limits) === JSON.stringify(old) ? [] : [{ session, limits }];
  });
}

function derivations({ mountpoints }: ServedConfig): ReadonlyMap<string, Derivation> {
  return new Map(mountpoints.filter(({ of }) => of !== undefined).map((each) => [each.name, each]));
}
