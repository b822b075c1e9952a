// A receiver somewhere on earth: where it stands or moves, its clock, what it tracks and since when. The only state it
// holds is the lock on each satellite and which messages it sent last; everything else is a function of time and seed.
import { type GeodeticPosition } from '../rtcm/geodesy.ts';
import { type Constellation } from './constellation.ts';
import {
  displace,
  type EastNorthUp,
  type Ecef,
  ecefOfGeodetic,
  geodeticOf,
  type LocalFrame,
  localFrameAt,
} from './earth-frame.ts';
import { gpsMsFromSeconds } from './gps-time.ts';
import { between, hash } from './seeded-random.ts';
import { DEFAULT_SIGNALS, type Signal, signalsOf, type SimulatedSystem } from './simulated-signals.ts';

/** Offset from the receiver's start at a GPS time; must be a pure function. */
export type ReceiverPath = (gpsTimeS: number) => EastNorthUp;

export interface ReceiverOptions {
  readonly constellation: Constellation;
  readonly latitudeDeg: number;
  readonly longitudeDeg: number;
  readonly heightM: number;
  /** DF003, 0..4095. */
  readonly stationId: number;
  /** Seeds noise, ambiguities and clock: different for every receiver. */
  readonly seed: number;
  /** A receiver with a path is a rover, one without it a base unless `role` says otherwise. */
  readonly path?: ReceiverPath;
  /** A base sends its station messages, a rover does not. */
  readonly role?: 'base' | 'rover';
  /** Default 10. */
  readonly elevationMaskDeg?: number;
  /** RINEX codes by system; default two or three frequencies each. */
  readonly signals?: Partial<Readonly<Record<SimulatedSystem, readonly string[]>>>;
  readonly antenna?: AntennaOptions;
  /** Deviation of code noise at the zenith; default 0.25. */
  readonly codeNoiseM?: number;
  /** Deviation of carrier phase noise at the zenith; default 0.0015. */
  readonly phaseNoiseM?: number;
  /** How often 1005 or 1006 (and 1230) go out; default 10. */
  readonly stationIntervalS?: number;
  /** How often each visible satellite's ephemeris goes out; default 60. */
  readonly ephemerisIntervalS?: number;
}

export interface AntennaOptions {
  /** Height of the reference point over the marker; given, 1006 goes out in place of 1005. */
  readonly heightM?: number;
  /** IGS name, such as `LEIAR25.R4      LEIT`; given, 1033 goes out. */
  readonly descriptor?: string;
  readonly serialNumber?: string;
}

export interface SatelliteLock {
  readonly sinceMs: number;
  seenMs: number;
}

export interface Receiver {
  readonly options: ReceiverOptions;
  readonly role: 'base' | 'rover';
  readonly elevationMask: number;
  readonly signals: ReadonlyMap<SimulatedSystem, readonly Signal[]>;
  /** Start of the path, or the place of a base, exactly as its 1005 gives it. */
  readonly origin: Ecef;
  readonly originFrame: LocalFrame;
  readonly locks: Map<number, SatelliteLock>;
  readonly sent: SentMessages;
}

/** When each message went out last, as gpsMs. */
export interface SentMessages {
  station: number;
  descriptor: number;
  readonly ephemerides: Map<number, { issueIndex: number; atMs: number }>;
}

/** Throws a RangeError for a station id or signal that does not exist. */
export function createReceiver(options: ReceiverOptions): Receiver {
  if (!Number.isInteger(options.stationId) || options.stationId < 0 || options.stationId > 4095) {
    throw new RangeError(`station id ${options.stationId} is not in 0..4095`);
  }
  const origin = roundToTenthMillimeter(ecefOfGeodetic(options));
  return {
    options,
    role: options.role ?? (options.path ? 'rover' : 'base'),
    elevationMask: ((options.elevationMaskDeg ?? 10) * Math.PI) / 180,
    signals: new Map(
      options.constellation.systems.map((system) => [
        system,
        signalsOf(system, options.signals?.[system] ?? DEFAULT_SIGNALS[system]),
      ]),
    ),
    origin,
    originFrame: localFrameAt(geodeticOf(origin)),
    locks: new Map(),
    sent: { station: -Infinity, descriptor: -Infinity, ephemerides: new Map() },
  };
}

/** Where the antenna truly is. */
export function truePositionEcef(receiver: Receiver, gpsTimeS: number): Ecef {
  const { path } = receiver.options;
  return path ? displace(receiver.origin, receiver.originFrame, path(gpsTimeS)) : receiver.origin;
}

export function truePositionGeodetic(receiver: Receiver, gpsTimeS: number): GeodeticPosition {
  return geodeticOf(truePositionEcef(receiver, gpsTimeS));
}

/** Velocity by differences over 20 ms. */
export function trueVelocityEcef(receiver: Receiver, gpsTimeS: number): Ecef {
  if (!receiver.options.path) return { x: 0, y: 0, z: 0 };
  const halfS = 0.01;
  const before = truePositionEcef(receiver, gpsTimeS - halfS);
  const after = truePositionEcef(receiver, gpsTimeS + halfS);
  return {
    x: (after.x - before.x) / (2 * halfS),
    y: (after.y - before.y) / (2 * halfS),
    z: (after.z - before.z) / (2 * halfS),
  };
}

/** A circle around the start, first heading north from its eastern end; a quarter of a meter up and down a turn. */
export function createCirclePath(radiusM: number, speedMps: number): ReceiverPath {
  const turnMs = gpsMsFromSeconds((2 * Math.PI * radiusM) / speedMps);
  return (gpsTimeS) => {
    const angle = (2 * Math.PI * ((gpsTimeS * 1000) % turnMs)) / turnMs;
    return {
      eastM: radiusM * Math.cos(angle),
      northM: radiusM * Math.sin(angle),
      upM: 0.25 * Math.sin(angle),
    };
  };
}

/**
 * Receiver clock ahead of GPS time, steered to well under a microsecond (DF411 = 1): two slow swings.
 */
export function receiverClock(seed: number, gpsMs: number): { biasS: number; rate: number } {
  let biasS = 0;
  let rate = 0;
  for (const swing of [1, 2]) {
    const periodMs = Math.round(between(120_000, 900_000, seed, swing, 1));
    const amplitudeS = between(5e-8, 3e-7, seed, swing, 2);
    const pace = (2 * Math.PI) / periodMs;
    const angle = pace * (gpsMs % periodMs) + between(0, 2 * Math.PI, seed, swing, 3);
    biasS += amplitudeS * Math.sin(angle);
    rate += amplitudeS * pace * 1000 * Math.cos(angle);
  }
  return { biasS, rate };
}

/** Whole cycles by which a carrier phase is off for as long as the lock that began at `sinceMs` holds. */
export function phaseAmbiguity(
  seed: number,
  satelliteKey: number,
  signalId: number,
  sinceMs: number,
): number {
  return (hash(seed, satelliteKey, signalId, sinceMs) % 2001) - 1000;
}

/** The resolution of DF025: what the message cannot say cannot be the truth. */
function roundToTenthMillimeter({ x, y, z }: Ecef): Ecef {
  const round = (value: number) => Math.round(value * 10_000) / 10_000;
  return { x: round(x), y: round(y), z: round(z) };
}
