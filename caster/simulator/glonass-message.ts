// GLONASS broadcast data as message 1020 (research: rtcm.md §3): a state vector in sign-magnitude fields. Returns the
// state as rounded, from which the simulator must compute.
import { BitWriter } from '../rtcm/bit-writer.ts';
import { buildFrame } from '../rtcm/frame-builder.ts';
import { type Ecef } from './earth-frame.ts';
import { type StateVector } from './glonass-orbit.ts';
import { MS_PER_DAY } from './gps-time.ts';

const VELOCITY_UNIT = 2 ** -20 * 1000;
const POSITION_UNIT = 2 ** -11 * 1000;
const GAMMA_UNIT = 2 ** -40;
const TAU_UNIT = 2 ** -30;

/** Moscow midnight that begins 1996-01-01, day 1 of the first four-year interval, on the Moscow clock's own count. */
const FIRST_INTERVAL_MS = Date.UTC(1996, 0, 1) - Date.UTC(1980, 0, 6);
const DAYS_PER_INTERVAL = 1461;

export interface GlonassBroadcast {
  readonly slot: number;
  readonly channel: number;
  /** Moscow ms of the state vector, a multiple of a quarter of an hour. */
  readonly referenceMoscowMs: number;
  /** Moscow ms at which the satellite began to send this issue. */
  readonly sentMoscowMs: number;
  readonly state: StateVector;
  /** Satellite clock ahead of system time at the reference, and its rate. */
  readonly clockBiasS: number;
  readonly clockRate: number;
}

export interface EncodedGlonass {
  readonly state: StateVector;
  readonly clockBiasS: number;
  readonly clockRate: number;
  readonly frame: Buffer;
}

export function encodeGlonass(broadcast: GlonassBroadcast): EncodedGlonass {
  const { position, velocity } = broadcast.state;
  const rounded: StateVector = {
    position: roundAxes(position, POSITION_UNIT),
    velocity: roundAxes(velocity, VELOCITY_UNIT),
  };
  // tau is the correction, system minus satellite time; gamma the relative rate (ICD 4.4).
  const tau = Math.round(-broadcast.clockBiasS / TAU_UNIT);
  const gamma = Math.round(broadcast.clockRate / GAMMA_UNIT);
  const sentMs = broadcast.sentMoscowMs - Math.floor(broadcast.sentMoscowMs / MS_PER_DAY) * MS_PER_DAY;
  const day = Math.floor((broadcast.referenceMoscowMs - FIRST_INTERVAL_MS) / MS_PER_DAY);
  const referenceMs =
    broadcast.referenceMoscowMs - Math.floor(broadcast.referenceMoscowMs / MS_PER_DAY) * MS_PER_DAY;
  const fourYearDay = (day % DAYS_PER_INTERVAL) + 1;

  const writer = new BitWriter(45);
  writer.writeUnsigned(1020, 12);
  writer.writeUnsigned(broadcast.slot, 6);
  writer.writeUnsigned(broadcast.channel + 7, 5);
  writer.writeUnsigned(0b1101, 4); // almanac healthy, and so known; P1: an issue lasts 30 minutes
  writer.writeUnsigned(Math.floor(sentMs / 3_600_000), 5);
  writer.writeUnsigned(Math.floor(sentMs / 60_000) % 60, 6);
  writer.writeUnsigned(Math.floor(sentMs / 30_000) % 2, 1);
  writer.writeUnsigned(0, 1); // healthy
  writer.writeUnsigned(1, 1); // P2: odd reference time
  writer.writeUnsigned(referenceMs / 900_000, 7);
  for (const axis of ['x', 'y', 'z'] as const) {
    writeSignMagnitude(writer, Math.round(velocity[axis] / VELOCITY_UNIT), 24);
    writeSignMagnitude(writer, Math.round(position[axis] / POSITION_UNIT), 27);
    writeSignMagnitude(writer, 0, 5);
  }
  writer.writeUnsigned(1, 1); // P3: five satellites in this frame's almanac
  writeSignMagnitude(writer, gamma, 11);
  writer.writeUnsigned(0b110, 3); // P; healthy in the third string
  writeSignMagnitude(writer, tau, 22);
  writeSignMagnitude(writer, 0, 5); // L2 to L1 delay
  writer.writeUnsigned(0, 5); // age
  writer.writeUnsigned(0, 1); // P4
  writer.writeUnsigned(2, 4); // accuracy 2.5 m
  writer.writeUnsigned(fourYearDay, 11);
  writer.writeUnsigned(1, 2); // GLONASS-M
  writer.writeUnsigned(1, 1); // the rest is valid
  writer.writeUnsigned(fourYearDay, 11);
  writeSignMagnitude(writer, 0, 32); // GLONASS to UTC
  writer.writeUnsigned(Math.floor(day / DAYS_PER_INTERVAL) + 1, 5);
  writeSignMagnitude(writer, 0, 22); // GLONASS to GPS
  writer.writeUnsigned(0, 1 + 7); // health in the fifth string, reserved
  return {
    state: rounded,
    clockBiasS: -tau * TAU_UNIT,
    clockRate: gamma * GAMMA_UNIT,
    frame: buildFrame(writer.toBytes()),
  };
}

function roundAxes(vector: Ecef, unit: number): Ecef {
  const round = (value: number) => Math.round(value / unit) * unit;
  return { x: round(vector.x), y: round(vector.y), z: round(vector.z) };
}

function writeSignMagnitude(writer: BitWriter, value: number, bits: number): void {
  writer.writeUnsigned(value < 0 ? 1 : 0, 1);
  writer.writeUnsigned(Math.abs(value), bits - 1);
}
