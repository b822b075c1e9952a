// Motion of a GLONASS satellite from a state vector: GLONASS ICD 5.1 A.3.1.2, integrated by Runge and Kutta's fourth
// order. The step is 60 s, as in the decoders that the ranges must agree with.
import { type Ecef } from './earth-frame.ts';

const GRAVITY = 3.9860044e14;
const EARTH_RADIUS_M = 6_378_136;
const J2 = 1.0826257e-3;
export const GLONASS_EARTH_RATE = 7.292115e-5;

const STEP_S = 60;

/** Position and velocity in the rotating frame (PZ-90, to the simulator the same as WGS 84). */
export interface StateVector {
  readonly position: Ecef;
  readonly velocity: Ecef;
}

/** The state `elapsedS` later (or earlier, if negative): whole steps first, then the rest. */
export function propagate(start: StateVector, elapsedS: number): StateVector {
  let state = start;
  let left = elapsedS;
  while (Math.abs(left) > 1e-9) {
    const step = Math.abs(left) < STEP_S ? left : Math.sign(left) * STEP_S;
    state = rungeKuttaStep(state, step);
    left -= step;
  }
  return state;
}

/** Central force, J2, and the rotation of the frame; the sun and moon terms of the message are sent as zero. */
export function accelerationOf({ position, velocity }: StateVector): Ecef {
  const { x, y, z } = position;
  const rotation = GLONASS_EARTH_RATE;
  const squared = x * x + y * y + z * z;
  const central = GRAVITY / (squared * Math.sqrt(squared));
  const flattening = (1.5 * J2 * central * EARTH_RADIUS_M ** 2) / squared;
  const tilt = (5 * z * z) / squared;
  const equatorial = -central - flattening * (1 - tilt) + rotation * rotation;
  const polar = -central - flattening * (3 - tilt);
  return {
    x: equatorial * x + 2 * rotation * velocity.y,
    y: equatorial * y - 2 * rotation * velocity.x,
    z: polar * z,
  };
}

function rungeKuttaStep(state: StateVector, step: number): StateVector {
  const k1 = slopeOf(state);
  const k2 = slopeOf(follow(state, k1, step / 2));
  const k3 = slopeOf(follow(state, k2, step / 2));
  const k4 = slopeOf(follow(state, k3, step));
  const mean = (a: Ecef, b: Ecef, c: Ecef, d: Ecef): Ecef => ({
    x: (a.x + 2 * b.x + 2 * c.x + d.x) / 6,
    y: (a.y + 2 * b.y + 2 * c.y + d.y) / 6,
    z: (a.z + 2 * b.z + 2 * c.z + d.z) / 6,
  });
  return follow(
    state,
    {
      position: mean(k1.position, k2.position, k3.position, k4.position),
      velocity: mean(k1.velocity, k2.velocity, k3.velocity, k4.velocity),
    },
    step,
  );
}

/** Rates of change of position and velocity. */
function slopeOf(state: StateVector): StateVector {
  return { position: state.velocity, velocity: accelerationOf(state) };
}

function follow(state: StateVector, slope: StateVector, step: number): StateVector {
  const move = (from: Ecef, rate: Ecef): Ecef => ({
    x: from.x + rate.x * step,
    y: from.y + rate.y * step,
    z: from.z + rate.z * step,
  });
  return {
    position: move(state.position, slope.position),
    velocity: move(state.velocity, slope.velocity),
  };
}
