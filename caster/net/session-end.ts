// The last word about a session, from the worker that held it to the main thread.

import type { CloseReason } from './close-reason.ts';

/** What a session was, told once when it has ended. */
export interface SessionEnd {
  readonly sessionId: string;
  readonly reason: CloseReason;
  readonly durationMs: number;
  /** Stream payload: taken by the kernel for a rover, received from a base. */
  readonly bytes: number;
  readonly epochs: number;
  readonly frames: number;
  readonly epochsDropped: number;
  readonly framesDropped: number;
  /** Of `bytes`, what the peer had not acknowledged at the end, where that could be asked. */
  readonly unacknowledgedBytes: number;
}
