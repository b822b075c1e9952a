// What charging needs of a usage row, and how it is read back from the lines of the spool.

import type { CountedTotals } from '../rating/units.ts';
import type { UsageOwner } from '../usage-row.ts';

/** A usage row is one, too. */
export interface TakenRow extends UsageOwner {
  readonly sessionId: string;
  readonly window: number;
  readonly node: string;
  readonly mountpoint: string;
  readonly sessionStartedAtMs: number;
  readonly windowStartedAtMs: number;
  /** Since the session's start, this window included. */
  readonly total: CountedTotals;
  readonly isLast: boolean;
}

/** Columns as row-lines.ts writes them. */
interface UsageLine {
  readonly session_id: string;
  readonly window_number: number;
  readonly node: string;
  readonly mountpoint: string;
  readonly session_started_ms: number;
  readonly window_started_ms: number;
  readonly customer_id: string;
  readonly app_id: string;
  readonly account_id: string;
  readonly account: string;
  readonly device: string;
  readonly service_spec_id: string;
  readonly billing_plan_id: string;
  readonly bytes_total: number;
  readonly epochs_total: number;
  readonly active_seconds_total: number;
  readonly duration_ms_total: number;
  readonly is_last: 0 | 1;
}

export function readUsageLines(lines: Buffer): TakenRow[] {
  const text = lines.toString('utf8');
  // All lines as one document: a single parse is half the time of one for each.
  const rows = JSON.parse(`[${text.trimEnd().replaceAll('\n', ',')}]`) as UsageLine[];
  return rows.map((line) => ({
    sessionId: line.session_id,
    window: line.window_number,
    node: line.node,
    mountpoint: line.mountpoint,
    sessionStartedAtMs: line.session_started_ms,
    windowStartedAtMs: line.window_started_ms,
    customerId: line.customer_id,
    appId: line.app_id,
    accountId: line.account_id,
    account: line.account,
    device: line.device,
    serviceSpecId: line.service_spec_id,
    billingPlanId: line.billing_plan_id,
    total: {
      bytes: line.bytes_total,
      epochs: line.epochs_total,
      activeSeconds: line.active_seconds_total,
      durationMs: line.duration_ms_total,
    },
    isLast: line.is_last === 1,
  }));
}
