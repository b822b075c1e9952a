// Step 8: what the worker holds the stream to.

import { NEAREST_HYSTERESIS_KM } from '../../../config/limits.ts';
import type { NearestRule } from '../../stream/nearest.ts';
import type { AccountRecord } from '../directory-records.ts';
import type { GrantLimits } from '../grant-limits.ts';
import type { ServiceSpec } from '../service-spec.ts';

/** `near` is the rule of the mountpoint itself, where it is one that gives the nearest base. */
export function limitsOf(
  account: AccountRecord,
  spec: ServiceSpec,
  hasOwnSpec: boolean,
  near: NearestRule | undefined,
): GrantLimits {
  return {
    untilMs: account.validUntilMs,
    area: spec.area,
    gga: spec.ggaRequired === undefined ? undefined : { withinMs: spec.ggaRequired.withinS * 1000 },
    nearest: nearestOf(spec, hasOwnSpec, near),
  };
}

function nearestOf(
  spec: ServiceSpec,
  hasOwnSpec: boolean,
  near: NearestRule | undefined,
): NearestRule | undefined {
  if (spec.ignoreMountpoint) {
    const { mountpoints, maxBaselineKm } = spec;
    return { mountpoints, maxBaselineKm, hysteresisKm: Math.min(NEAREST_HYSTERESIS_KM, maxBaselineKm / 2) };
  }
  if (near === undefined || !hasOwnSpec) return undefined;
  const both = spec.mountpoints?.filter((name) => near.mountpoints?.includes(name) ?? true) ?? [];
  return {
    mountpoints: both.length === 0 ? near.mountpoints : both,
    maxBaselineKm: Math.min(near.maxBaselineKm, spec.maxBaselineKm),
    hysteresisKm: near.hysteresisKm,
  };
}
