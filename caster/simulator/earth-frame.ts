// WGS 84: earth-centered, geodetic and local coordinates. Pure geometry, no satellites.
import { type GeodeticPosition, geodeticOfEcef } from '../rtcm/geodesy.ts';

/** Earth-centered, earth-fixed; meters, or meters per second for a velocity. */
export interface Ecef {
  readonly x: number;
  readonly y: number;
  readonly z: number;
}

/** Local coordinates, meters. */
export interface EastNorthUp {
  readonly eastM: number;
  readonly northM: number;
  readonly upM: number;
}

const SEMI_MAJOR_AXIS_M = 6_378_137;
const FLATTENING = 1 / 298.257223563;
const ECCENTRICITY_SQUARED = FLATTENING * (2 - FLATTENING);

export const RADIANS_PER_DEGREE = Math.PI / 180;

export function ecefOfGeodetic(position: GeodeticPosition): Ecef {
  const latitude = position.latitudeDeg * RADIANS_PER_DEGREE;
  const longitude = position.longitudeDeg * RADIANS_PER_DEGREE;
  const normal = SEMI_MAJOR_AXIS_M / Math.sqrt(1 - ECCENTRICITY_SQUARED * Math.sin(latitude) ** 2);
  const across = (normal + position.heightM) * Math.cos(latitude);
  return {
    x: across * Math.cos(longitude),
    y: across * Math.sin(longitude),
    z: (normal * (1 - ECCENTRICITY_SQUARED) + position.heightM) * Math.sin(latitude),
  };
}

/** Of a place that a receiver can be at: anywhere but near the earth's center. */
export function geodeticOf({ x, y, z }: Ecef): GeodeticPosition {
  const position = geodeticOfEcef(x, y, z);
  if (!position) throw new RangeError(`(${x}, ${y}, ${z}) is no place for a receiver`);
  return position;
}

/** The local axes at a place, as unit vectors: computed once per place, used for every satellite. */
export interface LocalFrame {
  readonly east: Ecef;
  readonly north: Ecef;
  readonly up: Ecef;
}

export function localFrameAt(position: GeodeticPosition): LocalFrame {
  const sinLat = Math.sin(position.latitudeDeg * RADIANS_PER_DEGREE);
  const cosLat = Math.cos(position.latitudeDeg * RADIANS_PER_DEGREE);
  const sinLon = Math.sin(position.longitudeDeg * RADIANS_PER_DEGREE);
  const cosLon = Math.cos(position.longitudeDeg * RADIANS_PER_DEGREE);
  return {
    east: { x: -sinLon, y: cosLon, z: 0 },
    north: { x: -sinLat * cosLon, y: -sinLat * sinLon, z: cosLat },
    up: { x: cosLat * cosLon, y: cosLat * sinLon, z: sinLat },
  };
}

/** `origin` moved by a local offset. */
export function displace(origin: Ecef, frame: LocalFrame, offset: EastNorthUp): Ecef {
  const { east, north, up } = frame;
  return {
    x: origin.x + east.x * offset.eastM + north.x * offset.northM + up.x * offset.upM,
    y: origin.y + east.y * offset.eastM + north.y * offset.northM + up.y * offset.upM,
    z: origin.z + north.z * offset.northM + up.z * offset.upM,
  };
}

/** Angles, radians, at which a unit vector leaves the place of `frame`; azimuth from north over east. */
export function directionAngles(frame: LocalFrame, unit: Ecef): { elevation: number; azimuth: number } {
  const east = dot(frame.east, unit);
  const north = dot(frame.north, unit);
  return { elevation: Math.asin(dot(frame.up, unit)), azimuth: Math.atan2(east, north) };
}

export function dot(a: Ecef, b: Ecef): number {
  return a.x * b.x + a.y * b.y + a.z * b.z;
}
