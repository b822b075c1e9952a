// Which rows belong to which table.

import type { LoginRow, SessionRow, StreamHealthRow, StreamQualityRow } from './record-rows.ts';
import type { ChargeRow, UsageRow } from './usage-row.ts';

export interface MeterRows {
  readonly usage: UsageRow;
  readonly sessions: SessionRow;
  readonly charges: ChargeRow;
  readonly logins: LoginRow;
  readonly stream_quality: StreamQualityRow;
  readonly stream_health: StreamHealthRow;
}
