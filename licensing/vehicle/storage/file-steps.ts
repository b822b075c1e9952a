// The steps of which a durable write is made. They are apart so that a test can stop between any two of them, and lose
// what was not yet synced, as a loss of power does.

import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { systemErrorCode } from '../../../platform/start-problem.ts';

export interface FileSteps {
  /** Undefined where there is no such file. */
  read(file: string): Buffer | undefined;
  /** Makes the file anew, for its owner only. */
  write(file: string, bytes: Uint8Array): void;
  sync(file: string): void;
  rename(from: string, to: string): void;
  /** Makes renames in it last. */
  syncFolder(folder: string): void;
  remove(file: string): void;
  makeFolder(folder: string): void;
}

export const REAL_FILES: FileSteps = {
  read(file) {
    try {
      return readFileSync(file);
    } catch (error) {
      if (systemErrorCode(error) === 'ENOENT') return undefined;
      throw error;
    }
  },
  write: (file, bytes) => writeFileSync(file, bytes, { mode: 0o600 }),
  sync: syncPath,
  rename: renameSync,
  syncFolder: syncPath,
  remove: (file) => rmSync(file, { force: true }),
  makeFolder: (folder) => void mkdirSync(folder, { recursive: true, mode: 0o700 }),
};

/** Durable when it returns; whenever the power goes, the file is there as it was before or after. */
export function writeWhole(steps: FileSteps, file: string, bytes: Uint8Array): void {
  const draft = `${file}.draft`;
  steps.write(draft, bytes);
  steps.sync(draft);
  steps.rename(draft, file);
  steps.syncFolder(path.dirname(file));
}

export function syncPath(at: string): void {
  const descriptor = openSync(at, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
