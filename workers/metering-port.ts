// Metering as the main thread uses it, whether it is done by another process or in this one.

import type { BalanceGate } from '../caster/accounts/steps/check-balance.ts';
import type { ClickHouse } from '../caster/metering/sink/clickhouse.ts';
import type { MeteringCounts } from '../caster/metering/metering-counts.ts';
import type { LooseRows } from './metering-messages.ts';

/** Whom to tell that nothing is left to pay for a session. */
export type OnBalanceEmpty = (sessionId: string, reason: 'balance_empty') => void;

export interface MeteringPort extends BalanceGate {
  readonly clickhouse: ClickHouse;
  /** As of a moment ago; undefined where nobody knows. */
  readonly counts: MeteringCounts | undefined;
  /** How often it was started again after it ended unasked. */
  readonly restarts: number;
  /** Loose rows that were not taken as it was away for too long. */
  readonly rowsLost: number;
  onBalanceEmpty(listener: OnBalanceEmpty): void;
  /** Takes rows that no ledger holds. */
  append(rows: LooseRows): void;
  /** After the last session has ended. Safe to call again. */
  stop(): Promise<void>;
}
