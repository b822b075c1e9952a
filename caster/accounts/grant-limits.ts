// What a grant holds a running rover to. Admission decides it on the main thread; the worker enforces it alone, so that
// a stalled main thread neither ends a stream nor lets one run on.

import type { Shape } from '../rtcm/reshape/shape.ts';
import type { NearestRule } from '../stream/nearest.ts';

/** Longitude and latitude in degrees, north and east positive, as GeoJSON has them. */
export type AreaCorner = readonly [longitudeDeg: number, latitudeDeg: number];

/**
 * A polygon need not repeat its first corner. Its edges are straight in longitude and latitude (RFC 7946) and go the
 * shorter way round the Earth, so one may cross the antimeridian; holes are what is not part of it.
 */
export type GrantArea =
  | { readonly polygon: readonly AreaCorner[]; readonly holes?: readonly (readonly AreaCorner[])[] }
  | { readonly center: AreaCorner; readonly radiusKm: number };

/** What is absent is no limit. */
export interface GrantLimits {
  /** Wall time, ms since 1970: the session ends then with `grant_expired`. */
  readonly untilMs?: number | undefined;
  /** A known position outside ends the session with `left_area`. */
  readonly area?: GrantArea | undefined;
  /**
   * Without a position for this long, from the start or the last one, the session ends with `gga_missing`. A GGA whose
   * quality is 0 (no fix) is none.
   */
  readonly gga?: { readonly withinMs: number } | undefined;
  /** Serves the nearest base by this rule, whatever name was asked for; goes before the mountpoint's own. */
  readonly nearest?: NearestRule | undefined;
  /** Whose account it is, null for the operator's: given where the nearest base is served, by which rule ever. */
  readonly customerId?: string | null | undefined;
  /** What is made of the stream before the rover gets it; absent where it gets what the base sends. */
  readonly shape?: Shape | undefined;
  /** The mountpoint whose stream that is, where what was asked for is a shape of it; `nearest` goes before it. */
  readonly of?: string | undefined;
}

export const NO_LIMITS: GrantLimits = {};
