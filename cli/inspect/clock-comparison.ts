// Whether the systems of a recording's epochs name the same time: GLONASS with wrong leap seconds does not, nor BeiDou
// sent in GPS time.

import { dayDifferenceMs } from '../../caster/rtcm/epoch-time.ts';
import { SATELLITE_SYSTEMS, type SatelliteSystem } from '../../caster/rtcm/satellite-system.ts';
import { type SystemApart } from './report.ts';

/** Messages of one epoch differ by at most a rounded millisecond. */
const SAME_TIME_MS = 4;
/** Whose time the others are compared with: GPS and what counts like it first. */
const BY_TRUST: readonly SatelliteSystem[] = ['GPS', 'GAL', 'QZS', 'BDS', 'IRN', 'SBAS', 'GLO'];

export class ClockComparison {
  readonly #apart = new Map<SatelliteSystem, { offsetMs: number; epochs: number }>();

  /** Takes a complete epoch's times, as of EpochBoundaries. */
  take(times: Float64Array): void {
    let reference = NaN;
    for (const system of BY_TRUST) {
      const time = times[SATELLITE_SYSTEMS.indexOf(system)]!;
      if (Number.isNaN(time)) continue;
      if (Number.isNaN(reference)) reference = time;
      const offsetMs = dayDifferenceMs(time, reference);
      if (Math.abs(offsetMs) > SAME_TIME_MS) this.#note(system, offsetMs);
    }
  }

  report(): SystemApart[] {
    return [...this.#apart].map(([system, { offsetMs, epochs }]) => ({ system, offsetMs, epochs }));
  }

  #note(system: SatelliteSystem, offsetMs: number): void {
    const known = this.#apart.get(system);
    if (known === undefined) {
      this.#apart.set(system, { offsetMs, epochs: 1 });
      return;
    }
    known.offsetMs = offsetMs;
    known.epochs++;
  }
}
