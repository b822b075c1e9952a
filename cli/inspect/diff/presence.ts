// How often each satellite and signal was in both recordings, and in one of them only.

import { type SatelliteSystem } from '../../../caster/rtcm/satellite-system.ts';
import { signalOf } from '../../../caster/rtcm/signals.ts';
import { satelliteName } from '../satellite-name.ts';

export type Side = 'both' | 'onlyBefore' | 'onlyAfter';

interface Counts {
  readonly both: number;
  readonly onlyBefore: number;
  readonly onlyAfter: number;
}

/** Counted in messages. */
export interface SatellitePresence extends Counts {
  readonly name: string;
  readonly system: SatelliteSystem;
}

/** Counted in cells: satellites of messages. */
export interface SignalPresence extends Counts {
  readonly system: SatelliteSystem;
  /** DF395; of legacy messages 0 for the first and -1 for the second band. */
  readonly id: number;
  /** RINEX 3 code; null where nobody agrees on it, and for legacy messages, which tell it satellite by satellite. */
  readonly code: string | null;
  readonly band: string;
}

export const LEGACY_FIRST_BAND = 0;
export const LEGACY_SECOND_BAND = -1;

const LEGACY_BANDS: Partial<Record<SatelliteSystem, readonly [first: string, second: string]>> = {
  GPS: ['L1', 'L2'],
  SBAS: ['L1', 'L2'],
  GLO: ['G1', 'G2'],
};

type Tally = { -readonly [side in Side]: number };

export class Presence {
  readonly #satellites = new Map<string, Tally & { readonly system: SatelliteSystem }>();
  readonly #signals = new Map<string, Tally & { readonly system: SatelliteSystem; readonly id: number }>();

  /** `id` as in the message. */
  noteSatellite(system: SatelliteSystem, id: number, side: Side): void {
    const name = satelliteName(system, id);
    let tally = this.#satellites.get(name);
    if (tally === undefined) {
      tally = { system, both: 0, onlyBefore: 0, onlyAfter: 0 };
      this.#satellites.set(name, tally);
    }
    tally[side]++;
  }

  noteCell(system: SatelliteSystem, id: number, side: Side): void {
    const key = `${system} ${id}`;
    let tally = this.#signals.get(key);
    if (tally === undefined) {
      tally = { system, id, both: 0, onlyBefore: 0, onlyAfter: 0 };
      this.#signals.set(key, tally);
    }
    tally[side]++;
  }

  satellites(): SatellitePresence[] {
    return [...this.#satellites]
      .map(([name, counts]) => ({ name, ...counts }))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  signals(): SignalPresence[] {
    return [...this.#signals.values()]
      .map(({ system, id, both, onlyBefore, onlyAfter }) => {
        const signal = signalOf(system, id);
        const legacyBand = id <= 0 ? LEGACY_BANDS[system]?.[-id] : undefined;
        const band = signal?.band ?? legacyBand ?? 'other';
        return { system, id, code: signal?.code ?? null, band, both, onlyBefore, onlyAfter };
      })
      .sort((a, b) => (a.system === b.system ? a.id - b.id : a.system < b.system ? -1 : 1));
  }
}
