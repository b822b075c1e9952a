// Sessions that have ended, written down for whoever asks why one did.

import { CLOSED_SESSIONS_KEPT_DAYS, RECORDS_PIECE_ROWS, RECORDS_WAITING_MAX } from '../../config/limits.ts';
import { insertAll } from '../../platform/store/insert-all.ts';
import type { Store } from '../../platform/store/store.ts';
import type { ClosedSessionsTable } from '../../platform/store/tables.ts';
import { deleteOlder, RECORDS_SWEEP_PERIOD_MS } from './old-records.ts';
import type { Session } from './session-registry.ts';
import { WriteBehind } from './write-behind.ts';

/** What the worker counted, as far as it could still tell. */
export interface SessionTotals {
  readonly durationMs: number;
  readonly bytes: number;
  readonly epochs: number;
  readonly frames: number;
  readonly epochsDropped: number;
  readonly framesDropped: number;
  readonly unacknowledgedBytes: number;
}

const DELAY_MS = 500;

export class ClosedSessions {
  readonly #rows: WriteBehind<ClosedSessionsTable>;
  readonly #store: Store;
  readonly #node: string;
  readonly #sweepTimer: NodeJS.Timeout;

  constructor(store: Store, node: string, onFailure: (error: unknown) => void) {
    this.#store = store;
    this.#node = node;
    this.#sweepTimer = setInterval(() => void this.sweep().catch(onFailure), RECORDS_SWEEP_PERIOD_MS).unref();
    this.#rows = new WriteBehind<ClosedSessionsTable>({
      delayMs: DELAY_MS,
      batchMax: RECORDS_PIECE_ROWS,
      rowsMax: RECORDS_WAITING_MAX,
      onFailure,
      write: async (rows) => {
        await store.write((tx) => insertAll(store, tx, 'closed_sessions', rows, { onConflict: 'skip' }), {
          durable: false,
        });
      },
    });
  }

  get lost(): number {
    return this.#rows.lost;
  }

  record(session: Session, reason: string, totals: SessionTotals | undefined, endedAtMs: number): void {
    this.#rows.add({
      id: session.id,
      customer_id: session.customerId ?? null,
      app_id: session.appId ?? null,
      account_id: session.accountId ?? null,
      account: session.account ?? null,
      device: session.device ?? null,
      role: session.role,
      mountpoint: session.mountpoint,
      address: session.address,
      user_agent: session.userAgent,
      ntrip_version: session.version,
      secure: session.secure ? 1 : 0,
      node: this.#node,
      started_at: session.startedAtMs,
      ended_at: endedAtMs,
      duration_ms: Math.round(totals?.durationMs ?? endedAtMs - session.startedAtMs),
      reason,
      bytes: totals?.bytes ?? 0,
      epochs: totals?.epochs ?? 0,
      frames: totals?.frames ?? 0,
      epochs_dropped: totals?.epochsDropped ?? 0,
      frames_dropped: totals?.framesDropped ?? 0,
      unacknowledged_bytes: totals?.unacknowledgedBytes ?? 0,
    });
  }

  flush(): Promise<void> {
    return this.#rows.flush();
  }

  async close(): Promise<void> {
    clearInterval(this.#sweepTimer);
    await this.flush();
  }

  /** Forgets what is too old. */
  async sweep(): Promise<void> {
    await deleteOlder(
      this.#store,
      { table: 'closed_sessions', column: 'ended_at' },
      CLOSED_SESSIONS_KEPT_DAYS,
    );
  }
}
