// What charging needs of a usage row, and how it is written into the lines of charging's own spool and read back.

import type { CountedTotals } from '../rating/units.ts';
import { jsonLine, type LineOf, ownerFields, wellFormed } from '../spool/row-lines.ts';
import type { UsageOwner, UsageRow } from '../usage-row.ts';

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

/** Under the names of the columns, as spool/row-lines.ts writes them; whole usage rows are read just as well. */
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

/** A row of `usage` as charging's own spool has it: no more of it than is read back. */
export const takenLine: LineOf = (_table, given) => {
  // Nothing else is taken.
  const row = given as UsageRow;
  const { total } = row;
  return jsonLine({
    session_id: wellFormed(row.sessionId),
    window_number: row.window,
    node: wellFormed(row.node),
    mountpoint: wellFormed(row.mountpoint),
    session_started_ms: row.sessionStartedAtMs,
    window_started_ms: row.windowStartedAtMs,
    ...ownerFields(row),
    bytes_total: total.bytes,
    epochs_total: total.epochs,
    active_seconds_total: total.activeSeconds,
    duration_ms_total: total.durationMs,
    is_last: row.isLast ? 1 : 0,
  });
};

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
