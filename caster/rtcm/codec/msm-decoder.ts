// HOT: bench/micro/rtcm-codec.bench.ts
// Fills an MsmCells from a whole frame of MSM1 to MSM7. The layout depends on the masks alone, so satellite and signal
// ids that no table knows are decoded like all others.
import { messageNumberOf, PAYLOAD_BIT_OFFSET } from '../frame-layout.ts';
import { messageType } from '../message-types.ts';
import { readColumn } from './bit-columns.ts';
import { payloadEndOf, readTail } from './framing.ts';
import { type MsmCells, SATELLITES_MAX, SIGNALS_MAX } from './msm-cells.ts';
import { CELL_MASK_BITS_MAX, MSM_HEADER_BITS, MSM_LEVELS } from './msm-layout.ts';
import { type DecodeRefusal } from './refusals.ts';

const CELL_MASK_BIT = PAYLOAD_BIT_OFFSET + MSM_HEADER_BITS;

/**
 * Decodes `frame`, which must be a whole frame with an MSM number (codec.ts looks after both). Undefined where all of
 * it is in `cells`; after a refusal `cells` means nothing.
 */
export function decodeMsm(frame: Uint8Array, cells: MsmCells): DecodeRefusal | undefined {
  const payloadEnd = payloadEndOf(frame);
  if (payloadEnd < CELL_MASK_BIT) return 'too-short';
  readHeader(frame, cells);
  const layout = MSM_LEVELS[cells.level]!;

  const maskBits = cells.satelliteCount * cells.signalCount;
  if (maskBits > CELL_MASK_BITS_MAX) return 'cell-mask-too-long';
  let bit = CELL_MASK_BIT + maskBits;
  if (bit > payloadEnd) return 'too-short';
  readCellMask(frame, cells);
  const dataBits = cells.satelliteCount * layout.satelliteBits + cells.cellCount * layout.cellBits;
  if (bit + dataBits > payloadEnd) return 'too-short';

  const satelliteFields = layout.satelliteFields;
  for (let index = 0; index < satelliteFields.length; index++) {
    const { bits, bias, column } = satelliteFields[index]!;
    readColumn(frame, bit, bits, bits, bias, cells.satelliteCount, cells[column]);
    bit += bits * cells.satelliteCount;
  }
  const cellFields = layout.cellFields;
  for (let index = 0; index < cellFields.length; index++) {
    const { bits, bias, column } = cellFields[index]!;
    readColumn(frame, bit, bits, bits, bias, cells.cellCount, cells[column]);
    bit += bits * cells.cellCount;
  }
  readTail(frame, bit, cells.tail);
  return undefined;
}

/**
 * The fixed part, whose fields lie the same way in every message:
 *
 *   byte 3        4          5         6..8      9           10          11         12           12..24
 *   nnnnnnnn  nnnn ssss  ssssssss   epoch…   eeeeee m i  ii rrrrrr  r cc xx s t  tt aaaaaaa  masks, 7 bits ahead
 */
function readHeader(frame: Uint8Array, cells: MsmCells): void {
  const messageNumber = messageNumberOf(frame);
  cells.level = messageNumber % 10;
  cells.block = messageNumber - cells.level;
  cells.system = messageType(messageNumber).system!;
  cells.station = ((frame[4]! & 15) << 8) | frame[5]!;
  cells.epochRaw = (frame[6]! << 22) | (frame[7]! << 14) | (frame[8]! << 6) | (frame[9]! >>> 2);
  cells.moreToCome = (frame[9]! & 2) !== 0;
  cells.iods = ((frame[9]! & 1) << 2) | (frame[10]! >>> 6);
  cells.reserved = ((frame[10]! & 63) << 1) | (frame[11]! >>> 7);
  cells.clockSteering = (frame[11]! >>> 5) & 3;
  cells.externalClock = (frame[11]! >>> 3) & 3;
  cells.smoothing = (frame[11]! & 4) !== 0;
  cells.smoothingInterval = ((frame[11]! & 3) << 1) | (frame[12]! >>> 7);
  const half = SATELLITES_MAX / 2;
  const firstHalf = readIds(maskAt(frame, 12), 1, cells.satelliteIds, 0);
  cells.satelliteCount = readIds(maskAt(frame, 16), half + 1, cells.satelliteIds, firstHalf);
  cells.signalCount = readIds(maskAt(frame, 20), 1, cells.signalIds, 0);
}

/** The 32 bits that begin with the second bit of byte `at`. */
function maskAt(frame: Uint8Array, at: number): number {
  return (
    (frame[at]! << 25) |
    (frame[at + 1]! << 17) |
    (frame[at + 2]! << 9) |
    (frame[at + 3]! << 1) |
    (frame[at + 4]! >>> 7)
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

function readCellMask(frame: Uint8Array, cells: MsmCells): void {
  let bit = CELL_MASK_BIT;
  let count = 0;
  for (let row = 0; row < cells.satelliteCount; row++) {
    for (let column = 0; column < cells.signalCount; column++) {
      if ((frame[bit >>> 3]! & (128 >>> (bit & 7))) !== 0) {
        cells.cellRows[count] = row;
        cells.cellColumns[count] = column;
        count++;
      }
      bit++;
    }
  }
  cells.cellCount = count;
}
