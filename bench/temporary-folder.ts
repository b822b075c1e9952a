// Folders that a bench needs while it runs; all are gone when it ends.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const made = new Set<string>();

process.on('exit', () => {
  for (const folder of made) rmSync(folder, { recursive: true, force: true });
});

export function makeTemporaryFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'rovercast-bench-'));
  made.add(folder);
  return folder;
}
