// Lets every answer to a wrong name or password leave at even steps of time, so that how long it took tells nobody which
// names exist, or which of them have a password that takes work to check. Waiting costs nothing but the wait: pretending
// by hashing would let a stranger fill the queue of those who are known.

import { setTimeout as wait } from 'node:timers/promises';
import { WRONG_PASSWORD_STEP_MS } from '../../config/limits.ts';

/** Resolves at the next whole step since the attempt began. Both in ms of the monotonic clock (performance.now). */
export async function nextEvenStep(beganMs: number, nowMs: number): Promise<void> {
  await wait(msToEvenStep(nowMs - beganMs));
}

export function msToEvenStep(elapsedMs: number): number {
  const steps = Math.max(1, Math.ceil(elapsedMs / WRONG_PASSWORD_STEP_MS));
  return steps * WRONG_PASSWORD_STEP_MS - elapsedMs;
}
