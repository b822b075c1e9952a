// What a session has used, in the units that a plan counts.

import { type UsageTotals } from '../usage-row.ts';
import { type Counts } from './tariff.ts';

/** Of those totals that can be charged for. */
export type CountedTotals = Pick<UsageTotals, 'bytes' | 'epochs' | 'activeSeconds' | 'durationMs'>;

/**
 * Since the session's start. Seconds of `wallTime` are whole ones that have passed: who stays 1.9 s pays for 1. Periods
 * are charged as they begin, whatever a session does.
 */
export function unitsOf(counts: Counts, totals: CountedTotals): number {
  switch (counts) {
    case 'wallTime':
      return Math.floor(totals.durationMs / 1000);
    case 'onlineSeconds':
      return totals.activeSeconds;
    case 'bytes':
      return totals.bytes;
    case 'epochs':
      return totals.epochs;
    case 'period':
      return 0;
  }
}
