// Which signal an MSM signal id (DF395) means, by system: its RINEX 3 code and the band that service specs filter by.
// Only ids on which independent decoders agree are listed. A receiver may send others: they have band 'other', so
// that a list of wanted bands drops them and a list of unwanted bands keeps them.
import { SATELLITE_SYSTEMS, type SatelliteSystem } from './satellite-system.ts';

// prettier-ignore
export const BANDS = [
  'L1', 'L2', 'L5', 'L6', 'G1', 'G2', 'E1', 'E5a', 'E5b', 'E5', 'E6', 'B1I', 'B1C', 'B2I', 'B2a', 'B2b', 'B3', 'S',
] as const;

export type Band = (typeof BANDS)[number] | 'other';

export interface Signal {
  /** RINEX 3 band and attribute, such as "1C". */
  readonly code: string;
  readonly band: Band;
}

type Row = readonly [firstId: number, band: Band, codes: readonly string[]];

/** Ids in a row follow one another. */
const ROWS: Readonly<Record<SatelliteSystem, readonly Row[]>> = {
  GPS: [
    [2, 'L1', ['1C', '1P', '1W']],
    [8, 'L2', ['2C', '2P', '2W']],
    [15, 'L2', ['2S', '2L', '2X']],
    [22, 'L5', ['5I', '5Q', '5X']],
    [30, 'L1', ['1S', '1L', '1X']],
  ],
  GLO: [
    [2, 'G1', ['1C', '1P']],
    [8, 'G2', ['2C', '2P']],
  ],
  GAL: [
    [2, 'E1', ['1C', '1A', '1B', '1X', '1Z']],
    [8, 'E6', ['6C', '6A', '6B', '6X', '6Z']],
    [14, 'E5b', ['7I', '7Q', '7X']],
    [18, 'E5', ['8I', '8Q', '8X']],
    [22, 'E5a', ['5I', '5Q', '5X']],
  ],
  BDS: [
    [2, 'B1I', ['2I', '2Q', '2X']],
    [8, 'B3', ['6I', '6Q', '6X']],
    [14, 'B2I', ['7I', '7Q', '7X']],
    [22, 'B2a', ['5D', '5P', '5X']],
    [25, 'B2b', ['7D']],
    [30, 'B1C', ['1D', '1P', '1X']],
  ],
  QZS: [
    [2, 'L1', ['1C']],
    [9, 'L6', ['6S', '6L', '6X']],
    [15, 'L2', ['2S', '2L', '2X']],
    [22, 'L5', ['5I', '5Q', '5X']],
    [30, 'L1', ['1S', '1L', '1X']],
  ],
  SBAS: [
    [2, 'L1', ['1C']],
    [22, 'L5', ['5I', '5Q', '5X']],
  ],
  IRN: [
    [8, 'S', ['9A']],
    [22, 'L5', ['5A']],
  ],
};

const SIGNALS: ReadonlyMap<SatelliteSystem, readonly (Signal | undefined)[]> = new Map(
  SATELLITE_SYSTEMS.map((system) => [system, signalsById(ROWS[system])]),
);

function signalsById(rows: readonly Row[]): (Signal | undefined)[] {
  const byId: (Signal | undefined)[] = new Array<Signal | undefined>(33).fill(undefined);
  for (const [firstId, band, codes] of rows) {
    for (const [index, code] of codes.entries()) byId[firstId + index] = { code, band };
  }
  return byId;
}

/** The signal that id 1..32 means in `system`; undefined for ids that are reserved or not agreed upon. */
export function signalOf(system: SatelliteSystem, signalId: number): Signal | undefined {
  return SIGNALS.get(system)?.[signalId];
}

export function bandOf(system: SatelliteSystem, signalId: number): Band {
  return signalOf(system, signalId)?.band ?? 'other';
}
