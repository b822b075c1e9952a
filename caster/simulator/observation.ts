// What a receiver measures at one moment: range by light time in the rotating earth frame, clocks, air, noise and whole
// cycles. Base and rover share everything but the noise, clock and cycles, so that an RTK engine finds a fix.
import { type GeodeticPosition } from '../rtcm/geodesy.ts';
import { ionosphericDelayL1M, ionosphericScale, troposphericDelayM } from './atmosphere.ts';
import { type Satellite, type SatelliteState, TRAVEL_MS } from './constellation.ts';
import { directionAngles, dot, type Ecef, geodeticOf, type LocalFrame, localFrameAt } from './earth-frame.ts';
import { MS_PER_DAY } from './gps-time.ts';
import { advance, type BroadcastIssue, velocityAfter } from './motion.ts';
import {
  phaseAmbiguity,
  type Receiver,
  receiverClock,
  type SatelliteLock,
  truePositionEcef,
  trueVelocityEcef,
} from './receiver.ts';
import { gaussian } from './seeded-random.ts';
import { satelliteSends, type Signal } from './simulated-signals.ts';

const LIGHT_SPEED = 299_792_458;
const EARTH_RATE = 7.2921151467e-5;
/** A satellite unseen for longer than this has been lost: its lock and its ambiguities start anew. */
const LOCK_GAP_MS = 5_000;

export interface SignalObservation {
  readonly signal: Signal;
  readonly pseudorangeM: number;
  /** Carrier phase times wavelength; grows with distance. */
  readonly phaseRangeM: number;
  readonly phaseRangeRateMps: number;
  readonly cnrDbHz: number;
}

export interface SatelliteObservation {
  readonly satellite: Satellite;
  readonly issue: BroadcastIssue;
  readonly elevationDeg: number;
  readonly lockMs: number;
  /** In mask order, at least one. */
  readonly signals: readonly SignalObservation[];
}

/** Everything about the receiver that is the same for all satellites of an epoch. */
interface Station {
  readonly receiver: Receiver;
  readonly gpsMs: number;
  readonly position: Ecef;
  readonly velocity: Ecef;
  readonly geodetic: GeodeticPosition;
  readonly frame: LocalFrame;
  readonly clock: { readonly biasS: number; readonly rate: number };
}

/** Observations of all satellites above the mask, by system and satellite id. Moves the receiver's locks on. */
export function observe(receiver: Receiver, gpsMs: number): readonly SatelliteObservation[] {
  const position = truePositionEcef(receiver, gpsMs / 1000);
  const geodetic = geodeticOf(position);
  const station: Station = {
    receiver,
    gpsMs,
    position,
    velocity: trueVelocityEcef(receiver, gpsMs / 1000),
    geodetic,
    frame: localFrameAt(geodetic),
    clock: receiverClock(receiver.options.seed, gpsMs),
  };
  const observations: SatelliteObservation[] = [];
  for (const state of receiver.options.constellation.statesAt(gpsMs)) {
    const observation = observeSatellite(station, state);
    if (observation) observations.push(observation);
  }
  return observations;
}

function observeSatellite(station: Station, state: SatelliteState): SatelliteObservation | undefined {
  const { receiver, gpsMs, geodetic } = station;
  const { satellite } = state;
  const { system, satelliteId } = satellite;
  if (!mayBeVisible(station, state.motion.position)) return undefined;
  const path = signalPath(station, state);
  if (path.elevation < receiver.elevationMask) return undefined;
  const tracked = receiver.signals
    .get(system)!
    .filter(({ code }) => satelliteSends(system, satelliteId, code));
  if (tracked.length === 0) return undefined;

  const lock = holdLock(receiver, satellite.key, gpsMs);
  const { atmosphere } = receiver.options.constellation;
  const air = {
    troposphereM: atmosphere ? troposphericDelayM(geodetic, path.elevation) : 0,
    ionosphereL1M: atmosphere
      ? ionosphericDelayL1M(geodetic, path.elevation, path.azimuth, (gpsMs % MS_PER_DAY) / 1000)
      : 0,
  };
  return {
    satellite,
    issue: state.issue,
    elevationDeg: (path.elevation * 180) / Math.PI,
    lockMs: gpsMs - lock.sinceMs,
    signals: tracked.map((signal) => observeSignal(station, satellite, signal, path, air, lock)),
  };
}

