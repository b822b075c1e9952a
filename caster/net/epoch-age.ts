// HOT: bench/micro/outbox.bench.ts
// How old is too old: of what waits for a slow rover, what is still of use.

import { BURST_MS, RECORDING_SPEED } from '../../config/limits.ts';
import { dayDifferenceMs } from '../rtcm/epoch-time.ts';
import type { Epoch } from '../stream/epoch.ts';

/**
 * Whether an epoch that waits has outlived its use now that a newer one is there. What comes within BURST_MS is of one
 * age; and where observation times run on RECORDING_SPEED times as fast as the clock, a recording is pushed at once.
 */
export function isStale(waiting: Epoch, newest: Epoch): boolean {
  const apartMs = newest.receivedMs - waiting.receivedMs;
  if (apartMs < BURST_MS) return false;
  if (waiting.gpsDayMs < 0 || newest.gpsDayMs < 0) return true;
  return dayDifferenceMs(newest.gpsDayMs, waiting.gpsDayMs) <= RECORDING_SPEED * apartMs;
}
