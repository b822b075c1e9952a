// A GPS, Galileo or BeiDou satellite: from its nominal orbit it issues broadcast elements, and flies exactly what they
// say. At a change of issue its path and clock therefore step by some centimeters (the message's rounding), for all
// receivers alike.
import { type EphemerisValues, encodeEphemeris } from './ephemeris-layout.ts';
import { bdtMs, gpsMsFromBdtMs, gpsWeek, MS_PER_WEEK } from './gps-time.ts';
import { EARTH_RATE, GRAVITY, keplerMotion } from './kepler-orbit.ts';
import { type BroadcastIssue } from './motion.ts';
import { type NominalOrbit } from './nominal-orbit.ts';
import { createSatelliteClock } from './satellite-clock.ts';
import { between } from './seeded-random.ts';
import { type SimulatedSystem } from './simulated-signals.ts';

type KeplerSystem = Exclude<SimulatedSystem, 'GLO'>;

interface IssuePlan {
  readonly messageNumber: number;
  readonly intervalMs: number;
  /** Galileo data are used only after their reference time (RTKLIB refuses others); the rest around it. */
  readonly referencePassed: boolean;
  /** Modulus of the issue-of-data field. */
  readonly issues: number;
  readonly accuracyIndex: number;
  readonly weekOffset: number;
  readonly weekModulus: number;
  readonly omegaDot: number;
}

const PLANS: Readonly<Record<KeplerSystem, IssuePlan>> = {
  GPS: {
    messageNumber: 1019,
    intervalMs: 7_200_000,
    referencePassed: false,
    issues: 256,
    accuracyIndex: 0,
    weekOffset: 0,
    weekModulus: 1024,
    omegaDot: -8.2e-9,
  },
  GAL: {
    messageNumber: 1046,
    intervalMs: 3_600_000,
    referencePassed: true,
    issues: 1024,
    accuracyIndex: 107, // 3.12 m, the usual SISA
    weekOffset: 1024,
    weekModulus: 4096,
    omegaDot: -5.6e-9,
  },
  BDS: {
    messageNumber: 1042,
    intervalMs: 3_600_000,
    referencePassed: false,
    issues: 32,
    accuracyIndex: 0,
    weekOffset: 1356,
    weekModulus: 8192,
    omegaDot: -6.8e-9,
  },
};

const ANGLE_RATE_UNIT = 2 ** -43 * Math.PI;
const SQRT_A_UNIT = 2 ** -19;

/** Returns the function that gives the issue in force at a moment; it remembers the latest one. */
export function createKeplerSatellite(
  system: KeplerSystem,
  orbit: NominalOrbit,
  referenceMs: number,
): (gpsMs: number) => BroadcastIssue {
  const plan = PLANS[system];
  const valuesAt = createElements(system, orbit, referenceMs);
  let latest: BroadcastIssue | undefined;
  return (gpsMs) => {
    const index = issueIndexAt(system, gpsMs);
    if (latest?.index === index) return latest;
    const toeMs = system === 'BDS' ? gpsMsFromBdtMs(index * plan.intervalMs) : index * plan.intervalMs;
    const { values, frame } = encodeEphemeris(system, valuesAt(index, toeMs));
    latest = {
      index,
      frame,
      motionAt: (momentMs) => keplerMotion(system, values, (momentMs - toeMs) / 1000),
    };
    return latest;
  };
}

function issueIndexAt(system: KeplerSystem, gpsMs: number): number {
  const { intervalMs, referencePassed } = PLANS[system];
  const systemMs = system === 'BDS' ? bdtMs(gpsMs) : gpsMs;
  return referencePassed ? Math.ceil(systemMs / intervalMs) - 1 : Math.floor(systemMs / intervalMs + 0.5);
}

/** The elements before rounding, as a function of the issue: constant but for what moves with time. */
function createElements(system: KeplerSystem, orbit: NominalOrbit, referenceMs: number) {
  const plan = PLANS[system];
  const { seed } = orbit;
  const clock = createSatelliteClock(seed);
  // Rates are rounded beforehand: then one issue leads to where the next begins, but for the rounding of its angles.
  const sqrtA = roundTo(Math.sqrt(orbit.semiMajorM), SQRT_A_UNIT);
  const deltaN = roundTo(between(3.5e-9, 5.5e-9, seed, 11), ANGLE_RATE_UNIT);
  const omegaDot = roundTo(plan.omegaDot * between(0.95, 1.05, seed, 12), ANGLE_RATE_UNIT);
  const idot = roundTo(between(-3e-11, 3e-11, seed, 13), ANGLE_RATE_UNIT);
  const meanMotion = Math.sqrt(GRAVITY[system] / sqrtA ** 6) + deltaN;
  const earthRate = EARTH_RATE[system];
  const harmonics = {
    cuc: between(-4e-6, 4e-6, seed, 14),
    cus: between(2e-6, 1e-5, seed, 15),
    crc: between(150, 350, seed, 16),
    crs: between(-120, 120, seed, 17),
    cic: between(-1.5e-7, 1.5e-7, seed, 18),
    cis: between(-1.5e-7, 1.5e-7, seed, 19),
  };

  return (index: number, toeMs: number): EphemerisValues => {
    const sinceReferenceS = (toeMs - referenceMs) / 1000;
    const weekMs = system === 'BDS' ? bdtMs(toeMs) : toeMs;
    const toe = (weekMs - gpsWeek(weekMs) * MS_PER_WEEK) / 1000;
    const { biasS, rate } = clock.at(toeMs);
    const issueOfData = modulo(index, plan.issues);
    return {
      ...harmonics,
      messageNumber: plan.messageNumber,
      satelliteId: orbit.satelliteId,
      week: modulo(gpsWeek(weekMs) - plan.weekOffset, plan.weekModulus),
      issueOfData,
      clockIssueOfData: issueOfData,
      accuracyIndex: plan.accuracyIndex,
      toc: toe,
      toe,
      af0: biasS,
      af1: rate,
      sqrtA,
      e: orbit.e,
      m0: orbit.latitudeArgument - orbit.perigee + meanMotion * sinceReferenceS,
      deltaN,
      omega0: orbit.nodeLongitude + (omegaDot - earthRate) * sinceReferenceS + earthRate * toe,
      omegaDot,
      i0: orbit.inclination + idot * sinceReferenceS,
      idot,
      omega: orbit.perigee,
      zero: 0,
    };
  };
}

function roundTo(value: number, unit: number): number {
  return Math.round(value / unit) * unit;
}

function modulo(value: number, divisor: number): number {
  return value - Math.floor(value / divisor) * divisor;
}
