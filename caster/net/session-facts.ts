// What a worker tells of its sessions while they run: where rovers last said they were, now and then and unasked, and
// what has gone to or come from each, when somebody asks.

import type { OpenSessionCounts, RoverFix } from '../accounts/open-sessions.ts';

export interface PositionReport {
  readonly sessionId: string;
  readonly fix: RoverFix;
}

/** Of a session that runs. */
export interface SessionFacts extends OpenSessionCounts {
  readonly sessionId: string;
  readonly fix: RoverFix | undefined;
}
