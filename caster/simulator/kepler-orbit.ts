// Position and clock from Keplerian broadcast elements: IS-GPS-200 20.3.3.4.3, Galileo OS SIS ICD 5.1.1, BDS-SIS-ICD
// B1I 5.2.4.12 (medium and inclined orbits; geostationary ones would need a further rotation and are not simulated).
import { type EphemerisValues } from './ephemeris-layout.ts';
import { type Ecef } from './earth-frame.ts';
import { type SatelliteMotion } from './motion.ts';
import { type SimulatedSystem } from './simulated-signals.ts';

const LIGHT_SPEED = 299_792_458;

export const GRAVITY: Readonly<Record<Exclude<SimulatedSystem, 'GLO'>, number>> = {
  GPS: 3.986005e14,
  GAL: 3.986004418e14,
  BDS: 3.986004418e14,
};

export const EARTH_RATE: Readonly<Record<Exclude<SimulatedSystem, 'GLO'>, number>> = {
  GPS: 7.2921151467e-5,
  GAL: 7.2921151467e-5,
  BDS: 7.292115e-5,
};

/** Half the span over which velocity and acceleration are taken as differences. */
const DIFFERENCE_S = 0.1;

interface PositionAndClock {
  readonly position: Ecef;
  readonly clockS: number;
}

/** Motion `sinceToeS` after the elements' reference time (toc is assumed equal to toe). */
export function keplerMotion(
  system: Exclude<SimulatedSystem, 'GLO'>,
  elements: EphemerisValues,
  sinceToeS: number,
): SatelliteMotion {
  const before = positionAndClock(system, elements, sinceToeS - DIFFERENCE_S);
  const now = positionAndClock(system, elements, sinceToeS);
  const after = positionAndClock(system, elements, sinceToeS + DIFFERENCE_S);
  const first = (axis: keyof Ecef) => (after.position[axis] - before.position[axis]) / (2 * DIFFERENCE_S);
  const second = (axis: keyof Ecef) =>
    (after.position[axis] - 2 * now.position[axis] + before.position[axis]) / DIFFERENCE_S ** 2;
  return {
    position: now.position,
    velocity: { x: first('x'), y: first('y'), z: first('z') },
    acceleration: { x: second('x'), y: second('y'), z: second('z') },
    clockS: now.clockS,
    clockRate: (after.clockS - before.clockS) / (2 * DIFFERENCE_S),
  };
}

function positionAndClock(
  system: Exclude<SimulatedSystem, 'GLO'>,
  elements: EphemerisValues,
  sinceToeS: number,
): PositionAndClock {
  const gravity = GRAVITY[system];
  const earthRate = EARTH_RATE[system];
  const { e, sqrtA } = elements;
  const semiMajorM = sqrtA * sqrtA;
  const meanMotion = Math.sqrt(gravity / semiMajorM ** 3) + elements.deltaN;
  const eccentric = solveKepler(elements.m0 + meanMotion * sinceToeS, e);
  const sinE = Math.sin(eccentric);
  const cosE = Math.cos(eccentric);

  const argument = Math.atan2(Math.sqrt(1 - e * e) * sinE, cosE - e) + elements.omega;
  const sin2 = Math.sin(2 * argument);
  const cos2 = Math.cos(2 * argument);
  const latitudeArgument = argument + elements.cus * sin2 + elements.cuc * cos2;
  const radiusM = semiMajorM * (1 - e * cosE) + elements.crs * sin2 + elements.crc * cos2;
  const inclination = elements.i0 + elements.idot * sinceToeS + elements.cis * sin2 + elements.cic * cos2;
  const node = elements.omega0 + (elements.omegaDot - earthRate) * sinceToeS - earthRate * elements.toe;

  const inPlaneX = radiusM * Math.cos(latitudeArgument);
  const inPlaneY = radiusM * Math.sin(latitudeArgument);
  const flatY = inPlaneY * Math.cos(inclination);
  return {
    position: {
      x: inPlaneX * Math.cos(node) - flatY * Math.sin(node),
      y: inPlaneX * Math.sin(node) + flatY * Math.cos(node),
      z: inPlaneY * Math.sin(inclination),
    },
    clockS:
      elements.af0 +
      elements.af1 * sinceToeS -
      (2 * Math.sqrt(gravity) * sqrtA * e * sinE) / LIGHT_SPEED ** 2,
  };
}

/** Eccentric anomaly by Newton's method: a handful of rounds at the eccentricities of navigation satellites. */
function solveKepler(meanAnomaly: number, e: number): number {
  let eccentric = meanAnomaly;
  for (let round = 0; round < 12; round++) {
    const step = (eccentric - e * Math.sin(eccentric) - meanAnomaly) / (1 - e * Math.cos(eccentric));
    eccentric -= step;
    if (Math.abs(step) < 1e-14) break;
  }
  return eccentric;
}
