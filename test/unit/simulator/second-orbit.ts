// A second calculation of satellite positions, from the bits of the broadcast frame alone and by other means than the
// simulator's: Kepler's equation by bisection, rotation matrices, inertial space, tiny steps. Slow and independent.
import { readFields } from './raw-bits.ts';

export type Vector = readonly [number, number, number];

const PI = Math.PI;

interface Elements {
  readonly gravity: number;
  readonly earthRate: number;
  readonly toe: number;
  readonly af0: number;
  readonly af1: number;
  readonly crs: number;
  readonly deltaN: number;
  readonly m0: number;
  readonly cuc: number;
  readonly e: number;
  readonly cus: number;
  readonly sqrtA: number;
  readonly cic: number;
  readonly omega0: number;
  readonly cis: number;
  readonly i0: number;
  readonly crc: number;
  readonly omega: number;
  readonly omegaDot: number;
  readonly idot: number;
}

type Fields = ReturnType<typeof readFields>;

/** The common part of 1019 and 1046, and with other widths of 1042. */
function readOrbit(
  fields: Fields,
  harmonicBits: number,
  angleScale: number,
  rangeScale: number,
  toeBits: number,
  toeUnit: number,
) {
  return {
    crs: fields.signed(harmonicBits) / rangeScale,
    deltaN: (fields.signed(16) * PI) / 2 ** 43,
    m0: (fields.signed(32) * PI) / 2 ** 31,
    cuc: fields.signed(harmonicBits) / angleScale,
    e: fields.unsigned(32) / 2 ** 33,
    cus: fields.signed(harmonicBits) / angleScale,
    sqrtA: fields.unsigned(32) / 2 ** 19,
    toe: fields.unsigned(toeBits) * toeUnit,
    cic: fields.signed(harmonicBits) / angleScale,
    omega0: (fields.signed(32) * PI) / 2 ** 31,
    cis: fields.signed(harmonicBits) / angleScale,
    i0: (fields.signed(32) * PI) / 2 ** 31,
    crc: fields.signed(harmonicBits) / rangeScale,
    omega: (fields.signed(32) * PI) / 2 ** 31,
    omegaDot: (fields.signed(24) * PI) / 2 ** 43,
  };
}

function readElements(frame: Uint8Array): Elements {
  const fields = readFields(frame);
  const number = fields.unsigned(12);
  fields.skip(6);
  if (number === 1019) {
    fields.skip(10 + 4 + 2);
    const idot = (fields.signed(14) * PI) / 2 ** 43;
    fields.skip(8 + 16 + 8);
    const af1 = fields.signed(16) / 2 ** 43;
    const af0 = fields.signed(22) / 2 ** 31;
    fields.skip(10);
    const orbit = readOrbit(fields, 16, 2 ** 29, 2 ** 5, 16, 16);
    return { ...orbit, idot, af0, af1, gravity: 3.986005e14, earthRate: 7.2921151467e-5 };
  }
  if (number === 1046) {
    fields.skip(12 + 10 + 8);
    const idot = (fields.signed(14) * PI) / 2 ** 43;
    fields.skip(14 + 6);
    const af1 = fields.signed(21) / 2 ** 46;
    const af0 = fields.signed(31) / 2 ** 34;
    const orbit = readOrbit(fields, 16, 2 ** 29, 2 ** 5, 14, 60);
    return { ...orbit, idot, af0, af1, gravity: 3.986004418e14, earthRate: 7.2921151467e-5 };
  }
  if (number !== 1042) throw new Error(`no elements in message ${number}`);
  fields.skip(13 + 4);
  const idot = (fields.signed(14) * PI) / 2 ** 43;
  fields.skip(5 + 17 + 11);
  const af1 = fields.signed(22) / 2 ** 50;
  const af0 = fields.signed(24) / 2 ** 33;
  fields.skip(5);
  const orbit = readOrbit(fields, 18, 2 ** 31, 2 ** 6, 17, 8);
  return { ...orbit, idot, af0, af1, gravity: 3.986004418e14, earthRate: 7.292115e-5 };
}

