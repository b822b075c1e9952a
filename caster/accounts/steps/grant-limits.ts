// Step 8: what the worker holds the stream to.

import { NEAREST_HYSTERESIS_KM } from '../../../config/limits.ts';
import type { NearestRule } from '../../stream/nearest.ts';
import type { AccountRecord, AppRecord } from '../directory-records.ts';
import { limitsAt, type Serving } from '../derived-limits.ts';
import type { GrantLimits } from '../grant-limits.ts';
import { type ServiceSpec, shapeOf } from '../service-spec.ts';
import type { ServiceTerms } from '../service-terms.ts';

/** Who is granted, and by which of the app's secrets, where one signed. */
export interface GrantParty {
  readonly app: AppRecord;
  readonly account: AccountRecord;
  readonly secret: string | undefined;
}

/** `serving` is of the mountpoint that is asked for: what it gives by itself counts unless the spec ignores the name. */
export function limitsOf(
  { app, account, secret }: GrantParty,
  { spec, specId }: ServiceTerms,
  serving: Serving,
): GrantLimits {
  const { near } = serving;
  const isNearest = spec.ignoreMountpoint || near !== undefined;
  const limits = {
    untilMs: untilMsOf(app, account, secret),
    area: spec.area,
    gga: spec.ggaRequired === undefined ? undefined : { withinMs: spec.ggaRequired.withinS * 1000 },
    shape: shapeOf(spec),
    nearest: nearestOf(spec, specId !== undefined, near),
    ...(isNearest ? { customerId: app.customerId } : undefined),
  };
  return spec.ignoreMountpoint ? limits : limitsAt(serving, limits);
}

/** What an app's old secret has signed is good no longer than that secret. */
function untilMsOf(
  { secret: current, previousSecret }: AppRecord,
  { validUntilMs }: AccountRecord,
  used: string | undefined,
): number | undefined {
  const isOld = used !== undefined && used !== current && used === previousSecret?.secret;
  return isOld ? Math.min(validUntilMs ?? Infinity, previousSecret.untilMs) : validUntilMs;
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
