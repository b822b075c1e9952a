// The segment that is written to. A write that the disk takes only in part leaves nothing behind: the next one goes to
// the same place, and a reader never looks beyond `bytes`.

import { closeSync, fdatasync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { promisify } from 'node:util';
import { SEGMENT_HEAD } from './record.ts';

const fdatasyncOf = promisify(fdatasync);

export class SegmentWriter {
  readonly id: number;
  #fd: number | undefined;
  #bytes = 0;
  #rows = 0;
  #isSynced = true;

  /** Makes the file. Throws the system's error. */
  constructor(file: string, id: number) {
    this.id = id;
    this.#fd = openSync(file, 'wx', 0o600);
    this.#bytes = SEGMENT_HEAD.length;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get rows(): number {
    return this.#rows;
  }

  get hasRecords(): boolean {
    return this.#bytes > SEGMENT_HEAD.length;
  }

  /** Whole, or not at all and the system's error is thrown. */
  append(records: readonly Buffer[], rows: number): void {
    if (this.#fd === undefined) throw new Error('the segment is closed');
    let at = this.#bytes;
    try {
      // With the first record, so that no segment is on a full disk that holds nothing.
      if (!this.hasRecords) writeWhole(this.#fd, SEGMENT_HEAD, 0);
      for (const record of records) at += writeWhole(this.#fd, record, at);
    } catch (error) {
      this.#cutBack();
      throw error;
    }
    this.#bytes = at;
    this.#rows += rows;
    this.#isSynced = false;
  }

  /** To the disk itself. Rejects with the system's error. */
  async sync(): Promise<void> {
    if (this.#isSynced || this.#fd === undefined) return;
    this.#isSynced = true;
    try {
      await fdatasyncOf(this.#fd);
    } catch (error) {
      this.#isSynced = false;
      throw error;
    }
  }

  close(): void {
    if (this.#fd === undefined) return;
    closeSync(this.#fd);
    this.#fd = undefined;
  }

  #cutBack(): void {
    try {
      ftruncateSync(this.#fd!, this.#bytes);
    } catch {
      // What is left over is written over, or cut off at the next start.
    }
  }
}

function writeWhole(fd: number, bytes: Buffer, at: number): number {
  let written = 0;
  while (written < bytes.length) {
    written += writeSync(fd, bytes, written, bytes.length - written, at + written);
  }
  return bytes.length;
}
