// Rows that the engine cannot read, kept aside so that they hold up nobody and are not lost: JSON lines as they were to
// be sent, in one file a table, and an earlier one once that is full. Somebody has to look at them; nothing reads them
// again by itself. Where nobody does, the oldest give way, and are counted.

import {
  closeSync,
  existsSync,
  fdatasyncSync,
  fstatSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  writeSync,
} from 'node:fs';
import path from 'node:path';
import { REFUSED_ROWS_BYTES_MAX } from '../../../config/limits.ts';
import type { MeterTable } from '../usage-row.ts';

/** Rows of a table that gave way to newer ones. */
export interface DroppedRows {
  readonly table: MeterTable;
  readonly rows: number;
}

export class RefusedRows {
  readonly #folder: string;
  readonly #fileBytesMax: number;
  readonly #onDropped: (dropped: DroppedRows) => void;

  /** `bytesMax` is of both files of a table; tests have fewer. */
  constructor(folder: string, onDropped: (dropped: DroppedRows) => void, bytesMax = REFUSED_ROWS_BYTES_MAX) {
    this.#folder = folder;
    this.#onDropped = onDropped;
    this.#fileBytesMax = bytesMax / 2;
  }

  /** Name of the file that holds the line now, or undefined where the disk does not take it. */
  keep(table: MeterTable, line: Uint8Array): string | undefined {
    const file = path.join(this.#folder, `${table}.jsonl`);
    try {
      mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
      if (appendWhole(file, line, this.#fileBytesMax)) return file;
      this.#turn(table, file);
      return appendWhole(file, line, Infinity) ? file : undefined;
    } catch {
      return undefined;
    }
  }

  /** The file that is full becomes the earlier one, in the place of that. */
  #turn(table: MeterTable, file: string): void {
    const earlier = path.join(this.#folder, `${table}.earlier.jsonl`);
    const rows = existsSync(earlier) ? countLines(earlier) : 0;
    renameSync(file, earlier);
    if (rows > 0) this.#onDropped({ table, rows });
  }
}

/** False where the file has no room for it below its limit. Throws the disk's error; a line is whole, or the last. */
function appendWhole(file: string, line: Uint8Array, bytesMax: number): boolean {
  const fd = openSync(file, 'a', 0o600);
  try {
    if (fstatSync(fd).size + line.length > bytesMax) return false;
    if (writeSync(fd, line) < line.length) throw new Error('the disk takes no more');
    fdatasyncSync(fd);
    return true;
  } finally {
    closeSync(fd);
  }
}

const PIECE_BYTES = 1_048_576;

function countLines(file: string): number {
  const piece = Buffer.allocUnsafe(PIECE_BYTES);
  const fd = openSync(file, 'r');
  try {
    let lines = 0;
    for (;;) {
      const read = readSync(fd, piece, 0, PIECE_BYTES, null);
      if (read === 0) return lines;
      const bytes = piece.subarray(0, read);
      for (let at = bytes.indexOf(0x0a); at >= 0; at = bytes.indexOf(0x0a, at + 1)) lines++;
    }
  } finally {
    closeSync(fd);
  }
}
