// Keeps a terminal logged in: a new password before the one it has runs out, and patience where the server is away.
// It must not hurry: thousands of devices come back at the same moment after an outage.

import type { LoginAsk, Terminal } from './terminal.ts';
import type { TerminalCredentials, TerminalFailure } from './terminal-reply.ts';

/** Part of the time that is left after which a new password is asked for, drawn anew each time so that fleets spread. */
const RENEW_AFTER = { min: 0.7, max: 0.9 };
const RETRY_MS_MIN = 1000;
const RETRY_MS_MAX = 60_000;
/** The longest that a timer can be set to. */
const WAIT_MS_MAX = 2_147_483_647;

export interface LoginKeeper {
  /** Asks no more. */
  stop(): void;
}

/** Logs in at once; `onLogin` gets every new login, `onFailure` every failure, after which it tries again. */
export function keepLoggedIn(
  terminal: Terminal,
  ask: LoginAsk,
  on: {
    readonly onLogin: (credentials: TerminalCredentials) => void;
    readonly onFailure: (failure: TerminalFailure, retryInMs: number) => void;
  },
): LoginKeeper {
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  let failures = 0;

  async function logIn(): Promise<void> {
    const reply = await terminal.login(ask);
    if (stopped) return;
    if (reply.ok) {
      failures = 0;
      plan(renewInMs(reply.value.expiresAtMs - terminal.nowMs, Math.random()));
      on.onLogin(reply.value);
      return;
    }
    const retryInMs = retryAfterMs(reply.failure, failures, Math.random());
    failures += 1;
    plan(retryInMs);
    on.onFailure(reply.failure, retryInMs);
  }

  function plan(inMs: number): void {
    timer = setTimeout(() => void logIn(), Math.min(inMs, WAIT_MS_MAX));
  }

  void logIn();
  return {
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}

/** `draw` is uniform in [0, 1). */
export function renewInMs(leftMs: number, draw: number): number {
  const part = RENEW_AFTER.min + (RENEW_AFTER.max - RENEW_AFTER.min) * draw;
  return Math.max(RETRY_MS_MIN, leftMs * part);
}

/** What the server asks for, else twice as long after each failure, up to a minute; up to as much again by draw. */
export function retryAfterMs(failure: TerminalFailure, failuresBefore: number, draw: number): number {
  const asked = failure.kind === 'refused' ? failure.retryAfterS : undefined;
  const pauseMs =
    asked === undefined
      ? Math.min(RETRY_MS_MAX, RETRY_MS_MIN * 2 ** Math.min(failuresBefore, 16))
      : asked * 1000;
  return Math.max(RETRY_MS_MIN, pauseMs) * (1 + draw);
}
