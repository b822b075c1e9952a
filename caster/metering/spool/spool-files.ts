// Where the spool's files are, and its index: how far it has been sent and how many rows lie in which segment. The
// index may be old or missing; then rows are sent again, and counted by reading.
//
//   spool/0000000007.spool   segments, the highest number is written to
//   spool/index.json         written anew beside, then renamed
//   spool/broken/            what could not be read
//   spool/refused/           rows that the engine refused

import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const SEGMENT_NAME = /^(\d{10})\.spool$/;

export interface SpoolPosition {
  readonly segment: number;
  readonly offset: number;
  /** Rows of that segment before it. */
  readonly rows: number;
}

/** A segment that nothing is written to any more. */
export interface SealedSegment {
  readonly id: number;
  readonly bytes: number;
  readonly rows: number;
}

export interface SpoolIndex {
  readonly position: SpoolPosition;
  readonly sealed: readonly SealedSegment[];
}

export class SpoolFiles {
  readonly folder: string;

  /** Makes the folder where it is missing. */
  constructor(folder: string) {
    this.folder = folder;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  }

  segment(id: number): string {
    return path.join(this.folder, segmentName(id));
  }

  /** Numbers of the segments, in order. */
  segmentIds(): number[] {
    return readdirSync(this.folder)
      .flatMap((name) => SEGMENT_NAME.exec(name)?.[1] ?? [])
      .map(Number)
      .toSorted((a, b) => a - b);
  }

  readIndex(): SpoolIndex | undefined {
    try {
      const value: unknown = JSON.parse(readFileSync(this.#index, 'utf8'));
      return isIndex(value) ? value : undefined;
    } catch {
      return undefined;
    }
  }

  /** False where the disk did not take it; the old one stays then. */
  writeIndex(index: SpoolIndex): boolean {
    const beside = `${this.#index}.new`;
    try {
      writeFileSync(beside, `${JSON.stringify(index)}\n`, { mode: 0o600 });
      renameSync(beside, this.#index);
      return true;
    } catch {
      return false;
    }
  }

  /** Keeps what could not be read; the name of its file, or undefined where the disk did not take it. */
  keepBroken(segment: number, offset: number, bytes: Uint8Array): string | undefined {
    const name = path.join('broken', `${segmentName(segment)}-${offset}.bin`);
    try {
      mkdirSync(path.join(this.folder, 'broken'), { recursive: true, mode: 0o700 });
      writeFileSync(path.join(this.folder, name), bytes, { mode: 0o600 });
      return name;
    } catch {
      return undefined;
    }
  }

  get #index(): string {
    return path.join(this.folder, 'index.json');
  }
}

export function segmentName(id: number): string {
  return `${String(id).padStart(10, '0')}.spool`;
}

function isIndex(value: unknown): value is SpoolIndex {
  if (!isObject(value) || !isObject(value.position) || !Array.isArray(value.sealed)) return false;
  const { segment, offset, rows } = value.position;
  const hasNumbers = [segment, offset, rows].every(isCount);
  return (
    hasNumbers && value.sealed.every((one) => isObject(one) && [one.id, one.bytes, one.rows].every(isCount))
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}
