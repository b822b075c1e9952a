// A folder for the files of one test file, gone behind it.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll } from 'vitest';

export function useTempFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'rovercast-test-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
