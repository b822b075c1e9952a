// HOT: bench/micro/rtcm-codec.bench.ts
// Writes an MsmCells as a whole frame, bit for bit the inverse of msm-decoder.ts. It must never write a frame that a
// receiver would read differently: ids, cells and values that are wrong are refused by name, and what stands at the
// target then means nothing.
import { PAYLOAD_BIT_OFFSET } from '../frame-layout.ts';
import { messageType } from '../message-types.ts';
import { writeBits, writeColumn } from './bit-columns.ts';
import { payloadBytesOf, roomRefusal, sealFrame, writeTail } from './framing.ts';
import { CELLS_MAX, type MsmCells, SATELLITES_MAX, SIGNALS_MAX } from './msm-cells.ts';
import { CELL_MASK_BITS_MAX, MSM_HEADER_BITS, MSM_LEVELS } from './msm-layout.ts';
import { type EncodeRefusal } from './refusals.ts';

/** Bytes of the frame that now stands at `at` of `into`, or why there is none. */
export function encodeMsm(cells: MsmCells, into: Uint8Array, at: number): number | EncodeRefusal {
  const layout = MSM_LEVELS[cells.level];
  if (layout === undefined || !headerFits(cells)) return 'value-out-of-range';
  if (!countsFit(cells)) return 'ids-out-of-order';
  const maskBits = cells.satelliteCount * cells.signalCount;
  if (maskBits > CELL_MASK_BITS_MAX) return 'cell-mask-too-long';
  if (!idsAscend(cells.satelliteIds, cells.satelliteCount, SATELLITES_MAX)) return 'ids-out-of-order';
  if (!idsAscend(cells.signalIds, cells.signalCount, SIGNALS_MAX)) return 'ids-out-of-order';
  if (!cellsAscend(cells)) return 'cells-out-of-order';

  const fieldBits = cells.satelliteCount * layout.satelliteBits + cells.cellCount * layout.cellBits;
  const payloadBytes = payloadBytesOf(MSM_HEADER_BITS + maskBits + fieldBits, cells.tail);
  const refusal = roomRefusal(into, at, payloadBytes);
  if (refusal !== undefined) return refusal;

  writeHeader(cells, into, at);
  let bit = at * 8 + PAYLOAD_BIT_OFFSET + MSM_HEADER_BITS;
  writeCellMask(cells, into, bit);
  bit += maskBits;

  let misfit = 0;
  const satelliteFields = layout.satelliteFields;
  for (let index = 0; index < satelliteFields.length; index++) {
    const { bits, bias, column } = satelliteFields[index]!;
    misfit |= writeColumn(into, bit, bits, bias, cells.satelliteCount, cells[column]);
    bit += bits * cells.satelliteCount;
  }
  const cellFields = layout.cellFields;
  for (let index = 0; index < cellFields.length; index++) {
    const { bits, bias, column } = cellFields[index]!;
    misfit |= writeColumn(into, bit, bits, bias, cells.cellCount, cells[column]);
    bit += bits * cells.cellCount;
  }
  if (misfit !== 0) return 'value-out-of-range';
  writeTail(into, bit, cells.tail);
  return sealFrame(into, at, payloadBytes);
}

function headerFits(cells: MsmCells): boolean {
  const wrong =
    (cells.station >>> 12) |
    (cells.epochRaw >>> 30) |
    (cells.iods >>> 3) |
    (cells.reserved >>> 7) |
    (cells.clockSteering >>> 2) |
    (cells.externalClock >>> 2) |
    (cells.smoothingInterval >>> 3);
  if (wrong !== 0) return false;
  const type = messageType(cells.block + cells.level);
  return type.family === 'msm' && type.system === cells.system && cells.block % 10 === 0;
}

function countsFit(cells: MsmCells): boolean {
  return (
    cells.satelliteCount >= 0 &&
    cells.satelliteCount <= SATELLITES_MAX &&
    cells.signalCount >= 0 &&
    cells.signalCount <= SIGNALS_MAX &&
    cells.cellCount >= 0 &&
    cells.cellCount <= CELLS_MAX
  );
}

