// Tells of bases what somebody should look after: silent, incomplete, moved, a constellation gone, a clock that is wrong.
// Each once when it begins and once when it is over; what a session leaves open is over with it. Where a station is is
// remembered beyond the session, as a base that is started anew is the one that comes up elsewhere.

import { BASE_FAULTS, type BaseFault } from '../caster/accounts/base-health.ts';
import type { BaseReport } from '../caster/net/house.ts';
import type { ClockFault, ClockFaultKind } from '../caster/rtcm/health/observation-clock.ts';
import {
  distanceBetweenM,
  STATION_MOVED_M_MIN,
  type StationPlace,
} from '../caster/rtcm/health/station-moves.ts';
import type { SatelliteSystem } from '../caster/rtcm/satellite-system.ts';
import type { Journal } from '../platform/observe/journal.ts';

/** What was told of a session. */
interface Told {
  silent: boolean;
  incomplete: boolean;
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

/** Of the epochs due in the last minute: what nobody is told of, from what on it is over, and one alone never counts. */
const MISSING_RATIO_MAX = 0.1;
const MISSING_RATIO_OVER = 0.02;
const MISSING_MIN = 2;

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
      this.#lookAtEpochs(report, told);
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
    const faulty = { silent: 0, incomplete: 0, constellation_lost: 0, clock_wrong: 0 };
    for (const told of this.#told.values()) for (const fault of faultsIn(told)) faulty[fault]++;
    return faulty;
  }

  /** What is wrong with the base of a session now. */
  faultsOf(sessionId: string): readonly BaseFault[] {
    const told = this.#told.get(sessionId);
    return told === undefined ? [] : faultsIn(told);
  }

  #toldOf({ sessionId }: BaseReport): Told {
    let told = this.#told.get(sessionId);
    if (told === undefined) {
      told = { silent: false, incomplete: false, lost: new Set(), clock: '', moves: 0 };
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

  #lookAtEpochs({ sessionId, mountpoint, crcErrors, health }: BaseReport, told: Told): void {
    const { epochs, missing } = health.lastMinute;
    const ratio = missing === 0 ? 0 : missing / (epochs + missing);
    const isIncomplete = told.incomplete
      ? ratio > MISSING_RATIO_OVER
      : ratio > MISSING_RATIO_MAX && missing >= MISSING_MIN;
    if (told.incomplete === isIncomplete) return;
    told.incomplete = isIncomplete;
    const base = { mountpoint, session: sessionId };
    if (isIncomplete) {
      this.#journal.recordSampled(mountpoint, 'warn', 'base_incomplete', {
        ...base,
        missing,
        due: epochs + missing,
        crcErrors,
        fix: 'see whether its link is too slow for what the receiver sends, or damages it: crcErrors then grows',
      });
    } else this.#journal.recordSampled(mountpoint, 'info', 'base_complete', base);
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

function faultsIn({ silent, incomplete, lost, clock }: Told): BaseFault[] {
  const has = { silent, incomplete, constellation_lost: lost.size > 0, clock_wrong: clock !== '' };
  return BASE_FAULTS.filter((fault) => has[fault]);
}

function rounded(meters: number): number {
  return Math.round(meters * 1000) / 1000;
}
