// Small files of JSON that are there as they were before a write or after it, never between.

import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { type FileSteps, REAL_FILES, writeWhole } from '../storage/file-steps.ts';

export interface SlotFiles extends FileSteps {
  /** Hex; undefined where the file cannot be read. */
  sha256Of(file: string): Promise<string | undefined>;
}

export const REAL_SLOT_FILES: SlotFiles = {
  ...REAL_FILES,
  async sha256Of(file) {
    const hash = createHash('sha256');
    try {
      await pipeline(createReadStream(file), hash);
    } catch {
      return undefined;
    }
    return hash.digest('hex');
  },
};

/** Durable when it returns. */
export function writeJson(steps: FileSteps, file: string, value: object): void {
  writeWhole(steps, file, Buffer.from(JSON.stringify(value)));
}

/** Undefined where there is none, or where it is no JSON. */
export function readJson(steps: FileSteps, file: string): unknown {
  const bytes = steps.read(file);
  if (bytes === undefined) return undefined;
  try {
    return JSON.parse(bytes.toString()) as unknown;
  } catch {
    return undefined;
  }
}
