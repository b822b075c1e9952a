// Rows that the engine cannot read, kept aside so that they hold up nobody and are not lost: one file a table, JSON lines
// as they were to be sent. Somebody has to look at them; nothing reads them again by itself.

import { closeSync, fdatasyncSync, fstatSync, mkdirSync, openSync, writeSync } from 'node:fs';
import path from 'node:path';
import { REFUSED_ROWS_BYTES_MAX } from '../../../config/limits.ts';
import type { MeterTable } from '../usage-row.ts';

export class RefusedRows {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Name of the file that holds the line now, or undefined where the disk, or the limit, does not take it. */
  keep(table: MeterTable, line: Uint8Array): string | undefined {
    const file = path.join(this.#folder, `${table}.jsonl`);
    try {
      mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
      return appendWhole(file, line) ? file : undefined;
    } catch {
      return undefined;
    }
  }
}

function appendWhole(file: string, line: Uint8Array): boolean {
  const fd = openSync(file, 'a', 0o600);
  try {
    if (fstatSync(fd).size + line.length > REFUSED_ROWS_BYTES_MAX) return false;
    if (writeSync(fd, line) < line.length) return false;
    fdatasyncSync(fd);
    return true;
  } finally {
    closeSync(fd);
  }
}
