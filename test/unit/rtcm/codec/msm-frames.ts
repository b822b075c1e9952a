// Makes MSM frames and MsmCells for tests of the codec, field by field through the plain bit writer, which knows
// nothing of columns. What the fields are is written out here a second time, from the tables of rtcm-rs and RTKLIB.
import { BitWriter } from '../../../../caster/rtcm/bit-writer.ts';
import { type MsmCells } from '../../../../caster/rtcm/codec/msm-cells.ts';
import { buildFrame } from '../../../../caster/rtcm/frame-builder.ts';
import { type SeededRandom } from '../seeded-random.ts';

/** Widths in the order of the wire: satellite fields, then cell fields; all as unsigned patterns. */
const WIDTHS: readonly (readonly [satellite: readonly number[], cell: readonly number[]])[] = [
  [[], []],
  [[10], [15]],
  [[10], [22, 4, 1]],
  [[10], [15, 22, 4, 1]],
  [
    [8, 10],
    [15, 22, 4, 1, 6],
  ],
  [
    [8, 4, 10, 14],
    [15, 22, 4, 1, 6, 15],
  ],
  [
    [8, 10],
    [20, 24, 10, 1, 10],
  ],
  [
    [8, 4, 10, 14],
    [20, 24, 10, 1, 10, 15],
  ],
];

export interface MsmShape {
  readonly messageNumber: number;
  readonly satelliteIds: readonly number[];
  readonly signalIds: readonly number[];
  /** Row by row, one flag for each signal. */
  readonly cellMask: readonly boolean[];
  /** Bits behind the last field, as text of ones and zeros. */
  readonly tail?: string;
}

/** A frame of this shape with `valueOf(bits)` in every field. */
export function frameOfShape(shape: MsmShape, valueOf: (bits: number) => number): Buffer {
  const writer = new BitWriter(1023);
  const write = (bits: number): void => writer.writeUnsigned(valueOf(bits), bits);
  writer.writeUnsigned(shape.messageNumber, 12);
  // Station, epoch, multiple message bit, IODS, reserved, clock steering, external clock, smoothing, its interval.
  for (const bits of [12, 30, 1, 3, 7, 2, 2, 1, 3]) write(bits);
  for (let id = 1; id <= 64; id++) writer.writeUnsigned(shape.satelliteIds.includes(id) ? 1 : 0, 1);
  for (let id = 1; id <= 32; id++) writer.writeUnsigned(shape.signalIds.includes(id) ? 1 : 0, 1);
  for (const present of shape.cellMask) writer.writeUnsigned(present ? 1 : 0, 1);
  const [satelliteWidths, cellWidths] = WIDTHS[shape.messageNumber % 10]!;
  const cells = shape.cellMask.filter(Boolean).length;
  for (const bits of satelliteWidths)
    for (let index = 0; index < shape.satelliteIds.length; index++) write(bits);
  for (const bits of cellWidths) for (let index = 0; index < cells; index++) write(bits);
  for (const bit of shape.tail ?? '') writer.writeUnsigned(Number(bit), 1);
  return buildFrame(writer.toBytes());
}

export const MSM_BLOCKS = [1070, 1080, 1090, 1100, 1110, 1120, 1130];

/** Ids in ascending order, each of 1..`idMax` with the same chance, `count` of them. */
function idsOf(random: SeededRandom, count: number, idMax: number): number[] {
  const ids = new Set<number>();
  while (ids.size < count) ids.add(1 + random.below(idMax));
  return [...ids].sort((a, b) => a - b);
}

/** A shape that the standard allows, up to 64 cells. */
export function randomShape(random: SeededRandom): MsmShape {
  const signals = random.below(8) === 0 ? random.below(33) : random.below(7);
  const satellites = random.below(1 + Math.min(64, Math.floor(64 / Math.max(1, signals))));
  return {
    messageNumber: MSM_BLOCKS[random.below(MSM_BLOCKS.length)]! + 1 + random.below(7),
    satelliteIds: idsOf(random, satellites, 64),
    signalIds: idsOf(random, signals, 32),
    cellMask: Array.from({ length: satellites * signals }, () => random.below(4) > 0),
    tail: Array.from({ length: random.below(3) === 0 ? random.below(30) : 0 }, () => random.below(2)).join(
      '',
    ),
  };
}

/** Values of random bits, now and then all zeros or all ones. */
export function randomValues(random: SeededRandom): (bits: number) => number {
  return (bits) => {
    const kind = random.below(8);
    if (kind < 2) return kind === 0 ? 0 : 2 ** bits - 1;
    return random.below(2 ** bits);
  };
}

/** What a caller can see of an MsmCells, as plain data: columns cut to their counts. */
export function plainCells(cells: MsmCells): Record<string, unknown> {
  const counts: Readonly<Record<string, number>> = {
    satelliteIds: cells.satelliteCount,
    roughMs: cells.satelliteCount,
    extended: cells.satelliteCount,
    roughFraction: cells.satelliteCount,
    roughRate: cells.satelliteCount,
    signalIds: cells.signalCount,
  };
  return Object.fromEntries(
    Object.entries(cells).map(([name, value]: [string, unknown]) => {
      if (value instanceof Int32Array || value instanceof Uint8Array) {
        return [name, Array.from(value.subarray(0, counts[name] ?? cells.cellCount))];
      }
      return [name, name === 'tail' ? cells.tail.bits : value];
    }),
  );
}
