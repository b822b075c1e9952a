// The orbits as designed, before any rounding: which satellites exist, in which planes and slots, with what small
// irregularities. Seeded; close enough to the real constellations that geometry and passes look like those outdoors.
import { RADIANS_PER_DEGREE } from './earth-frame.ts';
import { between, hash } from './seeded-random.ts';
import { type SimulatedSystem } from './simulated-signals.ts';

/** An orbit at the constellation's reference epoch; angles in radians, the node as geographic longitude. */
export interface NominalOrbit {
  readonly system: SimulatedSystem;
  readonly satelliteId: number;
  readonly seed: number;
  readonly semiMajorM: number;
  readonly e: number;
  readonly inclination: number;
  readonly nodeLongitude: number;
  readonly perigee: number;
  /** Angle from the node, along the orbit. */
  readonly latitudeArgument: number;
}

interface WalkerPattern {
  readonly system: SimulatedSystem;
  readonly semiMajorM: number;
  readonly inclinationDeg: number;
  readonly planes: number;
  readonly phasing: number;
  readonly eccentricityMax: number;
  readonly satelliteIds: readonly number[];
}

/** Pattern T/P/F: T satellites in P planes, neighboring planes F * 360 / T degrees apart along the orbit. */
const PATTERNS: readonly WalkerPattern[] = [
  {
    system: 'GPS',
    semiMajorM: 26_559_700,
    inclinationDeg: 55,
    planes: 6,
    phasing: 2,
    eccentricityMax: 0.018,
    satelliteIds: [...span(1, 22), ...span(24, 27), ...span(29, 32)],
  },
  {
    system: 'GLO',
    semiMajorM: 25_508_000,
    inclinationDeg: 64.8,
    planes: 3,
    phasing: 1,
    eccentricityMax: 0.002,
    satelliteIds: span(1, 24),
  },
  {
    system: 'GAL',
    semiMajorM: 29_599_800,
    inclinationDeg: 56,
    planes: 3,
    phasing: 1,
    eccentricityMax: 0.0005,
    satelliteIds: [1, 2, 3, 4, 5, 7, 8, 9, 10, 11, 12, 13, 15, 19, 21, 24, 25, 26, 27, 30, 31, 33, 34, 36],
  },
  {
    system: 'BDS',
    semiMajorM: 27_906_100,
    inclinationDeg: 55,
    planes: 3,
    phasing: 1,
    eccentricityMax: 0.001,
    satelliteIds: [11, 12, 14, ...span(19, 30), ...span(32, 37), ...span(44, 46)],
  },
];

/** BeiDou's inclined geosynchronous satellites and the longitudes that their figure eights are drawn around. */
const GEOSYNCHRONOUS: readonly (readonly [id: number, longitudeDeg: number])[] = [
  [6, 118],
  [7, 118],
  [8, 118],
  [9, 95],
  [10, 95],
  [13, 95],
  [16, 118],
  [38, 110],
  [39, 110],
  [40, 110],
];
const GEOSYNCHRONOUS_SEMI_MAJOR_M = 42_164_200;

/** All orbits of one system. */
export function nominalOrbits(system: SimulatedSystem, seed: number): readonly NominalOrbit[] {
  const orbits = PATTERNS.filter((pattern) => pattern.system === system).flatMap((pattern) =>
    walkerOrbits(pattern, seed),
  );
  return system === 'BDS' ? [...orbits, ...geosynchronousOrbits(seed)] : orbits;
}

function walkerOrbits(pattern: WalkerPattern, seed: number): NominalOrbit[] {
  const total = pattern.satelliteIds.length;
  const perPlane = total / pattern.planes;
  const firstNode = between(0, 2 * Math.PI, seed, pattern.semiMajorM);
  return pattern.satelliteIds.map((satelliteId, index) => {
    const plane = Math.floor(index / perPlane);
    const slot = index - plane * perPlane;
    const satelliteSeed = hash(seed, pattern.semiMajorM, satelliteId);
    return {
      system: pattern.system,
      satelliteId,
      seed: satelliteSeed,
      semiMajorM: pattern.semiMajorM + between(-300, 300, satelliteSeed, 1),
      e: between(0.1, 1, satelliteSeed, 2) * pattern.eccentricityMax,
      inclination: (pattern.inclinationDeg + between(-1, 1, satelliteSeed, 3)) * RADIANS_PER_DEGREE,
      nodeLongitude:
        firstNode + (2 * Math.PI * plane) / pattern.planes + between(-0.03, 0.03, satelliteSeed, 4),
      perigee: between(-Math.PI, Math.PI, satelliteSeed, 5),
      latitudeArgument:
        2 * Math.PI * (slot / perPlane + (pattern.phasing * plane) / total) +
        between(-0.1, 0.1, satelliteSeed, 6),
    };
  });
}

function geosynchronousOrbits(seed: number): NominalOrbit[] {
  return GEOSYNCHRONOUS.map(([satelliteId, longitudeDeg], index) => {
    const satelliteSeed = hash(seed, GEOSYNCHRONOUS_SEMI_MAJOR_M, satelliteId);
    const latitudeArgument =
      (2 * Math.PI * index) / GEOSYNCHRONOUS.length + between(0, 0.4, satelliteSeed, 6);
    return {
      system: 'BDS',
      satelliteId,
      seed: satelliteSeed,
      semiMajorM: GEOSYNCHRONOUS_SEMI_MAJOR_M,
      e: between(0.001, 0.005, satelliteSeed, 2),
      inclination: (55 + between(-1, 1, satelliteSeed, 3)) * RADIANS_PER_DEGREE,
      // The satellite turns as fast as the earth: it passes its node's longitude when its argument is zero.
      nodeLongitude: longitudeDeg * RADIANS_PER_DEGREE - latitudeArgument,
      perigee: between(-Math.PI, Math.PI, satelliteSeed, 5),
      latitudeArgument,
    };
  });
}

function span(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}
