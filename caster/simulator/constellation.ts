// The sky that all receivers of a simulation share: satellites, what they broadcast, where they are. Satellite states
// are computed once per moment, however many receivers ask. It must never depend on who asked before.
import { createGlonassSatellite, glonassChannel } from './glonass-satellite.ts';
import { gpsMsFromSeconds } from './gps-time.ts';
import { createKeplerSatellite } from './kepler-satellite.ts';
import { type BroadcastIssue, type SatelliteMotion } from './motion.ts';
import { nominalOrbits } from './nominal-orbit.ts';
import { SIMULATED_SYSTEMS, type SimulatedSystem } from './simulated-signals.ts';

export interface ConstellationOptions {
  readonly seed: number;
  readonly systems: readonly SimulatedSystem[];
  /** Reference epoch of the orbits. Two processes see one sky if seed, systems and this are the same. */
  readonly startGpsTimeS: number;
  /** GPS minus UTC; matters to GLONASS only. Default 18. */
  readonly leapSeconds?: number;
  /** Ionosphere and troposphere; default true. Without them a solver must hit the truth without any model. */
  readonly atmosphere?: boolean;
}

export interface Satellite {
  readonly system: SimulatedSystem;
  /** As in the MSM satellite mask. */
  readonly satelliteId: number;
  /** GLONASS frequency channel, -7 to 6; 0 elsewhere. */
  readonly channel: number;
  /** Number of the satellite over all systems: a seed of its noise. */
  readonly key: number;
}

export interface SatelliteState {
  readonly satellite: Satellite;
  readonly issue: BroadcastIssue;
  /** Valid around the moment `TRAVEL_MS` before the one asked for. */
  readonly motion: SatelliteMotion;
}

export interface Constellation {
  readonly seed: number;
  readonly systems: readonly SimulatedSystem[];
  readonly leapSeconds: number;
  readonly atmosphere: boolean;
  /** Every satellite, about as it was when it sent what is received at `gpsMs`; systems in sending order. */
  statesAt(gpsMs: number): readonly SatelliteState[];
}

/** About how long light travels: states are given for this much before reception. */
export const TRAVEL_MS = 75;

/** Moments whose states are kept: receivers of different rates and phases take turns. */
const MOMENTS_KEPT = 8;

export function createConstellation(options: ConstellationOptions): Constellation {
  const leapSeconds = options.leapSeconds ?? 18;
  const referenceMs = gpsMsFromSeconds(options.startGpsTimeS);
  const systems = SIMULATED_SYSTEMS.filter((system) => options.systems.includes(system));
  const satellites = systems.flatMap((system) =>
    nominalOrbits(system, options.seed).map((orbit) => {
      const satellite: Satellite = {
        system,
        satelliteId: orbit.satelliteId,
        channel: system === 'GLO' ? glonassChannel(orbit.satelliteId) : 0,
        key: SIMULATED_SYSTEMS.indexOf(system) * 64 + orbit.satelliteId,
      };
      const issueAt =
        system === 'GLO'
          ? createGlonassSatellite(orbit, referenceMs, leapSeconds)
          : createKeplerSatellite(system, orbit, referenceMs);
      return { satellite, issueAt };
    }),
  );
  const kept = new Map<number, readonly SatelliteState[]>();

  return {
    seed: options.seed,
    systems,
    leapSeconds,
    atmosphere: options.atmosphere ?? true,
    statesAt(gpsMs) {
      const known = kept.get(gpsMs);
      if (known) return known;
      const states = satellites.map(({ satellite, issueAt }) => {
        const issue = issueAt(gpsMs);
        return { satellite, issue, motion: issue.motionAt(gpsMs - TRAVEL_MS) };
      });
      if (kept.size >= MOMENTS_KEPT) kept.delete(kept.keys().next().value!);
      kept.set(gpsMs, states);
      return states;
    },
  };
}
