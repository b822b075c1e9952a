// Writes and reads MSM frames field by field, cell by cell, with the plain bit reader and writer and tables of its own:
// what the reshape is judged by knows nothing of the codec that it is made with.
import { BitReader } from '../../../../caster/rtcm/bit-reader.ts';
import { BitWriter } from '../../../../caster/rtcm/bit-writer.ts';
import { buildFrame } from '../../../../caster/rtcm/frame-builder.ts';
import { type TestFrame } from '../observation-frames.ts';

type Field = readonly [name: string, bits: number, signed?: true];

const ROUGH: readonly Field[] = [
  ['ms', 8],
  ['fraction', 10],
];
const ROUGH_AND_RATE: readonly Field[] = [
  ['ms', 8],
  ['extended', 4],
  ['fraction', 10],
  ['roughRate', 14, true],
];
const SHORT: readonly Field[] = [
  ['code', 15, true],
  ['phase', 22, true],
  ['lock', 4],
  ['half', 1],
  ['cnr', 6],
];
const FINE: readonly Field[] = [
  ['code', 20, true],
  ['phase', 24, true],
  ['lock', 10],
  ['half', 1],
  ['cnr', 10],
];
const RATE: Field = ['rate', 15, true];

/** Of MSM1 to MSM7. */
const LEVELS: readonly (readonly [satellite: readonly Field[], cell: readonly Field[]])[] = [
  [[], []],
  [[['fraction', 10]], SHORT.slice(0, 1)],
  [[['fraction', 10]], SHORT.slice(1, 4)],
  [[['fraction', 10]], SHORT.slice(0, 4)],
  [ROUGH, SHORT],
  [ROUGH_AND_RATE, [...SHORT, RATE]],
  [ROUGH, FINE],
  [ROUGH_AND_RATE, [...FINE, RATE]],
];

/** Names as in the tables above; a cell has the values of its satellite as well. */
export type PlainCell = { sat: number; sig: number } & Record<string, number>;

export interface PlainMsm {
  readonly number: number;
  readonly station: number;
  readonly epochRaw: number;
  readonly more: number;
  /** IODS to smoothing interval as one number. */
  readonly rest: number;
  /** With those that have no cell. */
  readonly satellites: readonly number[];
  readonly signals: readonly number[];
  readonly cells: readonly PlainCell[];
}

/** A frame with these cells; fields that are not given are 0. */
export function writeMsm(
  message: Pick<PlainMsm, 'number' | 'epochRaw' | 'more'> & {
    readonly station?: number;
    readonly cells: readonly Readonly<Record<string, number>>[];
  },
): TestFrame {
  const { number, cells } = message;
  const writer = new BitWriter(1023);
  writer.writeUnsigned(number, 12);
  writer.writeUnsigned(message.station ?? 1, 12);
  writer.writeUnsigned(message.epochRaw, 30);
  writer.writeUnsigned(message.more, 1);
  writer.writeUnsigned(0, 18);
  for (let id = 1; id <= 64; id++) writer.writeUnsigned(cells.some(({ sat }) => sat === id) ? 1 : 0, 1);
  for (let id = 1; id <= 32; id++) writer.writeUnsigned(cells.some(({ sig }) => sig === id) ? 1 : 0, 1);
  const satellites = idsOf(cells.map(({ sat }) => sat!));
  const signals = idsOf(cells.map(({ sig }) => sig!));
  const sorted = satellites.flatMap((sat) =>
    signals.map((sig) => cells.find((cell) => cell.sat === sat && cell.sig === sig)),
  );
  for (const cell of sorted) writer.writeUnsigned(cell === undefined ? 0 : 1, 1);
  const present = sorted.filter((cell) => cell !== undefined);
  const [satelliteFields, cellFields] = LEVELS[number % 10]!;
  const firstOf = satellites.map((sat) => cells.find((cell) => cell.sat === sat)!);
  for (const field of satelliteFields) for (const cell of firstOf) write(writer, field, cell);
  for (const field of cellFields) for (const cell of present) write(writer, field, cell);
  return { bytes: buildFrame(writer.toBytes()), messageNumber: number };
}

function write(writer: BitWriter, [name, bits, signed]: Field, from: Readonly<Record<string, number>>): void {
  const value = from[name] ?? 0;
  if (signed === true) writer.writeSigned(value, bits);
  else writer.writeUnsigned(value, bits);
}

function idsOf(ids: readonly number[]): number[] {
  return [...new Set(ids)].sort((a, b) => a - b);
}

/** Every field of a frame that is known to be a whole MSM. */
export function readMsm(frame: Buffer): PlainMsm {
  const reader = new BitReader(frame, 24);
  const number = reader.unsigned(12);
  const station = reader.unsigned(12);
  const epochRaw = reader.unsigned(30);
  const more = reader.unsigned(1);
  const rest = reader.unsigned(18);
  const ids = (count: number): number[] =>
    Array.from({ length: count }, (_, index) => (reader.flag() ? index + 1 : 0)).filter((id) => id > 0);
  const satellites = ids(64);
  const signals = ids(32);
  const cells: PlainCell[] = satellites
    .flatMap((sat) => signals.map((sig) => ({ sat, sig })))
    .filter(() => reader.flag());
  const [satelliteFields, cellFields] = LEVELS[number % 10]!;
  const read = ([, bits, signed]: Field): number =>
    signed === true ? reader.signed(bits) : reader.unsigned(bits);
  for (const field of satelliteFields) {
    for (const sat of satellites) {
      const value = read(field);
      for (const cell of cells) if (cell.sat === sat) cell[field[0]] = value;
    }
  }
  for (const field of cellFields) for (const cell of cells) cell[field[0]] = read(field);
  return { number, station, epochRaw, more, rest, satellites, signals, cells };
}