function idsAscend(ids: Uint8Array, count: number, idMax: number): boolean {
  let before = 0;
  for (let index = 0; index < count; index++) {
    const id = ids[index]!;
    if (id <= before || id > idMax) return false;
    before = id;
  }
  return true;
}

function cellsAscend(cells: MsmCells): boolean {
  let before = -1;
  for (let index = 0; index < cells.cellCount; index++) {
    const column = cells.cellColumns[index]!;
    const position = cells.cellRows[index]! * cells.signalCount + column;
    if (position <= before || column >= cells.signalCount) return false;
    before = position;
  }
  return before < cells.satelliteCount * cells.signalCount;
}

/** The fixed part; readHeader of the decoder has its drawing. */
function writeHeader(cells: MsmCells, into: Uint8Array, at: number): void {
  const messageNumber = cells.block + cells.level;
  const { station, epochRaw, iods, reserved, smoothingInterval } = cells;
  into[at + 3] = messageNumber >>> 4;
  into[at + 4] = (messageNumber << 4) | (station >>> 8);
  into[at + 5] = station;
  into[at + 6] = epochRaw >>> 22;
  into[at + 7] = epochRaw >>> 14;
  into[at + 8] = epochRaw >>> 6;
  into[at + 9] = (epochRaw << 2) | (cells.moreToCome ? 2 : 0) | (iods >>> 2);
  into[at + 10] = (iods << 6) | (reserved >>> 1);
  into[at + 11] =
    (reserved << 7) |
    (cells.clockSteering << 5) |
    (cells.externalClock << 3) |
    (cells.smoothing ? 4 : 0) |
    (smoothingInterval >>> 1);
  into[at + 12] = smoothingInterval << 7;
  const half = SATELLITES_MAX / 2;
  writeMask(maskOf(cells.satelliteIds, cells.satelliteCount, 1), into, at + 12);
  writeMask(maskOf(cells.satelliteIds, cells.satelliteCount, half + 1), into, at + 16);
  writeMask(maskOf(cells.signalIds, cells.signalCount, 1), into, at + 20);
}

/** 32 bits of a mask, the highest for `firstId`. */
function maskOf(ids: Uint8Array, count: number, firstId: number): number {
  let mask = 0;
  for (let index = 0; index < count; index++) {
    const position = ids[index]! - firstId;
    if (position >= 0 && position < 32) mask |= 1 << (31 - position);
  }
  return mask;
}

/** Writes 32 bits from the second bit of byte `at` on. */
function writeMask(mask: number, into: Uint8Array, at: number): void {
  into[at] = into[at]! | (mask >>> 25);
  into[at + 1] = mask >>> 17;
  into[at + 2] = mask >>> 9;
  into[at + 3] = mask >>> 1;
  into[at + 4] = mask << 7;
}

function writeCellMask(cells: MsmCells, into: Uint8Array, bitOffset: number): void {
  let bit = bitOffset;
  let cell = 0;
  for (let row = 0; row < cells.satelliteCount; row++) {
    let rowBits = 0;
    while (cell < cells.cellCount && cells.cellRows[cell] === row) {
      rowBits |= 1 << (SIGNALS_MAX - 1 - cells.cellColumns[cell]!);
      cell++;
    }
    bit = writeRow(into, bit, cells.signalCount, rowBits);
  }
}

/** Writes the `bits` highest bits of `rowBits`, which are up to 32, and returns where the next row begins. */
function writeRow(into: Uint8Array, bitOffset: number, bits: number, rowBits: number): number {
  if (bits > 16) {
    writeBits(into, bitOffset, 16, rowBits >>> 16);
    writeBits(into, bitOffset + 16, bits - 16, rowBits >>> (32 - bits));
  } else if (bits > 0) {
    writeBits(into, bitOffset, bits, rowBits >>> (32 - bits));
  }
  return bitOffset + bits;
}
