// The closed union of messages between the caster's main thread and the metering process. What is metered itself goes by
// the ledger, which both have in their memory.

import type { BalanceAsk } from '../caster/accounts/steps/check-balance.ts';
import type { LiveOptions } from '../caster/metering/open-metering.ts';
import type { MeterRows } from '../caster/metering/meter-rows.ts';
import type { MeteringCounts } from '../caster/metering/metering-counts.ts';
import type { CommandAnswer, QueryAnswer } from '../caster/metering/sink/clickhouse.ts';
import type { SqlValue } from '../caster/metering/sink/sql-values.ts';
import type { MeterTable } from '../caster/metering/usage-row.ts';
import type { Change } from '../platform/bus/bus.ts';
import type { StoreOptions } from '../platform/store/store.ts';
import type { EventFields, EventLevel } from '../platform/observe/log-event.ts';

export interface MeteringStart {
  readonly dataDir: string;
  /** Folder of all runs' ledgers, and the name of the one that is being written. */
  readonly ledgerDir: string;
  readonly run: string;
  readonly node: string;
  readonly url: string;
  readonly spoolBytesMax: number;
  readonly retentionMonths: number;
  readonly windowMs: number;
  /** As the main thread has opened it. */
  readonly store: StoreOptions;
  readonly live?: LiveOptions;
}

/** What the main thread asks of ClickHouse. */
export type EngineWork =
  | { readonly kind: 'query'; readonly sql: string; readonly params: Readonly<Record<string, SqlValue>> }
  | { readonly kind: 'command'; readonly sql: string }
  | { readonly kind: 'insert'; readonly table: MeterTable; readonly lines: Uint8Array }
  | { readonly kind: 'ping' };

export type EngineAnswer = QueryAnswer | CommandAnswer;

/** Rows that no ledger holds. */
export type LooseRows = {
  [Table in MeterTable]: { readonly table: Table; readonly rows: readonly MeterRows[Table][] };
}[MeterTable];

export type ToMetering =
  | { readonly type: 'start'; readonly start: MeteringStart }
  | { readonly type: 'ask'; readonly ask: number; readonly work: EngineWork }
  | { readonly type: 'rows'; readonly rows: LooseRows }
  /** Something in the store has changed. */
  | { readonly type: 'change'; readonly change: Change }
  /** Anything in the store may have changed. */
  | { readonly type: 'missed' }
  /** Is anything left to pay for what somebody would like to use? */
  | { readonly type: 'askStart'; readonly ask: number; readonly use: BalanceAsk }
  /** Every session has ended: account for all of them, and end. */
  | { readonly type: 'stop' };

export type FromMetering =
  | { readonly type: 'ready' }
  | { readonly type: 'failed'; readonly detail: string }
  | { readonly type: 'answer'; readonly ask: number; readonly answer: EngineAnswer }
  | { readonly type: 'mayStart'; readonly ask: number; readonly may: boolean }
  /** Nothing is left to pay for these. */
  | { readonly type: 'endSessions'; readonly sessionIds: readonly string[]; readonly reason: 'balance_empty' }
  | { readonly type: 'counts'; readonly counts: MeteringCounts }
  | {
      readonly type: 'log';
      readonly level: EventLevel;
      readonly event: string;
      readonly fields: EventFields;
    };
