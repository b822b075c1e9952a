// Which base a rover of a NEAR-type mountpoint gets: the nearest live one within reach, kept until another is nearer
// by more than the hysteresis, so that a rover on the line between two bases is not thrown to and fro.

import { distanceKm } from '../rtcm/geodesy.ts';
import { isServed, type ServesOnly } from './served-mountpoint.ts';

export interface BasePosition {
  readonly mountpoint: string;
  readonly latitudeDeg: number;
  readonly longitudeDeg: number;
  readonly servesOnly?: ServesOnly;
}

export interface NearestRule {
  /** Mountpoints to choose among; undefined = every live one. */
  readonly mountpoints: readonly string[] | undefined;
  readonly maxBaselineKm: number;
  readonly hysteresisKm: number;
}

/** Who is to have the nearest base, and where it is. */
export interface NearestAsk {
  readonly position: { readonly latitudeDeg: number; readonly longitudeDeg: number };
  /** What it has now. */
  readonly current: string | undefined;
  /** Whose account it has, see `isServed`. */
  readonly customerId?: string | null | undefined;
}

/** The mountpoint to have now, or undefined where no live base is within reach. */
export function chooseNearest(
  rule: NearestRule,
  live: readonly BasePosition[],
  { position, current, customerId }: NearestAsk,
): string | undefined {
  let best: string | undefined;
  let bestKm = Infinity;
  let currentKm = Infinity;
  for (const base of live) {
    if (rule.mountpoints !== undefined && !rule.mountpoints.includes(base.mountpoint)) continue;
    if (!isServed(base.servesOnly, customerId)) continue;
    const km = distanceKm(position.latitudeDeg, position.longitudeDeg, base.latitudeDeg, base.longitudeDeg);
    if (km > rule.maxBaselineKm) continue;
    if (base.mountpoint === current) currentKm = km;
    if (km < bestKm) {
      best = base.mountpoint;
      bestKm = km;
    }
  }
  return bestKm < currentKm - rule.hysteresisKm ? best : currentKm < Infinity ? current : best;
}
