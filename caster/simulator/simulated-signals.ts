// The signals the simulator can send: MSM signal ids, RINEX codes, carrier frequencies, and which satellites carry them.
// Only signals on which RTKLIB, pyrtcm and the other decoders agree are listed.
import { type SatelliteSystem } from '../rtcm/satellite-system.ts';

export type SimulatedSystem = Extract<SatelliteSystem, 'GPS' | 'GLO' | 'GAL' | 'BDS'>;

/** In the order in which a receiver sends them. */
export const SIMULATED_SYSTEMS: readonly SimulatedSystem[] = ['GPS', 'GLO', 'GAL', 'BDS'];

export interface Signal {
  /** RINEX 3 band and attribute, such as `1C`. */
  readonly code: string;
  /** Bit of the signal mask, 1..32 (RTCM 10403.3 DF395). */
  readonly id: number;
  readonly frequencyHz: number;
  /** GLONASS only: what one frequency channel adds. */
  readonly channelStepHz: number;
  /** How much weaker than the first signal, dB. */
  readonly lossDb: number;
}

export const SIGNALS: Readonly<Record<SimulatedSystem, readonly Signal[]>> = {
  GPS: [
    signal('1C', 2, 1575.42e6),
    signal('1W', 4, 1575.42e6, 8),
    signal('2W', 10, 1227.6e6, 8),
    signal('2L', 16, 1227.6e6, 2),
    signal('5Q', 23, 1176.45e6, -1),
  ],
  GLO: [
    signal('1C', 2, 1602e6, 0, 562_500),
    signal('1P', 3, 1602e6, 1, 562_500),
    signal('2C', 8, 1246e6, 2, 437_500),
    signal('2P', 9, 1246e6, 3, 437_500),
  ],
  GAL: [
    signal('1C', 2, 1575.42e6),
    signal('6C', 8, 1278.75e6, 1),
    signal('7Q', 15, 1207.14e6, -1),
    signal('8Q', 19, 1191.795e6, -3),
    signal('5Q', 23, 1176.45e6, -1),
  ],
  BDS: [
    signal('2I', 2, 1561.098e6),
    signal('6I', 8, 1268.52e6, -1),
    signal('7I', 14, 1207.14e6, 1),
    signal('5P', 23, 1176.45e6, -1),
    signal('1P', 31, 1575.42e6, 0),
  ],
};

/** What a receiver tracks unless told otherwise: two or three frequencies that every RTK engine can use. */
export const DEFAULT_SIGNALS: Readonly<Record<SimulatedSystem, readonly string[]>> = {
  GPS: ['1C', '2W', '5Q'],
  GLO: ['1C', '2C'],
  GAL: ['1C', '7Q', '5Q'],
  BDS: ['2I', '7I', '6I'],
};

/** GPS satellites without L5 and L2C (blocks IIR and IIR-M, roughly as in orbit): their cells stay empty. */
const GPS_WITHOUT_L5 = new Set([2, 5, 7, 12, 13, 15, 16, 17, 19, 20, 21, 22, 29, 31]);
/** BeiDou-2 satellites; later ones no longer send B2I and have B1C and B2a instead. */
const BDS_SECOND_GENERATION_MAX = 16;

/** Whether a satellite sends a signal at all. */
export function satelliteSends(system: SimulatedSystem, satelliteId: number, code: string): boolean {
  if (system === 'GPS') return !((code === '5Q' || code === '2L') && GPS_WITHOUT_L5.has(satelliteId));
  if (system === 'BDS') {
    if (code === '7I') return satelliteId <= BDS_SECOND_GENERATION_MAX;
    if (code === '1P' || code === '5P') return satelliteId > BDS_SECOND_GENERATION_MAX;
  }
  return true;
}

/** The listed signals in mask order; throws a RangeError for a code that is not in `SIGNALS`. */
export function signalsOf(system: SimulatedSystem, codes: readonly string[]): readonly Signal[] {
  const unknown = codes.find((code) => !SIGNALS[system].some((known) => known.code === code));
  if (unknown !== undefined) throw new RangeError(`${system} has no signal ${unknown}`);
  return SIGNALS[system].filter((known) => codes.includes(known.code));
}

function signal(code: string, id: number, frequencyHz: number, lossDb = 0, channelStepHz = 0): Signal {
  return { code, id, frequencyHz, channelStepHz, lossDb };
}
