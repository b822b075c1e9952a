// The RINEX 3 names of satellites and systems, from the ids that MSM and ephemerides use.

import { type SatelliteSystem } from '../../caster/rtcm/satellite-system.ts';

const LETTERS: Readonly<Record<SatelliteSystem, string>> = {
  GPS: 'G',
  GLO: 'R',
  GAL: 'E',
  BDS: 'C',
  QZS: 'J',
  SBAS: 'S',
  IRN: 'I',
};

export const SYSTEM_NAMES: Readonly<Record<SatelliteSystem, string>> = {
  GPS: 'GPS',
  GLO: 'GLONASS',
  GAL: 'Galileo',
  BDS: 'BeiDou',
  QZS: 'QZSS',
  SBAS: 'SBAS',
  IRN: 'NavIC',
};

/** SBAS satellites are named by PRN - 100, and MSM id 1 is PRN 120. */
const SBAS_NAME_OFFSET = 19;

/** Such as G05, R11, E33, C46, J02, S36. */
export function satelliteName(system: SatelliteSystem, id: number): string {
  const number = system === 'SBAS' ? id + SBAS_NAME_OFFSET : id;
  return `${LETTERS[system]}${String(number).padStart(2, '0')}`;
}
