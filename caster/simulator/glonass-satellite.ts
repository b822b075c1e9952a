// A GLONASS satellite: one orbit integrated from the constellation's reference epoch, a state vector issued every half
// hour, and between issues the motion that the rounded state vector gives (steps of under a meter at a change).
import { type Ecef } from './earth-frame.ts';
import { encodeGlonass } from './glonass-message.ts';
import { accelerationOf, GLONASS_EARTH_RATE, propagate, type StateVector } from './glonass-orbit.ts';
import { gpsMsFromMoscowMs, moscowMs } from './gps-time.ts';
import { type BroadcastIssue } from './motion.ts';
import { type NominalOrbit } from './nominal-orbit.ts';
import { createSatelliteClock } from './satellite-clock.ts';

const GRAVITY = 3.9860044e14;
const INTERVAL_MS = 1_800_000;
/** The orbit is found by integrating from the reference epoch; further than this would take seconds. */
const ISSUES_FROM_REFERENCE_MAX = (366 * 86_400_000) / INTERVAL_MS;

/** Frequency channels by slot, as in orbit: antipodal satellites share one (GLONASS ICD 3.3.1.1). */
const CHANNELS = [1, -4, 5, 6, 1, -4, 5, 6, -2, -7, 0, -1, -2, -7, 0, -1, 4, -3, 3, 2, 4, -3, 3, 2];

export function glonassChannel(slot: number): number {
  return CHANNELS[slot - 1] ?? 0;
}

/**
 * Returns the function that gives the issue in force at a moment; it remembers the latest one. It throws a RangeError
 * for moments more than a year from the reference epoch.
 */
export function createGlonassSatellite(
  orbit: NominalOrbit,
  referenceMs: number,
  leapSeconds: number,
): (gpsMs: number) => BroadcastIssue {
  const clock = createSatelliteClock(orbit.seed);
  const indexAt = (gpsMs: number) => Math.floor(moscowMs(gpsMs, leapSeconds) / INTERVAL_MS);
  /** The state of issue `index` belongs to the middle of its half hour, so the reference quarter is always odd. */
  const referenceMoscowMs = (index: number) => index * INTERVAL_MS + INTERVAL_MS / 2;
  const firstIndex = indexAt(referenceMs);
  const states = new Map<number, StateVector>([[firstIndex, circularState(orbit)]]);

  function stateOf(index: number): StateVector {
    if (Math.abs(index - firstIndex) > ISSUES_FROM_REFERENCE_MAX) {
      throw new RangeError('GLONASS orbits are simulated for a year around startGpsTimeS only');
    }
    const direction = Math.sign(index - firstIndex);
    let nearest = index;
    while (!states.has(nearest)) nearest -= direction;
    let state = states.get(nearest)!;
    for (let step = nearest; step !== index; step += direction) {
      state = propagate(state, (direction * INTERVAL_MS) / 1000);
      states.set(step + direction, state);
    }
    return state;
  }

  let latest: BroadcastIssue | undefined;
  return (gpsMs) => {
    const index = indexAt(gpsMs);
    if (latest?.index === index) return latest;
    const toeMs = gpsMsFromMoscowMs(referenceMoscowMs(index), leapSeconds);
    const { biasS, rate } = clock.at(toeMs);
    const encoded = encodeGlonass({
      slot: orbit.satelliteId,
      channel: glonassChannel(orbit.satelliteId),
      referenceMoscowMs: referenceMoscowMs(index),
      sentMoscowMs: index * INTERVAL_MS,
      state: stateOf(index),
      clockBiasS: biasS,
      clockRate: rate,
    });
    latest = {
      index,
      frame: encoded.frame,
      motionAt(momentMs) {
        const sinceToeS = (momentMs - toeMs) / 1000;
        const state = propagate(encoded.state, sinceToeS);
        return {
          ...state,
          acceleration: accelerationOf(state),
          clockS: encoded.clockBiasS + encoded.clockRate * sinceToeS,
          clockRate: encoded.clockRate,
        };
      },
    };
    return latest;
  };
}

/** Position and velocity, in the rotating frame, of the nominal orbit taken as a circle. */
function circularState(orbit: NominalOrbit): StateVector {
  const { semiMajorM: radiusM, latitudeArgument: u, inclination, nodeLongitude: node } = orbit;
  const speed = Math.sqrt(GRAVITY / radiusM);
  const inSpace = (along: number, across: number): Ecef => ({
    x: along * Math.cos(node) - across * Math.cos(inclination) * Math.sin(node),
    y: along * Math.sin(node) + across * Math.cos(inclination) * Math.cos(node),
    z: across * Math.sin(inclination),
  });
  const position = inSpace(radiusM * Math.cos(u), radiusM * Math.sin(u));
  const velocity = inSpace(-speed * Math.sin(u), speed * Math.cos(u));
  return {
    position,
    velocity: {
      x: velocity.x + GLONASS_EARTH_RATE * position.y,
      y: velocity.y - GLONASS_EARTH_RATE * position.x,
      z: velocity.z,
    },
  };
}
