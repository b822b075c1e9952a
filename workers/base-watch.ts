// Tells of bases what somebody should look after: silent, moved, a constellation gone, a clock that is wrong. Each once
// when it begins and once when it is over; what a session leaves open is over with it. Where a station is is remembered
// beyond the session, as a base that is started anew is the one that comes up elsewhere.

import type { BaseReport } from '../caster/net/house.ts';
import type { ClockFault, ClockFaultKind } from '../caster/rtcm/health/observation-clock.ts';
import {
  distanceBetweenM,
  STATION_MOVED_M_MIN,
  type StationPlace,
} from '../caster/rtcm/health/station-moves.ts';
import type { SatelliteSystem } from '../caster/rtcm/satellite-system.ts';
import type { Journal } from '../platform/observe/journal.ts';

/** What is wrong with a base now. */
export const BASE_FAULTS = ['silent', 'constellation_lost', 'clock_wrong'] as const;
export type BaseFault = (typeof BASE_FAULTS)[number];

/** What was told of a session. */
interface Told {
  silent: boolean;
  readonly lost: Set<SatelliteSystem>;
  /** Kind and system of the clock's fault; empty where there is none. */
  clock: string;
  moves: number;
}

const CLOCK_FIX: Readonly<Record<ClockFaultKind, string>> = {
  ahead: 'see whether this machine keeps the right time, then the clock and the leap seconds of the base',
  behind:
    'see whether this machine keeps the right time, then whether the base replays a recording or its link is slow',
  wrong_day: 'see whether this machine has the right date, then whether the base replays a recording',
  systems_apart:
    'bring the firmware of the receiver up to date: its leap seconds or the time scale are wrong',
};

export class BaseWatch {
  readonly #journal: Journal;
  readonly #told = new Map<string, Told>();
  /** By mountpoint: where its station said last that it is. */
  readonly #places = new Map<string, StationPlace>();
  /** Stations that have moved since the start. */
  moves = 0;

  constructor(journal: Journal) {
    this.#journal = journal;
  }

  /** `isSilent` is the same rule as that of the sourcetable. */
  take(reports: readonly BaseReport[], isSilent: (report: BaseReport) => boolean): void {
    for (const report of reports) {
      const told = this.#toldOf(report);
      this.#lookAtSilence(report, told, isSilent(report));
      this.#lookAtPlace(report, told);
      this.#lookAtSystems(report, told);
      this.#lookAtClock(report, told);
    }
  }

  /** A session is over. */
  forget(sessionId: string): void {
    this.#told.delete(sessionId);
  }

  /** Bases with each fault now. */
  faulty(): Readonly<Record<BaseFault, number>> {
    const faulty = { silent: 0, constellation_lost: 0, clock_wrong: 0 };
    for (const { silent, lost, clock } of this.#told.values()) {
      if (silent) faulty.silent++;
      if (lost.size > 0) faulty.constellation_lost++;
      if (clock !== '') faulty.clock_wrong++;
    }
    return faulty;
  }

  #toldOf({ sessionId }: BaseReport): Told {
    let told = this.#told.get(sessionId);
    if (told === undefined) {
      told = { silent: false, lost: new Set(), clock: '', moves: 0 };
      this.#told.set(sessionId, told);
    }
    return told;
  }

  #lookAtSilence({ sessionId, mountpoint, silentMs }: BaseReport, told: Told, isSilent: boolean): void {
    if (told.silent === isSilent) return;
    told.silent = isSilent;
    const base = { mountpoint, session: sessionId };
    if (isSilent) {
      this.#journal.recordSampled(mountpoint, 'warn', 'base_silent', {
        ...base,
        silentMs,
        fix: 'see whether the receiver still has power, satellites and its link',
      });
    } else this.#journal.recordSampled(mountpoint, 'info', 'base_heard', base);
  }

  #lookAtPlace({ sessionId, mountpoint, health }: BaseReport, told: Told): void {
    const { place, stations, moves, lastMove } = health;
    if (place === null) return;
    const before = this.#places.get(mountpoint);
    // Of a network stream only what each station says of itself can be compared.
    const sinceBefore = before === undefined || stations > 1 ? 0 : distanceBetweenM(before, place);
    if (stations > 1) this.#places.delete(mountpoint);
    else if (before === undefined || sinceBefore >= STATION_MOVED_M_MIN) this.#places.set(mountpoint, place);
    const distanceM = moves > told.moves ? (lastMove?.distanceM ?? sinceBefore) : sinceBefore;
    told.moves = moves;
    if (distanceM < STATION_MOVED_M_MIN) return;
    this.moves++;
    const [x, y, z] = place.ecefM;
    this.#journal.recordSampled(mountpoint, 'warn', 'station_moved', {
      mountpoint,
      session: sessionId,
      station: place.station,
      distanceM: rounded(distanceM),
      ecefM: `${x} ${y} ${z}`,
      fix: 'every rover is off by as much: put the coordinates of the antenna into the base again, unless it was moved on purpose',
    });
  }

  #lookAtSystems({ sessionId, mountpoint, health }: BaseReport, told: Told): void {
    for (const { system, isLost, usualSatellites } of health.systems) {
      if (told.lost.has(system) === isLost) continue;
      const fields = { mountpoint, session: sessionId, system, usualSatellites: Math.round(usualSatellites) };
      if (isLost) {
        told.lost.add(system);
        this.#journal.recordSampled(mountpoint, 'warn', 'constellation_lost', {
          ...fields,
          fix: 'see whether it was switched off in the receiver or is disturbed there',
        });
      } else {
        told.lost.delete(system);
        this.#journal.recordSampled(mountpoint, 'info', 'constellation_back', fields);
      }
    }
  }

  #lookAtClock({ sessionId, mountpoint, health }: BaseReport, told: Told): void {
    const { clockFault } = health;
    const clock = clockFault === null ? '' : `${clockFault.kind} ${clockFault.system}`;
    if (clock === told.clock) return;
    told.clock = clock;
    const base = { mountpoint, session: sessionId };
    if (clockFault === null) this.#journal.recordSampled(mountpoint, 'info', 'observation_clock_right', base);
    else this.#tellClock(clockFault, base);
  }

  #tellClock(
    { kind, system, offsetMs }: ClockFault,
    { mountpoint, session }: { readonly mountpoint: string; readonly session: string },
  ): void {
    this.#journal.recordSampled(mountpoint, 'warn', 'observation_clock_wrong', {
      mountpoint,
      session,
      fault: kind,
      system,
      offsetMs,
      fix: CLOCK_FIX[kind],
    });
  }
}

function rounded(meters: number): number {
  return Math.round(meters * 1000) / 1000;
}
