// A log whose lines stay in memory, parsed, for tests of whatever writes to it.

import { createLog, type Log, type LogLevel } from '../../../../platform/observe/log.ts';
import { type LineStream } from '../../../../platform/observe/log-destination.ts';

export interface MemoryLog {
  readonly log: Log;
  /** Every line so far, as the object it is. */
  readonly lines: () => Record<string, unknown>[];
  /** How much the stream says it has waiting. */
  waitingBytes: number;
  /** What the next writes end with. */
  failure: Error | undefined;
}

export function memoryLog(level: LogLevel = 'info'): MemoryLog {
  const written: string[] = [];
  const memory = { waitingBytes: 0, failure: undefined as Error | undefined };
  const stream: LineStream = {
    get writableLength() {
      return memory.waitingBytes;
    },
    write(line, done) {
      if (memory.failure === undefined) written.push(line);
      done(memory.failure);
    },
    on: () => undefined,
  };
  return Object.assign(memory, {
    log: createLog({ level, node: 'node-1', stream }),
    lines: () => written.map((line) => JSON.parse(line) as Record<string, unknown>),
  });
}
