// The name under which a data folder is known to Redis, for as long as the folder is there: what a process has used and
// not charged lies in the folder, so whoever works in it next answers for it.

import { randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** Throws where the folder cannot be written to. */
export function placeOf(folder: string): string {
  const file = path.join(folder, 'place');
  try {
    const known = readFileSync(file, 'utf8').trim();
    if (/^[\w-]+$/.test(known)) return known;
  } catch {
    // The first start.
  }
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const place = randomUUID();
  writeFileSync(file, `${place}\n`, { mode: 0o600, flush: true });
  return place;
}
