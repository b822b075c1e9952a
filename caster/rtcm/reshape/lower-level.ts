// HOT: bench/micro/rtcm-reshape.bench.ts
// MSM7 to MSM5 to MSM4, and MSM6 to MSM4, on the raw integers of decoded cells (RTCM 10403.3, DF400 to DF408). What both
// levels have stays as it is; what the lower one does not have is left out; the rest is rounded:
//
//   DF405 / 32 -> DF400    nearest, ties upward; invalid stays invalid, and nothing else becomes invalid:
//   DF406 / 4  -> DF401    values that would round to the invalid pattern or beyond the field end at its last value
//   DF407 >> 5 -> DF402    at most 15; blocks of 32 indicators are one step of the short one
//   DF408 / 16 -> DF403    nearest, ties upward; 0 ("not told") stays 0, and nothing else becomes 0
//
// The error is at most 8.9 mm in code and 0.3 mm in phase.
import { type MsmCells } from '../codec/msm-cells.ts';

const FINE_CODE_INVALID = -(2 ** 19);
const CODE_INVALID = -(2 ** 14);
const FINE_PHASE_INVALID = -(2 ** 23);
const PHASE_INVALID = -(2 ** 21);
const LOCK_MAX = 15;
const CNR_MAX = 63;

/** Makes an MSM7 an MSM5 or MSM4, an MSM6 an MSM4, or an MSM5 an MSM4. */
export function lowerLevel(cells: MsmCells, levelOut: number): void {
  if (cells.level >= 6) {
    for (let index = 0; index < cells.cellCount; index++) {
      cells.code[index] = shortenedCode(cells.code[index]!);
      cells.phase[index] = shortenedPhase(cells.phase[index]!);
      cells.lock[index] = shortenedLock(cells.lock[index]!);
      cells.cnr[index] = shortenedCnr(cells.cnr[index]!);
    }
  }
  cells.level = levelOut;
}

/** DF405 as DF400. */
export function shortenedCode(fine: number): number {
  if (fine === FINE_CODE_INVALID) return CODE_INVALID;
  return clamped((fine + 16) >> 5, CODE_INVALID + 1, -CODE_INVALID - 1);
}

/** DF406 as DF401. */
export function shortenedPhase(fine: number): number {
  if (fine === FINE_PHASE_INVALID) return PHASE_INVALID;
  return clamped((fine + 2) >> 2, PHASE_INVALID + 1, -PHASE_INVALID - 1);
}

/** DF407 as DF402. */
export function shortenedLock(fine: number): number {
  const short = fine >> 5;
  return short < LOCK_MAX ? short : LOCK_MAX;
}

/** DF408 as DF403. */
export function shortenedCnr(fine: number): number {
  return fine === 0 ? 0 : clamped((fine + 8) >> 4, 1, CNR_MAX);
}

function clamped(value: number, min: number, max: number): number {
  if (value < min) return min;
  return value > max ? max : value;
}
