// The spool's records on disk, and how the next valid one is found behind a broken one.
//
//   segment   "rcspool1" then records one after the other
//   record    0  u32  length of the payload        little-endian
//             4  u32  CRC-32 of all that follows
//             8  u8   table
//             9  f64  when it was appended, ms since 1970
//            17       payload: JSON lines, each with its end

import { crc32 } from 'node:zlib';
import { SPOOL_RECORD_BYTES_MAX } from '../../../config/limits.ts';
import type { MeterTable } from '../usage-row.ts';

export const SEGMENT_HEAD = Buffer.from('rcspool1', 'latin1');
export const RECORD_HEAD_BYTES = 17;
const CHECKED_FROM = 8;
const LINE_END = 0x0a;

/** Written into files: a number never changes. */
const TABLE_NUMBERS: Readonly<Record<MeterTable, number>> = {
  usage: 1,
  sessions: 2,
  charges: 3,
  logins: 4,
  stream_quality: 5,
  stream_health: 6,
};
const TABLES = new Map(
  // Keys of a record that names every table.
  (Object.keys(TABLE_NUMBERS) as MeterTable[]).map((table) => [TABLE_NUMBERS[table], table]),
);

export interface SpoolRecord {
  readonly table: MeterTable;
  readonly atMs: number;
  readonly payload: Buffer;
  /** Offset behind it. */
  readonly end: number;
}

export function encodeRecord(table: MeterTable, atMs: number, lines: string): Buffer {
  const length = Buffer.byteLength(lines);
  if (length > SPOOL_RECORD_BYTES_MAX) throw new RangeError(`a record of ${length} bytes`);
  const bytes = Buffer.allocUnsafe(RECORD_HEAD_BYTES + length);
  bytes.writeUInt32LE(length, 0);
  bytes.writeUInt8(TABLE_NUMBERS[table], CHECKED_FROM);
  bytes.writeDoubleLE(atMs, 9);
  bytes.write(lines, RECORD_HEAD_BYTES, 'utf8');
  bytes.writeUInt32LE(crc32(bytes.subarray(CHECKED_FROM)), 4);
  return bytes;
}

/** The record at `offset`; `short` where `bytes` may end before it does, `broken` where there is none. */
export function readRecord(bytes: Buffer, offset: number): SpoolRecord | 'short' | 'broken' {
  if (offset + RECORD_HEAD_BYTES > bytes.length) return 'short';
  const length = bytes.readUInt32LE(offset);
  const table = TABLES.get(bytes.readUInt8(offset + CHECKED_FROM));
  if (length === 0 || length > SPOOL_RECORD_BYTES_MAX || table === undefined) return 'broken';
  const end = offset + RECORD_HEAD_BYTES + length;
  if (end > bytes.length) return 'short';
  if (crc32(bytes.subarray(offset + CHECKED_FROM, end)) !== bytes.readUInt32LE(offset + 4)) return 'broken';
  return {
    table,
    atMs: bytes.readDoubleLE(offset + 9),
    payload: bytes.subarray(offset + RECORD_HEAD_BYTES, end),
    end,
  };
}

/** Offset of the first valid record at or after `from`, or undefined. `bytes` go to the end of their segment. */
export function findRecord(bytes: Buffer, from: number): number | undefined {
  for (let offset = from; offset + RECORD_HEAD_BYTES < bytes.length; offset++) {
    if (typeof readRecord(bytes, offset) === 'object') return offset;
  }
  return undefined;
}

/** Rows in a payload: every row is a line. */
export function rowsIn(payload: Buffer): number {
  let rows = 0;
  for (let at = payload.indexOf(LINE_END); at >= 0; at = payload.indexOf(LINE_END, at + 1)) rows++;
  return rows;
}
