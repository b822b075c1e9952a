// One epoch of one receiver as the frames it would send. The caller names the time, so the same code runs in real time
// and a thousand times faster; it must never look at a clock.
import { type GeodeticPosition } from '../rtcm/geodesy.ts';
import { type Ecef, geodeticOf } from './earth-frame.ts';
import { gpsMsFromSeconds } from './gps-time.ts';
import { encodeMsm7Epoch } from './msm7-frames.ts';
import { observe, type SatelliteObservation } from './observation.ts';
import { type Receiver, truePositionEcef } from './receiver.ts';
import { encodeDescriptorFrame, encodeStationFrames } from './station-frames.ts';

export interface SimulatedEpoch {
  /** In sending order: due station and ephemeris messages, then the observations, whose last frame ends the epoch. */
  readonly frames: readonly Buffer[];
  /** What the frames say, before it was rounded to their fields. */
  readonly observations: readonly SatelliteObservation[];
  /** Where the antenna really was. */
  readonly position: { readonly ecef: Ecef; readonly geodetic: GeodeticPosition };
}

/** A real receiver spreads its ephemerides as well: a burst of all of them would delay the first observations. */
const EPHEMERIDES_PER_EPOCH_MAX = 4;
const DESCRIPTOR_INTERVAL_S = 30;

/**
 * Simulates the epoch at `gpsTimeS` (seconds since 1980-01-06, taken to the millisecond). Epochs of one receiver are
 * meant to be simulated in order; after a gap or a step back all satellites are locked anew.
 */
export function simulateEpoch(receiver: Receiver, gpsTimeS: number): SimulatedEpoch {
  const gpsMs = gpsMsFromSeconds(gpsTimeS);
  const { constellation, stationId } = receiver.options;
  const observations = observe(receiver, gpsMs);
  const ecef = truePositionEcef(receiver, gpsMs / 1000);
  return {
    frames: [
      ...dueStationFrames(receiver, gpsMs),
      ...dueEphemerides(receiver, gpsMs, observations),
      ...encodeMsm7Epoch({ stationId, gpsMs, leapSeconds: constellation.leapSeconds }, observations),
    ],
    observations,
    position: { ecef, geodetic: geodeticOf(ecef) },
  };
}

function dueStationFrames(receiver: Receiver, gpsMs: number): Buffer[] {
  if (receiver.role !== 'base') return [];
  const { sent, options } = receiver;
  const frames: Buffer[] = [];
  if (isDue(sent.station, gpsMs, options.stationIntervalS ?? 10)) {
    sent.station = gpsMs;
    frames.push(...encodeStationFrames(receiver));
  }
  if (options.antenna?.descriptor !== undefined && isDue(sent.descriptor, gpsMs, DESCRIPTOR_INTERVAL_S)) {
    sent.descriptor = gpsMs;
    frames.push(encodeDescriptorFrame(options.stationId, options.antenna));
  }
  return frames;
}

/** Those of visible satellites that are new or were not sent for a while, the longest unsent first. */
function dueEphemerides(
  { sent: { ephemerides }, options }: Receiver,
  gpsMs: number,
  observations: readonly SatelliteObservation[],
): Buffer[] {
  const due = observations
    .map(({ satellite, issue }) => {
      const last = ephemerides.get(satellite.key);
      return { key: satellite.key, issue, lastMs: last?.issueIndex === issue.index ? last.atMs : -Infinity };
    })
    .filter(({ lastMs }) => isDue(lastMs, gpsMs, options.ephemerisIntervalS ?? 60))
    .sort((a, b) => (a.lastMs === b.lastMs ? a.key - b.key : a.lastMs - b.lastMs))
    .slice(0, EPHEMERIDES_PER_EPOCH_MAX);
  for (const { key, issue } of due) ephemerides.set(key, { issueIndex: issue.index, atMs: gpsMs });
  return due.map(({ issue }) => issue.frame);
}

/** A little early counts as due, so that epochs off the full second keep the interval. */
function isDue(lastMs: number, nowMs: number, intervalS: number): boolean {
  return nowMs < lastMs || nowMs - lastMs >= intervalS * 1000 - 50;
}
