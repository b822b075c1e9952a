// Who was where, as the caster's log tells it.

import type { CasterProcess, LogLine } from '../support/caster-process.ts';

/** The `session_opened` line of the connection that gave this name as its agent. */
export function openingOf(caster: CasterProcess, name: string): Promise<LogLine> {
  return caster.waitFor('session_opened', (line) => line['userAgent'] === `NTRIP ${name}`);
}

/** The `session_closed` line of that session. */
export function closingOf(caster: CasterProcess, opening: LogLine, withinMs?: number): Promise<LogLine> {
  return caster.waitFor('session_closed', (line) => line['session'] === opening['session'], withinMs);
}

/** Sessions of the log that no line has closed. */
export function openSessions(log: readonly LogLine[]): LogLine[] {
  const closed = new Set(
    log.filter(({ event }) => event === 'session_closed').map((line) => line['session']),
  );
  return log.filter(({ event, session }) => event === 'session_opened' && !closed.has(session));
}
