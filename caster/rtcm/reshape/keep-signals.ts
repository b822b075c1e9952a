// HOT: bench/micro/rtcm-reshape.bench.ts
// Takes signals out of a decoded MSM, and with them the satellites and signals that no cell is left of. Values stay as
// they are; what remains closes up in order. A message within the limits stays within them: the cell mask only shrinks.
import { type MsmCells, SATELLITES_MAX, SIGNALS_MAX } from '../codec/msm-cells.ts';

/** By old row and column: the new one, or GONE. Belongs to one call. */
const newRows = new Uint8Array(SATELLITES_MAX);
const newColumns = new Uint8Array(SIGNALS_MAX);
const GONE = 255;
const USED = 0;

/** Keeps the signals of `signalMask` (as DF395: the highest bit is signal 1). Returns whether anything went. */
export function keepSignals(cells: MsmCells, signalMask: number): boolean {
  if (!hasUnwanted(cells, signalMask)) return false;
  newRows.fill(GONE);
  newColumns.fill(GONE);
  closeUpCells(cells, signalMask);
  closeUpSatellites(cells);
  closeUpSignals(cells);
  for (let index = 0; index < cells.cellCount; index++) {
    cells.cellRows[index] = newRows[cells.cellRows[index]!]!;
    cells.cellColumns[index] = newColumns[cells.cellColumns[index]!]!;
  }
  return true;
}

function isIn(signalMask: number, signalId: number): boolean {
  return (signalMask & (1 << (SIGNALS_MAX - signalId))) !== 0;
}

function hasUnwanted(cells: MsmCells, signalMask: number): boolean {
  for (let column = 0; column < cells.signalCount; column++) {
    if (!isIn(signalMask, cells.signalIds[column]!)) return true;
  }
  return false;
}

function closeUpCells(cells: MsmCells, signalMask: number): void {
  let kept = 0;
  for (let index = 0; index < cells.cellCount; index++) {
    const column = cells.cellColumns[index]!;
    if (!isIn(signalMask, cells.signalIds[column]!)) continue;
    const row = cells.cellRows[index]!;
    newRows[row] = USED;
    newColumns[column] = USED;
    cells.cellRows[kept] = row;
    cells.cellColumns[kept] = column;
    cells.code[kept] = cells.code[index]!;
    cells.phase[kept] = cells.phase[index]!;
    cells.lock[kept] = cells.lock[index]!;
    cells.halfCycle[kept] = cells.halfCycle[index]!;
    cells.cnr[kept] = cells.cnr[index]!;
    cells.rate[kept] = cells.rate[index]!;
    kept++;
  }
  cells.cellCount = kept;
}

function closeUpSatellites(cells: MsmCells): void {
  let kept = 0;
  for (let row = 0; row < cells.satelliteCount; row++) {
    if (newRows[row] === GONE) continue;
    newRows[row] = kept;
    cells.satelliteIds[kept] = cells.satelliteIds[row]!;
    cells.roughMs[kept] = cells.roughMs[row]!;
    cells.extended[kept] = cells.extended[row]!;
    cells.roughFraction[kept] = cells.roughFraction[row]!;
    cells.roughRate[kept] = cells.roughRate[row]!;
    kept++;
  }
  cells.satelliteCount = kept;
}

function closeUpSignals(cells: MsmCells): void {
  let kept = 0;
  for (let column = 0; column < cells.signalCount; column++) {
    if (newColumns[column] === GONE) continue;
    newColumns[column] = kept;
    cells.signalIds[kept] = cells.signalIds[column]!;
    kept++;
  }
  cells.signalCount = kept;
}
