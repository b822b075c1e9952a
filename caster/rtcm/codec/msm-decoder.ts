// HOT: bench/micro/rtcm-codec.bench.ts
// Fills an MsmCells from a whole frame of MSM1 to MSM7. The layout depends on the masks alone, so satellite and signal
// ids that no table knows are decoded like all others.
import { PAYLOAD_BIT_OFFSET } from '../frame-layout.ts';
import { messageType } from '../message-types.ts';
import { readColumn } from './bit-columns.ts';
import { messageNumberAt, payloadEndOf, readTail } from './framing.ts';
import { type MsmCells, SATELLITES_MAX, SIGNALS_MAX } from './msm-cells.ts';
import { CELL_MASK_BITS_MAX, MSM_HEADER_BITS, MSM_LEVELS } from './msm-layout.ts';
import { type DecodeRefusal } from './refusals.ts';

/**
 * Decodes the frame from `start` to `end` of `bytes`, which must be a whole one with an MSM number (codec.ts looks after
 * both). Undefined where all of it is in `cells`; after a refusal `cells` means nothing.
 */
export function decodeMsm(
  bytes: Uint8Array,
  cells: MsmCells,
  start = 0,
  end = bytes.length,
): DecodeRefusal | undefined {
  const cellMaskBit = start * 8 + PAYLOAD_BIT_OFFSET + MSM_HEADER_BITS;
  const payloadEnd = payloadEndOf(end);
  if (payloadEnd < cellMaskBit) return 'too-short';
  readHeader(bytes, start, cells);
  const layout = MSM_LEVELS[cells.level]!;

  const maskBits = cells.satelliteCount * cells.signalCount;
  if (maskBits > CELL_MASK_BITS_MAX) return 'cell-mask-too-long';
  let bit = cellMaskBit + maskBits;
  if (bit > payloadEnd) return 'too-short';
  readCellMask(bytes, cellMaskBit, cells);
  const dataBits = cells.satelliteCount * layout.satelliteBits + cells.cellCount * layout.cellBits;
  if (bit + dataBits > payloadEnd) return 'too-short';

  const satelliteFields = layout.satelliteFields;
  for (let index = 0; index < satelliteFields.length; index++) {
    const { bits, bias, column } = satelliteFields[index]!;
    readColumn(bytes, bit, bits, bits, bias, cells.satelliteCount, cells[column]);
    bit += bits * cells.satelliteCount;
  }
  const cellFields = layout.cellFields;
  for (let index = 0; index < cellFields.length; index++) {
    const { bits, bias, column } = cellFields[index]!;
    readColumn(bytes, bit, bits, bits, bias, cells.cellCount, cells[column]);
    bit += bits * cells.cellCount;
  }
  readTail(bytes, bit, payloadEnd, cells.tail);
  return undefined;
}

/**
 * The fixed part, whose fields lie the same way in every message:
 *
 *   byte 3        4          5         6..8      9           10          11         12           12..24
 *   nnnnnnnn  nnnn ssss  ssssssss   epoch…   eeeeee m i  ii rrrrrr  r cc xx s t  tt aaaaaaa  masks, 7 bits ahead
 */
function readHeader(bytes: Uint8Array, start: number, cells: MsmCells): void {
  const messageNumber = messageNumberAt(bytes, start);
  cells.level = messageNumber % 10;
  cells.block = messageNumber - cells.level;
  cells.system = messageType(messageNumber).system!;
  cells.station = ((bytes[start + 4]! & 15) << 8) | bytes[start + 5]!;
  cells.epochRaw =
    (bytes[start + 6]! << 22) |
    (bytes[start + 7]! << 14) |
    (bytes[start + 8]! << 6) |
    (bytes[start + 9]! >>> 2);
  cells.moreToCome = (bytes[start + 9]! & 2) !== 0;
  cells.iods = ((bytes[start + 9]! & 1) << 2) | (bytes[start + 10]! >>> 6);
  cells.reserved = ((bytes[start + 10]! & 63) << 1) | (bytes[start + 11]! >>> 7);
  cells.clockSteering = (bytes[start + 11]! >>> 5) & 3;
  cells.externalClock = (bytes[start + 11]! >>> 3) & 3;
  cells.smoothing = (bytes[start + 11]! & 4) !== 0;
  cells.smoothingInterval = ((bytes[start + 11]! & 3) << 1) | (bytes[start + 12]! >>> 7);
  const half = SATELLITES_MAX / 2;
  const firstHalf = readIds(maskAt(bytes, start + 12), 1, cells.satelliteIds, 0);
  cells.satelliteCount = readIds(maskAt(bytes, start + 16), half + 1, cells.satelliteIds, firstHalf);
  cells.signalCount = readIds(maskAt(bytes, start + 20), 1, cells.signalIds, 0);
}

/** DF395 of the frame from `start` to `end`, the highest bit for signal 1; 0 where the frame ends before it. */
export function signalMaskAt(bytes: Uint8Array, start: number, end: number): number {
  return payloadEndOf(end) < start * 8 + PAYLOAD_BIT_OFFSET + MSM_HEADER_BITS ? 0 : maskAt(bytes, start + 20);
}

/** The 32 bits that begin with the second bit of byte `at`. */
function maskAt(bytes: Uint8Array, at: number): number {
  return (
    (bytes[at]! << 25) |
    (bytes[at + 1]! << 17) |
    (bytes[at + 2]! << 9) |
    (bytes[at + 3]! << 1) |
    (bytes[at + 4]! >>> 7)
  );
}

/** Appends the ids of the bits that are set to `ids`, the highest bit being `firstId`; returns the new count. */
function readIds(mask: number, firstId: number, ids: Uint8Array, countBefore: number): number {
  let count = countBefore;
  let left = mask;
  while (left !== 0) {
    const position = Math.clz32(left);
    ids[count++] = firstId + position;
    left ^= 1 << (SIGNALS_MAX - 1 - position);
  }
  return count;
}

function readCellMask(bytes: Uint8Array, bitOffset: number, cells: MsmCells): void {
  let bit = bitOffset;
  let count = 0;
  for (let row = 0; row < cells.satelliteCount; row++) {
    for (let column = 0; column < cells.signalCount; column++) {
      if ((bytes[bit >>> 3]! & (128 >>> (bit & 7))) !== 0) {
        cells.cellRows[count] = row;
        cells.cellColumns[count] = column;
        count++;
      }
      bit++;
    }
  }
  cells.cellCount = count;
}
