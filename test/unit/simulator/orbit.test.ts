// Every satellite, at moments all over the life of its broadcast data, against second-orbit.ts.
import { describe, expect, test } from 'vitest';
import {
  createConstellation,
  type SatelliteState,
  TRAVEL_MS,
} from '../../../caster/simulator/constellation.ts';
import { type Ecef } from '../../../caster/simulator/earth-frame.ts';
import { type SimulatedSystem } from '../../../caster/simulator/simulated-signals.ts';
import { payloadBits } from './raw-bits.ts';
import { glonassFromFrame, keplerFromFrame, type Vector } from './second-orbit.ts';

const SEED = 20;
const START_S = 2409 * 604_800 + 187_200; // 2026-03-10 04:00:00 GPS time
/** Minutes after the start: in the middle of issues, just before and after they change, days later, a week later. */
const MINUTES = [0, 7.5, 31, 59.99, 60.01, 119.99, 120.01, 700, 4321, 10_080.5];

/** What steps of 60 s cost over a quarter of an hour; receivers and RTKLIB make the same error. */
const GLONASS_STEP_ERROR_M = 0.0015;

function statesAt(system: SimulatedSystem, minutes: number): readonly SatelliteState[] {
  const constellation = createConstellation({ seed: SEED, systems: [system], startGpsTimeS: START_S });
  return constellation.statesAt(Math.round((START_S + minutes * 60) * 1000));
}

function secondOpinion(
  { satellite, issue }: SatelliteState,
  gpsMs: number,
): { position: Vector; clockS: number } {
  if (satellite.system === 'GLO') {
    // The reference quarter of an hour of the Moscow day is in the frame; the day is that of the moment.
    const moscowDayMs = (gpsMs - 18_000 + 10_800_000) % 86_400_000;
    const sinceMs = moscowDayMs - payloadBits(issue.frame, 12 + 6 + 5 + 4 + 12 + 2, 7) * 900_000;
    return glonassFromFrame(issue.frame, sinceMs / 1000);
  }
  const lagMs = satellite.system === 'BDS' ? 14_000 : 0;
  return keplerFromFrame(issue.frame, ((gpsMs - lagMs) % 604_800_000) / 1000);
}

function distance(a: Ecef, [x, y, z]: Vector): number {
  return Math.hypot(a.x - x, a.y - y, a.z - z);
}

describe.each(['GPS', 'GLO', 'GAL', 'BDS'] as const)('orbits of %s', (system) => {
  test.each(MINUTES)('after %d minutes all satellites are where their broadcast data put them', (minutes) => {
    const sentMs = Math.round((START_S + minutes * 60) * 1000) - TRAVEL_MS;
    const errorsM = statesAt(system, minutes).map((state) =>
      distance(state.motion.position, secondOpinion(state, sentMs).position),
    );
    expect(errorsM.length).toBeGreaterThanOrEqual(24);
    expect(Math.max(...errorsM)).toBeLessThan(system === 'GLO' ? GLONASS_STEP_ERROR_M : 0.0005);
  });

  test.each(MINUTES)('after %d minutes all clocks show what their broadcast data say', (minutes) => {
    const sentMs = Math.round((START_S + minutes * 60) * 1000) - TRAVEL_MS;
    const errorsS = statesAt(system, minutes).map((state) =>
      Math.abs(state.motion.clockS - secondOpinion(state, sentMs).clockS),
    );
    expect(Math.max(...errorsS)).toBeLessThan(1e-13);
  });

  test('velocity is the change of the second calculation over a second', () => {
    const sentMs = START_S * 1000 + 60_000 - TRAVEL_MS;
    const errorsMps = statesAt(system, 1).map((state) => {
      const before = secondOpinion(state, sentMs - 500).position;
      const after = secondOpinion(state, sentMs + 500).position;
      return distance(state.motion.velocity, [
        after[0] - before[0],
        after[1] - before[1],
        after[2] - before[2],
      ]);
    });
    expect(Math.max(...errorsMps)).toBeLessThan(0.0001);
  });

  test('a change of issue moves a satellite by no more than its message rounds', () => {
    const stepMaxM = system === 'GLO' ? 1.5 : 0.1;
    const changes = [60, 120].flatMap((minutes) => {
      const before = statesAt(system, minutes - 1 / 60_000);
      const after = statesAt(system, minutes + 1 / 60_000);
      return before.map((state, index) => {
        const { position, velocity } = after[index]!.motion;
        const backS = 0.002;
        return distance(state.motion.position, [
          position.x - velocity.x * backS,
          position.y - velocity.y * backS,
          position.z - velocity.z * backS,
        ]);
      });
    });
    expect(Math.max(...changes)).toBeLessThan(stepMaxM);
  });
});

test('two constellations of one seed are the same sky, of another seed another', () => {
  const positions = (seed: number) =>
    createConstellation({ seed, systems: ['GPS', 'GLO', 'GAL', 'BDS'], startGpsTimeS: START_S })
      .statesAt(START_S * 1000)
      .map(({ motion }) => motion.position);
  expect(positions(1)).toEqual(positions(1));
  expect(positions(1)).not.toEqual(positions(2));
});

test('states do not depend on which moments were asked for before', () => {
  const systems = ['GPS', 'GLO', 'GAL', 'BDS'] as const;
  const wandering = createConstellation({ seed: 3, systems, startGpsTimeS: START_S });
  for (const hours of [30, -20, 0, 55]) wandering.statesAt((START_S + hours * 3600) * 1000);
  const fresh = createConstellation({ seed: 3, systems, startGpsTimeS: START_S });
  const moment = (START_S + 12_345) * 1000;
  expect(wandering.statesAt(moment).map(({ motion }) => motion)).toEqual(
    fresh.statesAt(moment).map(({ motion }) => motion),
  );
});
