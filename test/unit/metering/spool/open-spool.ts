// A spool in a folder of its own, with its events to be read.

import { mkdtempSync } from 'node:fs';
import path from 'node:path';
import type { SpoolBatch } from '../../../../caster/metering/spool/batch.ts';
import { Spool, type SpoolOptions } from '../../../../caster/metering/spool/spool.ts';
import { Journal } from '../../../../platform/observe/journal.ts';
import { memoryLog } from '../../platform/observe/memory-log.ts';

export const ALL = { bytesMax: 1e9, rowsMax: 1e9 };

export interface OpenedSpool {
  readonly spool: Spool;
  readonly dir: string;
  /** Names of the events so far. */
  readonly events: () => string[];
  /** The event of that name, as it was logged. */
  readonly event: (name: string) => Record<string, unknown> | undefined;
}

export async function openSpool(
  parent: string,
  { dir = mkdtempSync(path.join(parent, 'spool-')), ...options }: Partial<SpoolOptions> = {},
): Promise<OpenedSpool> {
  const { log, lines } = memoryLog();
  const journal = new Journal(log);
  const spool = await Spool.open({
    ...{ name: 'usage', segmentBytes: 1e6, bytesMax: 1e9, journal },
    ...options,
    dir,
  });
  return {
    spool,
    dir,
    events: () => lines().map(({ event }) => String(event)),
    event: (name) => lines().find(({ event }) => event === name),
  };
}

/** `<session>/<window>` of every usage row in it, in order. */
export function keysOf(batch: SpoolBatch | undefined): string[] {
  return (batch?.parts ?? []).flatMap(({ lines }) =>
    lines
      .toString()
      .split('\n')
      .filter((line) => line !== '')
      // A line as the spool writes usage.
      .map((line) => JSON.parse(line) as { session_id: string; window_number: number })
      .map((row) => `${row.session_id}/${row.window_number}`),
  );
}

/** Takes all that waits out of it. */
export async function drain(spool: Spool, limits = ALL): Promise<string[]> {
  const keys: string[] = [];
  for (;;) {
    const batch = await spool.next(limits);
    if (batch === undefined) return keys;
    keys.push(...keysOf(batch));
    spool.done(batch);
  }
}
