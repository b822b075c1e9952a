// How many connections the process can really hold: every one is a descriptor, and the system's limit on them is often
// lower than the configuration's. At the limit the kernel would reset newcomers without a word, HTTP would be deaf too,
// and nobody would see why.

import { readFileSync } from 'node:fs';
import { DESCRIPTORS_RESERVED, HTTP_CONNECTIONS_MAX } from '../config/limits.ts';
import type { Config } from '../config/schema.ts';

const OPEN_FILES = /^Max open files\s+(\d+)/m;

/** The soft limit on open descriptors; undefined where the system does not tell (off Linux, or no limit). */
export function openFilesMax(): number | undefined {
  try {
    const found = OPEN_FILES.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1];
    return found === undefined ? undefined : Number(found);
  } catch {
    return undefined;
  }
}

/** Connections one worker may hold, so that all of them together leave descriptors for everything else. */
export function connectionsPerWorker(
  gates: Config['gates'],
  workers: number,
  openFiles: number | undefined,
): number {
  if (openFiles === undefined) return gates.connectionsMax;
  const share = Math.floor((openFiles - keptFromStreams(openFiles)) / workers);
  return Math.max(1, Math.min(gates.connectionsMax, share));
}

/** Connections of the HTTP interface, so that it cannot use up what the streams count on. */
export function httpConnectionsMax(openFiles: number | undefined): number {
  if (openFiles === undefined) return HTTP_CONNECTIONS_MAX;
  const kept = keptFromStreams(openFiles);
  return Math.max(1, kept - Math.min(DESCRIPTORS_RESERVED, Math.floor(kept / 2)));
}

/** Descriptors that are not for streams: at most half of all. */
function keptFromStreams(openFiles: number): number {
  return Math.min(DESCRIPTORS_RESERVED + HTTP_CONNECTIONS_MAX, Math.floor(openFiles / 2));
}
