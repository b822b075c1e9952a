// What the raw integers of an MSM mean at its level: which pattern is no value, and how long a step is. Steps are told in
// those of DF406, 2^-31 ms, the finest (RTCM 10403.3, DF397 to DF408).

import { type MsmCells } from '../../../caster/rtcm/codec/msm-cells.ts';

/** In a millisecond of range. */
export const STEPS_PER_MS = 2 ** 31;
export const ROUGH_FRACTION_STEPS = 2 ** 21;

export const ROUGH_MS_INVALID = 255;
export const ROUGH_RATE_INVALID = -(2 ** 13);
export const RATE_INVALID = -(2 ** 14);
/** Rates in a step of DF399, which is 1 m/s. */
export const RATES_PER_ROUGH = 10_000;

/** MSM6 and MSM7 have the long form of each field. */
export function isFine(level: number): boolean {
  return level >= 6;
}

export function codeSteps(level: number): number {
  return isFine(level) ? 4 : 128;
}

export function codeInvalid(level: number): number {
  return isFine(level) ? -(2 ** 19) : -(2 ** 14);
}

export function phaseSteps(level: number): number {
  return isFine(level) ? 1 : 4;
}

export function phaseInvalid(level: number): number {
  return isFine(level) ? -(2 ** 23) : -(2 ** 21);
}

/** In steps of DF408, 1/16 dB-Hz. */
export function cnrSteps(level: number): number {
  return isFine(level) ? 1 : 16;
}

/** MSM5 and MSM7 have rates, and the extended information of a satellite. */
export function hasRates({ level }: MsmCells): boolean {
  return level === 5 || level === 7;
}

/** Whole milliseconds are in MSM4 and above; the others tell ranges within one. */
export function hasRoughMs({ level }: MsmCells): boolean {
  return level >= 4;
}

/** The GLONASS channel number of a cell's satellite; undefined where it is not told. */
export function channelOf(cells: MsmCells, cell: number): number | undefined {
  if (cells.system !== 'GLO' || !hasRates(cells)) return undefined;
  const extended = cells.extended[cells.cellRows[cell]!]!;
  return extended <= 13 ? extended - 7 : undefined;
}
