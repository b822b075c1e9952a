// The data folder: made where missing, for its owner only, and every way in which it can be unusable by name.

import { mkdirSync } from 'node:fs';
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
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    return undefined;
  } catch (error) {
    return dataDirProblem(dataDir, error);
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
