// How well each mountpoint's base did its work in the running minute, from its reports.

import type { StreamHealthRow } from '../caster/metering/record-rows.ts';
import type { BaseReport } from '../caster/net/house.ts';
import type { SystemHealth } from '../caster/rtcm/health/constellations.ts';
import { SATELLITE_SYSTEMS, type SatelliteSystem } from '../caster/rtcm/satellite-system.ts';

type Counts = Record<SatelliteSystem, number>;

interface Minute extends Omit<StreamHealthRow, 'satellites' | 'signals' | 'clockWrongSeconds'> {
  epochs: number;
  epochsMissing: number;
  gaps: number;
  timeJumps: number;
  intervalMs: number;
  ageMsMax: number;
  ageMsSum: number;
  ageCount: number;
  cycleSlips: number;
  stationMoves: number;
  satellitesUsual: number;
  clockWrongMs: number;
  /** Undefined before any epoch was complete. */
  satellites: Counts | undefined;
  signals: Counts | undefined;
}

export class HealthMinutes {
  readonly #node: string;
  readonly #minutes = new Map<string, Minute>();

  constructor(node: string) {
    this.#node = node;
  }

  /** What has changed since the report before, which came `sinceMs` ago. Streams without observations make no row. */
  add(
    { mountpoint, health }: BaseReport,
    was: BaseReport | undefined,
    sinceMs: number,
    minuteAtMs: number,
  ): void {
    if (health.epochs === 0) return;
    const minute = this.#minuteFor(mountpoint, minuteAtMs);
    const before = was?.health;
    const epochs = health.epochs - (before?.epochs ?? 0);
    minute.epochs += epochs;
    minute.epochsMissing += health.epochsMissing - (before?.epochsMissing ?? 0);
    minute.gaps += health.gaps - (before?.gaps ?? 0);
    minute.timeJumps += health.timeJumps - (before?.timeJumps ?? 0);
    minute.cycleSlips += health.slips - (before?.slips ?? 0);
    minute.stationMoves += health.moves - (before?.moves ?? 0);
    minute.intervalMs = Math.round(health.intervalMs ?? 0);
    if (health.clockFault !== null) minute.clockWrongMs += sinceMs;
    if (epochs === 0) return;
    if (health.ageMs !== null) {
      const ageMs = Math.round(health.ageMs);
      minute.ageMsMax = minute.ageCount === 0 ? ageMs : Math.max(minute.ageMsMax, ageMs);
      minute.ageMsSum += ageMs;
      minute.ageCount++;
    }
    addSystems(minute, health.systems);
  }

  /** The minute as it is by now, which is over with this. */
  take(): StreamHealthRow[] {
    const none = countsOf([], () => 0);
    const rows = [...this.#minutes.values()].map(({ clockWrongMs, satellites, signals, ...row }) => ({
      ...row,
      clockWrongSeconds: Math.min(60, Math.round(clockWrongMs / 1000)),
      satellites: satellites ?? none,
      signals: signals ?? none,
    }));
    this.#minutes.clear();
    return rows;
  }

  #minuteFor(mountpoint: string, minuteAtMs: number): Minute {
    const known = this.#minutes.get(mountpoint);
    if (known !== undefined) return known;
    const minute: Minute = {
      ...{ mountpoint, minuteAtMs, node: this.#node, revision: 0 },
      ...{ epochs: 0, epochsMissing: 0, gaps: 0, timeJumps: 0, intervalMs: 0 },
      ...{ ageMsMax: 0, ageMsSum: 0, ageCount: 0, clockWrongMs: 0, cycleSlips: 0, stationMoves: 0 },
      ...{ satellitesUsual: 0, satellites: undefined, signals: undefined },
    };
    this.#minutes.set(mountpoint, minute);
    return minute;
  }
}

function addSystems(minute: Minute, systems: readonly SystemHealth[]): void {
  if (systems.length === 0) return;
  minute.satellites = fewest(
    minute.satellites,
    countsOf(systems, ({ satellites }) => satellites),
  );
  minute.signals = fewest(
    minute.signals,
    countsOf(systems, ({ signals }) => signals),
  );
  minute.satellitesUsual = Math.round(systems.reduce((sum, { usualSatellites }) => sum + usualSatellites, 0));
}

function countsOf(systems: readonly SystemHealth[], of: (system: SystemHealth) => number): Counts {
  const counts: Counts = { GPS: 0, GLO: 0, GAL: 0, BDS: 0, QZS: 0, SBAS: 0, IRN: 0 };
  for (const system of systems) counts[system.system] = of(system);
  return counts;
}

function fewest(before: Counts | undefined, now: Counts): Counts {
  if (before === undefined) return now;
  for (const system of SATELLITE_SYSTEMS) before[system] = Math.min(before[system], now[system]);
  return before;
}
