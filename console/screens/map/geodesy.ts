// Places on the Earth: what a base says of itself in ECEF as latitude and longitude, and how far two places are apart.
// Pure.

export interface Place {
  readonly latitudeDeg: number;
  readonly longitudeDeg: number;
}

/** WGS 84. */
const SEMI_MAJOR_M = 6_378_137;
const FLATTENING = 1 / 298.257_223_563;
const ECCENTRICITY_SQUARED = FLATTENING * (2 - FLATTENING);
const MEAN_RADIUS_KM = 6371.0088;
/** Bowring's formula is exact to a millimeter at once; a station nearer to the center of the Earth says nothing true. */
const RADIUS_MIN_M = 6_000_000;

const degrees = (radians: number): number => (radians * 180) / Math.PI;
const radians = (deg: number): number => (deg * Math.PI) / 180;

/** Undefined for a position that is none, such as zeros from a base that has not been told its own. */
export function placeOf([x, y, z]: readonly [number, number, number]): Place | undefined {
  if (!(Math.hypot(x, y, z) > RADIUS_MIN_M)) return undefined;
  const semiMinor = SEMI_MAJOR_M * (1 - FLATTENING);
  const fromAxis = Math.hypot(x, y);
  const theta = Math.atan2(z * SEMI_MAJOR_M, fromAxis * semiMinor);
  const secondEccentricity = ECCENTRICITY_SQUARED / (1 - ECCENTRICITY_SQUARED);
  const latitude = Math.atan2(
    z + secondEccentricity * semiMinor * Math.sin(theta) ** 3,
    fromAxis - ECCENTRICITY_SQUARED * SEMI_MAJOR_M * Math.cos(theta) ** 3,
  );
  return { latitudeDeg: degrees(latitude), longitudeDeg: degrees(Math.atan2(y, x)) };
}

/** Along the surface of a sphere: within half a percent, which is more than a map shows. */
export function distanceKm(a: Place, b: Place): number {
  const [from, to] = [radians(a.latitudeDeg), radians(b.latitudeDeg)];
  const halfLatitude = Math.sin((to - from) / 2) ** 2;
  const halfLongitude = Math.sin(radians(b.longitudeDeg - a.longitudeDeg) / 2) ** 2;
  return (
    2 *
    MEAN_RADIUS_KM *
    Math.asin(Math.min(1, Math.sqrt(halfLatitude + Math.cos(from) * Math.cos(to) * halfLongitude)))
  );
}
