// A simulated base for the commands that need one. All of them look at the same sky in a given GPS week, so that two
// processes can play base and rover.

import { LEAP_SECONDS_DEFAULT } from '../caster/rtcm/epoch-time.ts';
import { type Constellation, createConstellation } from '../caster/simulator/constellation.ts';
import { gpsTimeFromUnixMs } from '../caster/simulator/gps-time.ts';
import { createReceiver, type Receiver } from '../caster/simulator/receiver.ts';
import { SIMULATED_SYSTEMS } from '../caster/simulator/simulated-signals.ts';
import { type Place } from './option-values.ts';

export const SKY_SEED_DEFAULT = 1;

const WEEK_S = 604_800;

/** The sky as of a GPS time in seconds since 1980; the same for all of its week. */
export function createSky(seed: number, gpsTimeS: number): Constellation {
  return createConstellation({
    seed,
    systems: SIMULATED_SYSTEMS,
    startGpsTimeS: Math.floor(gpsTimeS / WEEK_S) * WEEK_S,
    leapSeconds: LEAP_SECONDS_DEFAULT,
  });
}

/** A base at `place`; `stationId` also seeds its noise and clock. */
export function createSimulatedBase(constellation: Constellation, place: Place, stationId: number): Receiver {
  return createReceiver({
    constellation,
    ...place,
    stationId,
    seed: constellation.seed * 4096 + stationId,
    role: 'base',
    antenna: { heightM: 0, descriptor: 'ROVERCAST SIMULATED', serialNumber: String(stationId) },
  });
}

/** GPS seconds since 1980 of a Unix time in milliseconds. */
export function gpsTimeAt(unixMs: number): number {
  return gpsTimeFromUnixMs(unixMs, LEAP_SECONDS_DEFAULT);
}
