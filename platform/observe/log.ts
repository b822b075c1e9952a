// The log: one JSON object a line on standard error, for programs first; `time`, `level`, `event` and the fields.
// Standard output is only for data such as the ready line. Nothing but the journal writes here, so that every line is
// also a live event and has had its secrets taken out.

import { pino } from 'pino';
import { type Config } from '../../config/schema.ts';
import { LogDestination, type LineStream } from './log-destination.ts';
import { type EventLevel, type LogEvent } from './log-event.ts';

export type LogLevel = Config['log']['level'];

export interface Log {
  /** Least important level that is written; may be changed at any time. */
  level: LogLevel;
  /** Lines that standard error did not take. */
  readonly linesLost: number;
  /** True where an event of this level would be written. */
  writes(level: EventLevel): boolean;
  /** Writes one line, or counts it as lost. Never throws and never waits for a slow reader. */
  write(event: LogEvent): void;
}

export interface LogOptions {
  readonly level: LogLevel;
  /** Name of this machine or container, for logs of several that are kept together. */
  readonly node: string;
  /** Standard error where not given. */
  readonly stream?: LineStream;
}

export function createLog({ level, node, stream = process.stderr }: LogOptions): Log {
  const destination = new LogDestination(stream);
  let linesLostTold = 0;
  // pino asks for the time while it makes the line: the event's own, so that log and live event say the same.
  let time = '';
  const logger = pino(
    {
      level,
      base: { pid: process.pid, node },
      timestamp: () => `,"time":"${time}"`,
      formatters: { level: (label) => ({ level: label }) },
    },
    destination,
  );

  function writeLine(event: LogEvent): void {
    time = event.time;
    logger[event.level]({ event: event.event, ...event.fields });
  }

  function tellLost(now: string): void {
    const lines = destination.linesLost - linesLostTold;
    linesLostTold = destination.linesLost;
    writeLine({ time: now, level: 'warn', event: 'log_lines_lost', fields: { lines } });
  }

  return {
    get level() {
      return level;
    },
    set level(next) {
      level = next;
      logger.level = next;
    },
    get linesLost() {
      return destination.linesLost;
    },
    writes: (asked) => logger.isLevelEnabled(asked),
    write(event) {
      if (destination.linesLost > linesLostTold && destination.hasRoom) tellLost(event.time);
      writeLine(event);
    },
  };
}
