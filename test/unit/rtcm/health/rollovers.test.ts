// That a base which is well is told to be well where its counters begin anew: at midnight of UTC, GPS, BeiDou and Moscow
// time, at the end of the GPS and the BeiDou week, and behind a leap second that this program does not know of.
import { describe, expect, test } from 'vitest';
import { type ClockFault } from '../../../../caster/rtcm/health/observation-clock.ts';
import { StreamHealth } from '../../../../caster/rtcm/health/stream-health.ts';
import { epochFieldOf, gpsWeekMs, msm4Frame, SKY, type SkySystem } from '../../../support/observations.ts';

const LATENCY_MS = 200;
const SECOND_MS = 1000;
const AROUND_S = 40;
const ALL: readonly SkySystem[] = ['GPS', 'GLO', 'GAL', 'BDS'];

interface Watched {
  readonly health: StreamHealth;
  readonly faults: readonly (ClockFault | null)[];
  readonly agesMs: readonly (number | null)[];
}

/** A base at `hz`, from before `middleMs` until behind it, looked at after each epoch. */
function watch(
  middleMs: number,
  { hz = 1, fieldOf = epochFieldOf, systems = ALL, latencyMs = LATENCY_MS } = {},
): Watched {
  const health = new StreamHealth();
  const faults: (ClockFault | null)[] = [];
  const agesMs: (number | null)[] = [];
  const stepMs = SECOND_MS / hz;
  for (
    let unixMs = middleMs - AROUND_S * SECOND_MS;
    unixMs < middleMs + AROUND_S * SECOND_MS;
    unixMs += stepMs
  ) {
    for (const [index, system] of systems.entries()) {
      const [block, satellites] = SKY[system];
      const more = index < systems.length - 1;
      const frame = msm4Frame({ message: block + 4, epoch: fieldOf(system, unixMs), satellites, more });
      health.observe(frame, block + 4, unixMs, unixMs + latencyMs);
    }
    const { clockFault, ageMs } = health.snapshot(unixMs);
    faults.push(clockFault);
    agesMs.push(ageMs);
  }
  return { health, faults, agesMs };
}

const SATURDAY_MIDNIGHT = Date.UTC(2026, 10, 29);

describe('a base that is well', () => {
  test.each([
    ['midnight UTC', Date.UTC(2026, 10, 26)],
    ['midnight of GPS time', Date.UTC(2026, 10, 26) - 18_000],
    ['midnight of Moscow', Date.UTC(2026, 10, 26) - 3 * 3_600_000],
    ['midnight of GLONASS as GPS counts it', Date.UTC(2026, 10, 26, 21, 0, 18)],
    ['the end of the GPS week', SATURDAY_MIDNIGHT - 18_000],
    ['the end of the BeiDou week', SATURDAY_MIDNIGHT - 4000],
    ['midnight UTC behind the end of the week', SATURDAY_MIDNIGHT],
    ['the end of the year', Date.UTC(2027, 0, 1)],
  ])('is told to be well around %s, at 1 Hz and at 5 Hz', (_, middleMs) => {
    for (const hz of [1, 5]) {
      const { health, faults, agesMs } = watch(middleMs, { hz });
      expect(faults.filter((fault) => fault !== null)).toEqual([]);
      expect(new Set(agesMs)).toEqual(new Set([LATENCY_MS]));
      expect(health.snapshot(middleMs + AROUND_S * SECOND_MS)).toMatchObject({
        ...{ epochs: 2 * AROUND_S * hz, epochsMissing: 0, gaps: 0, timeJumps: 0, intervalMs: SECOND_MS / hz },
      });
    }
  });

  test.each(ALL)('is told to be well at the end of the week with %s alone', (system) => {
    for (const middleMs of [SATURDAY_MIDNIGHT - 18_000, SATURDAY_MIDNIGHT - 4000, SATURDAY_MIDNIGHT]) {
      const { health, faults } = watch(middleMs, { systems: [system] });
      expect(faults.filter((fault) => fault !== null)).toEqual([]);
      expect(health.snapshot(middleMs)).toMatchObject({ timeJumps: 0, epochsMissing: 0 });
    }
  });

  test('is told to be well where its BeiDou time goes below zero behind the end of the GPS week', () => {
    // Septentrio firmware 5.1: the field is unsigned, and 14 s are taken off a new week's first seconds.
    const fieldOf = (system: SkySystem, unixMs: number): number => {
      const belowZero = gpsWeekMs(unixMs) - 14_000;
      return system === 'BDS' && belowZero < 0 ? 2 ** 30 + belowZero : epochFieldOf(system, unixMs);
    };
    const { health, faults } = watch(SATURDAY_MIDNIGHT - 18_000, { fieldOf });
    expect(faults.filter((fault) => fault !== null)).toEqual([]);
    expect(health.snapshot(0)).toMatchObject({ timeJumps: 0, epochsMissing: 0, epochs: 2 * AROUND_S });
  });

  test('is told to be well behind a leap second that came after this program was made', () => {
    // GPS and what counts like it are then a second further from UTC; GLONASS is UTC and repeats a second.
    const fieldOf = (system: SkySystem, unixMs: number): number =>
      epochFieldOf(system, system === 'GLO' || unixMs < SATURDAY_MIDNIGHT ? unixMs : unixMs + SECOND_MS);
    const { faults } = watch(SATURDAY_MIDNIGHT, { fieldOf });
    expect(faults.filter((fault) => fault !== null)).toEqual([]);
  });
});

describe('a base that is not well', () => {
  test.each([
    ['a second behind with its leap seconds', 1000],
    ['a second ahead with them', -1000],
  ])('is told of when its GLONASS is %s', (_, offsetMs) => {
    const fieldOf = (system: SkySystem, unixMs: number): number =>
      epochFieldOf(system, system === 'GLO' ? unixMs + offsetMs : unixMs);
    const { faults } = watch(SATURDAY_MIDNIGHT, { fieldOf });
    expect(faults.at(-1)).toEqual({ kind: 'systems_apart', system: 'GLO', offsetMs });
  });

  test('is told of when it is a week day off, also around the end of the week', () => {
    const fieldOf = (system: SkySystem, unixMs: number): number => epochFieldOf(system, unixMs + 86_400_000);
    const { faults } = watch(SATURDAY_MIDNIGHT, { fieldOf });
    const isKnown = faults.slice(10);
    expect(new Set(isKnown.map((fault) => fault?.kind))).toEqual(new Set(['wrong_day']));
    expect(isKnown.at(-1)?.offsetMs).toBe(86_400_000 - LATENCY_MS);
  });
});
