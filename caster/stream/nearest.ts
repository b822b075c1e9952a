// Which base a rover of a NEAR-type mountpoint gets: the nearest live one within reach, kept until another is nearer
// by more than the hysteresis, so that a rover on the line between two bases is not thrown to and fro.

import { distanceKm } from '../rtcm/geodesy.ts';

export interface BasePosition {
  readonly mountpoint: string;
  readonly latitudeDeg: number;
  readonly longitudeDeg: number;
}

export interface NearestRule {
  /** Mountpoints to choose among; undefined = every live one. */
  readonly mountpoints: readonly string[] | undefined;
  readonly maxBaselineKm: number;
  readonly hysteresisKm: number;
}

/** The mountpoint to have now, or undefined where no live base is within reach. `current` is what the rover has. */
export function chooseNearest(
  rule: NearestRule,
  live: readonly BasePosition[],
  position: { latitudeDeg: number; longitudeDeg: number },
  current: string | undefined,
): string | undefined {
  let best: string | undefined;
  let bestKm = Infinity;
  let currentKm = Infinity;
  for (const base of live) {
    if (rule.mountpoints !== undefined && !rule.mountpoints.includes(base.mountpoint)) continue;
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
