// The carrier frequencies of the bands, to tell a phase in cycles (interface documents of the systems; RINEX 3.04,
// tables 4 to 10).

import { type Band } from '../../../caster/rtcm/signals.ts';

const MHZ: Readonly<Record<Exclude<Band, 'G1' | 'G2' | 'other'>, number>> = {
  L1: 1575.42,
  L2: 1227.6,
  L5: 1176.45,
  L6: 1278.75,
  E1: 1575.42,
  E5a: 1176.45,
  E5b: 1207.14,
  E5: 1191.795,
  E6: 1278.75,
  B1I: 1561.098,
  B1C: 1575.42,
  B2I: 1207.14,
  B2a: 1176.45,
  B2b: 1207.14,
  B3: 1268.52,
  S: 2492.028,
};

/** GLONASS satellites have frequencies of their own: `channel` is -7 to 6. Undefined where it cannot be told. */
export function carrierHz(band: Band, channel: number | undefined): number | undefined {
  if (band === 'other') return undefined;
  if (band !== 'G1' && band !== 'G2') return MHZ[band] * 1e6;
  if (channel === undefined) return undefined;
  return band === 'G1' ? 1602e6 + channel * 562_500 : 1246e6 + channel * 437_500;
}