function observeSignal(
  { receiver, gpsMs }: Station,
  { key, channel }: Satellite,
  signal: Signal,
  path: SignalPath,
  air: { readonly troposphereM: number; readonly ionosphereL1M: number },
  lock: SatelliteLock,
): SignalObservation {
  const { seed, codeNoiseM = 0.25, phaseNoiseM = 0.0015 } = receiver.options;
  const sinElevation = Math.max(0.1, Math.sin(path.elevation));
  const noise = (kind: number) => gaussian(seed, key, signal.id, gpsMs, kind);
  const frequencyHz = signal.frequencyHz + channel * signal.channelStepHz;
  const wavelengthM = LIGHT_SPEED / frequencyHz;
  const ionosphereM = air.ionosphereL1M * ionosphericScale(frequencyHz);
  const commonM = path.rangeWithClocksM + air.troposphereM;
  const cycles = phaseAmbiguity(seed, key, signal.id, lock.sinceMs);
  const codeM = codeNoiseM === 0 ? 0 : (codeNoiseM / sinElevation) * noise(1);
  const phaseM = phaseNoiseM === 0 ? 0 : (phaseNoiseM / sinElevation) * noise(2);
  return {
    signal,
    pseudorangeM: commonM + ionosphereM + codeM,
    phaseRangeM: commonM - ionosphereM + cycles * wavelengthM + phaseM,
    phaseRangeRateMps: path.rangeRateMps + (phaseNoiseM === 0 ? 0 : 10 * phaseNoiseM * noise(3)),
    cnrDbHz: 33 + 18 * Math.sin(path.elevation) - signal.lossDb + 0.5 * noise(4),
  };
}

interface SignalPath {
  readonly elevation: number;
  readonly azimuth: number;
  /** Geometric range plus receiver clock minus satellite clock. */
  readonly rangeWithClocksM: number;
  readonly rangeRateMps: number;
}

/** Solves the light time: the satellite as it was on sending, in the earth frame as it is on receiving. */
function signalPath({ position, velocity, frame, clock }: Station, { motion }: SatelliteState): SignalPath {
  let travelS = TRAVEL_MS / 1000;
  let sinceMotionS = 0;
  let rotated = motion.position;
  let rangeM = 0;
  for (let round = 0; round < 4; round++) {
    // Reception is at the receiver's reading minus its bias; `motion` is for the reading minus TRAVEL_MS.
    sinceMotionS = TRAVEL_MS / 1000 - clock.biasS - travelS;
    rotated = rotate(advance(motion, sinceMotionS), EARTH_RATE * travelS);
    rangeM = Math.hypot(rotated.x - position.x, rotated.y - position.y, rotated.z - position.z);
    travelS = rangeM / LIGHT_SPEED;
  }
  const unit = {
    x: (rotated.x - position.x) / rangeM,
    y: (rotated.y - position.y) / rangeM,
    z: (rotated.z - position.z) / rangeM,
  };
  const sending = dot(unit, rotate(velocityAfter(motion, sinceMotionS), EARTH_RATE * travelS));
  // While the range grows, so does the travel time, in which the satellite lags and the earth turns.
  const turning = EARTH_RATE * (unit.x * rotated.y - unit.y * rotated.x);
  const rate = (sending - dot(unit, velocity)) / (1 + (sending - turning) / LIGHT_SPEED);
  const clocksS = clock.biasS - motion.clockS - motion.clockRate * sinceMotionS;
  return {
    ...directionAngles(frame, unit),
    rangeWithClocksM: rangeM + LIGHT_SPEED * clocksS,
    rangeRateMps: rate + LIGHT_SPEED * (clock.rate - motion.clockRate),
  };
}

/** A quick test that only ever lets too many through: one degree below the mask is still let in. */
function mayBeVisible({ receiver, position, frame }: Station, satellite: Ecef): boolean {
  const away = { x: satellite.x - position.x, y: satellite.y - position.y, z: satellite.z - position.z };
  return dot(frame.up, away) > Math.sin(receiver.elevationMask - 0.0175) * Math.sqrt(dot(away, away));
}

function holdLock(receiver: Receiver, key: number, gpsMs: number): SatelliteLock {
  const held = receiver.locks.get(key);
  if (held && gpsMs >= held.seenMs && gpsMs - held.seenMs <= LOCK_GAP_MS) {
    held.seenMs = gpsMs;
    return held;
  }
  const lock: SatelliteLock = { sinceMs: gpsMs, seenMs: gpsMs };
  receiver.locks.set(key, lock);
  return lock;
}

function rotate(vector: Ecef, angle: number): Ecef {
  const cos = Math.cos(angle);
  const sin = Math.sin(angle);
  return { x: cos * vector.x + sin * vector.y, y: cos * vector.y - sin * vector.x, z: vector.z };
}