/** Position and clock at `towS`, seconds of the system's own week, from 1019, 1042 or 1046. */
export function keplerFromFrame(frame: Uint8Array, towS: number): { position: Vector; clockS: number } {
  const el = readElements(frame);
  const t = towS - el.toe;
  const a = el.sqrtA ** 2;
  const mean = el.m0 + (Math.sqrt(el.gravity) / a ** 1.5 + el.deltaN) * t;
  const E = bisect((x) => x - el.e * Math.sin(x) - mean, mean - 1, mean + 1);
  const trueAnomaly = 2 * Math.atan(Math.sqrt((1 + el.e) / (1 - el.e)) * Math.tan(E / 2));
  const phi = trueAnomaly + el.omega;
  const wave = (sine: number, cosine: number) => sine * Math.sin(2 * phi) + cosine * Math.cos(2 * phi);
  const radius = (a * (1 - el.e ** 2)) / (1 + el.e * Math.cos(trueAnomaly)) + wave(el.crs, el.crc);
  const inclination = el.i0 + el.idot * t + wave(el.cis, el.cic);
  // Along the orbit, tilt, turn to the node: first in a frame that does not rotate, then back by the earth's angle.
  const inOrbit = rotateZ([radius, 0, 0], phi + wave(el.cus, el.cuc));
  const inSpace = rotateZ(rotateX(inOrbit, inclination), el.omega0 + el.omegaDot * t);
  return {
    position: rotateZ(inSpace, -el.earthRate * (el.toe + t)),
    clockS: el.af0 + el.af1 * t - (2 * Math.sqrt(el.gravity * a) * el.e * Math.sin(E)) / 299_792_458 ** 2,
  };
}

/** Position `sinceReferenceS` after the state vector of a 1020: leapfrog in inertial space, 0.1 s a step. */
export function glonassFromFrame(
  frame: Uint8Array,
  sinceReferenceS: number,
): { position: Vector; clockS: number } {
  const fields = readFields(frame);
  if (fields.unsigned(12) !== 1020) throw new Error('not a 1020');
  fields.skip(6 + 5 + 4 + 12 + 2 + 7);
  const velocity = [0, 0, 0];
  const position = [0, 0, 0];
  for (const axis of [0, 1, 2]) {
    velocity[axis] = (fields.signMagnitude(24) * 1000) / 2 ** 20;
    position[axis] = (fields.signMagnitude(27) * 1000) / 2 ** 11;
    fields.skip(5);
  }
  fields.skip(1);
  const gamma = fields.signMagnitude(11) / 2 ** 40;
  fields.skip(3);
  const tau = fields.signMagnitude(22) / 2 ** 30;

  const rate = 7.292115e-5;
  let r: Vector = [position[0]!, position[1]!, position[2]!];
  let v: Vector = [velocity[0]! - rate * r[1], velocity[1]! + rate * r[0], velocity[2]!];
  const steps = Math.max(1, Math.round(Math.abs(sinceReferenceS) / 0.1));
  const step = sinceReferenceS / steps;
  for (let index = 0; index < steps; index++) {
    v = plus(v, gravityAt(r), step / 2);
    r = plus(r, v, step);
    v = plus(v, gravityAt(r), step / 2);
  }
  return { position: rotateZ(r, -rate * sinceReferenceS), clockS: -tau + gamma * sinceReferenceS };
}

/** Gradient of the potential mu/r (1 - J2 (a/r)^2 P2(z/r)). */
function gravityAt([x, y, z]: Vector): Vector {
  const mu = 3.9860044e14;
  const r = Math.hypot(x, y, z);
  const j = 1.5 * 1.0826257e-3 * (6_378_136 / r) ** 2;
  const s = (z / r) ** 2;
  const pull = -mu / r ** 3;
  return [
    pull * x * (1 + j * (1 - 5 * s)),
    pull * y * (1 + j * (1 - 5 * s)),
    pull * z * (1 + j * (3 - 5 * s)),
  ];
}

function bisect(f: (x: number) => number, low: number, high: number): number {
  for (let round = 0; round < 80; round++) {
    const middle = (low + high) / 2;
    if (f(middle) > 0) high = middle;
    else low = middle;
  }
  return (low + high) / 2;
}

function rotateX([x, y, z]: Vector, angle: number): Vector {
  return [x, y * Math.cos(angle) - z * Math.sin(angle), y * Math.sin(angle) + z * Math.cos(angle)];
}

function rotateZ([x, y, z]: Vector, angle: number): Vector {
  return [x * Math.cos(angle) - y * Math.sin(angle), x * Math.sin(angle) + y * Math.cos(angle), z];
}

function plus(a: Vector, b: Vector, factor: number): Vector {
  return [a[0] + b[0] * factor, a[1] + b[1] * factor, a[2] + b[2] * factor];
}
