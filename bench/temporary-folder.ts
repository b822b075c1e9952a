// Folders that a bench needs while it runs; all are gone when it ends.

import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const made = new Set<string>();

process.on('exit', () => {
  for (const folder of made) rmSync(folder, { recursive: true, force: true });
});

export function makeTemporaryFolder(): string {
  return makeFolderIn(tmpdir());
}

/** For what would not share this machine's disk; an ordinary one where there is no file system in memory. */
export function makeFolderInMemory(): string {
  return makeFolderIn(existsSync('/dev/shm') ? '/dev/shm' : tmpdir());
}

function makeFolderIn(parent: string): string {
  const folder = mkdtempSync(path.join(parent, 'rovercast-bench-'));
  made.add(folder);
  return folder;
}
