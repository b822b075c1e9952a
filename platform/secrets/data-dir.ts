// The data folder: made where missing, for its owner only, and every way in which it can be unusable by name.

import { existsSync, mkdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { startProblem, systemErrorCode, type StartProblem, type StartProblemCode } from '../start-problem.ts';

const CODES: Readonly<Record<string, StartProblemCode>> = {
  ENOTDIR: 'data_dir_not_a_directory',
  EEXIST: 'data_dir_not_a_directory',
  EACCES: 'data_dir_not_writable',
  EPERM: 'data_dir_not_writable',
  EROFS: 'data_dir_not_writable',
  ENOSPC: 'data_dir_full',
  EDQUOT: 'data_dir_full',
};

/** Makes the folder, and what is missing above it, with mode 0700; one that is there keeps its mode. */
export function makeDataDir(dataDir: string): StartProblem | undefined {
  try {
    makeFolder(dataDir);
    return undefined;
  } catch (error) {
    return dataDirProblem(dataDir, error);
  }
}

/** Node's own recursive way says ENOENT of a read-only disk. Another process may be making the same folders. */
function makeFolder(folder: string): void {
  const parent = path.dirname(folder);
  if (parent !== folder && !existsSync(parent)) makeFolder(parent);
  try {
    mkdirSync(folder, 0o700);
  } catch (error) {
    if (systemErrorCode(error) !== 'EEXIST' || !statSync(folder).isDirectory()) throw error;
  }
}

/** The problem behind a failed system call on something in the folder. Rethrows what is no failed system call. */
export function dataDirProblem(dataDir: string, error: unknown): StartProblem {
  const errno = systemErrorCode(error);
  if (errno === undefined) throw error;
  return startProblem(
    CODES[errno] ?? 'data_dir_unusable',
    `the data folder ${dataDir} cannot be used (${errno})`,
  );
}
