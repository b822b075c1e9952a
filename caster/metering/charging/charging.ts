// Windows on their way to charges. They wait in a spool of their own, which kill -9 does not empty, and leave it only
// when the transaction that charges them has passed; what comes out of the spool twice is charged once.
//
//   take ─▶ spool ─▶ one batch ─▶ one transaction ─▶ charges to the usage spool ─▶ done
//
// It never makes whoever takes a window wait.

import {
  CHARGING_BACKOFF_MS_MAX,
  CHARGING_BACKOFF_MS_MIN,
  CHARGING_BATCH_BYTES_MAX,
  CHARGING_BATCH_ROWS_MAX,
} from '../../../config/limits.ts';
import type { Journal } from '../../../platform/observe/journal.ts';
import type { Store } from '../../../platform/store/store.ts';
import { Turns } from '../../../platform/store/turns.ts';
import type { SpoolAppend } from '../spool/spool-append.ts';
import type { Spool } from '../spool/spool.ts';
import type { UsageRow } from '../usage-row.ts';
import { chargeBatch, type ChargedBatch } from './charge-batch.ts';
import type { ChargedPlans } from './charged-plans.ts';
import type { ChargedState } from './charged-state.ts';
import type { LowBalance } from './low-balance.ts';
import { readUsageLines, type TakenRow } from './taken-row.ts';
import type { UnsentCharges } from './unsent-charges.ts';

export interface ChargingParts {
  readonly store: Store;
  readonly journal: Journal;
  readonly plans: ChargedPlans;
  readonly state: ChargedState;
  /** Its own, which it closes. */
  readonly windows: Spool;
  /** Undefined where nothing takes charges. */
  readonly unsent: UnsentCharges | undefined;
  /** Milliseconds from a window to its charge at most, where there is no backlog. */
  readonly everyMs: number;
  /** The store did not answer, or there is a bug; what was to be charged stays. */
  readonly failed: (error: unknown) => void;
}

const BATCH = { rowsMax: CHARGING_BATCH_ROWS_MAX, bytesMax: CHARGING_BATCH_BYTES_MAX };
const SYNC_MS = 1000;

export class Charging {
  readonly #parts: ChargingParts;
  /** Whoever reads balances or charges them does so when nobody else is half through it. */
  readonly turns = new Turns();
  #timer: NodeJS.Timeout | undefined;
  readonly #syncing: NodeJS.Timeout;
  #backoffMs = 0;
  #running: Promise<void> | undefined;
  #isClosed = false;
  #charges = 0;

  constructor(parts: ChargingParts) {
    this.#parts = parts;
    this.#syncing = setInterval(() => void parts.windows.sync(), SYNC_MS).unref();
    this.#soon(0);
  }

  /** Windows that wait to be charged. */
  get waitingRows(): number {
    return this.#parts.windows.waitingRows;
  }

  /** When the oldest of them was taken. */
  get oldestMs(): number | undefined {
    return this.#parts.windows.oldestMs;
  }

  /** Windows that were offered and not taken, as often as they were. */
  get refusedRows(): number {
    return this.#parts.windows.refusedRows;
  }

  /** Charges made since the start. */
  get charges(): number {
    return this.#charges;
  }

  /** Of the rows those that somebody pays for; all of them, or none. */
  take(rows: readonly UsageRow[]): SpoolAppend {
    const paid = rows.filter(
      ({ billingPlanId, customerId, role }) => billingPlanId !== '' && customerId !== '' && role === 'rover',
    );
    if (paid.length === 0) return { ok: true };
    const appended = this.#parts.windows.append('usage', paid);
    if (!appended.ok) return appended;
    this.#parts.state.taken(paid);
    this.#soon(this.#parts.everyMs);
    return appended;
  }

  /** Charges everything that waits; resolves when it is done, or cannot be. */
  flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#running ??= this.#run().finally(() => (this.#running = undefined));
    return this.#running;
  }

  /** Charges what it can, and leaves the rest in its spool for the next start. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#syncing);
    await this.flush();
    clearTimeout(this.#timer);
    await this.#parts.windows.close();
  }

  #soon(delayMs: number): void {
    if (this.#isClosed || this.#running !== undefined) return;
    this.#timer ??= setTimeout(() => void this.flush(), Math.max(delayMs, this.#backoffMs)).unref();
  }

  async #run(): Promise<void> {
    try {
      while (await this.#turn()) {
        // Others have their turn between two batches.
        await new Promise((resolve) => setImmediate(resolve));
      }
      this.#backoffMs = 0;
    } catch (error) {
      this.#parts.failed(error);
      this.#backoffMs = Math.min(
        CHARGING_BACKOFF_MS_MAX,
        Math.max(CHARGING_BACKOFF_MS_MIN, 2 * this.#backoffMs),
      );
    }
    // After this run has ended.
    if (this.waitingRows > 0) setImmediate(() => this.#soon(this.#parts.everyMs)).unref();
  }

  /** False where nothing waits. */
  async #turn(): Promise<boolean> {
    const { windows, store, plans, state, unsent } = this.#parts;
    const batch = await windows.next(BATCH);
    if (batch === undefined) return false;
    const rows = batch.parts.flatMap(({ table, lines }) => (table === 'usage' ? readUsageLines(lines) : []));
    const priced = await plans.all(rows.map(({ billingPlanId }) => billingPlanId));
    await this.turns.take();
    let charged: ChargedBatch;
    try {
      charged = await chargeBatch(store, rows, priced, {
        isSent: unsent !== undefined,
        nowMs: Date.now(),
      });
      state.charged(charged, rows);
    } finally {
      this.turns.give();
    }
    windows.done(batch);
    this.#tell(charged);
    if (charged.unsentId !== undefined) await unsent?.send(charged.unsentId, charged.charges);
    await unsent?.sweep();
    return true;
  }

  #tell({ charges, low, unpriced }: ChargedBatch): void {
    const { journal } = this.#parts;
    this.#charges += charges.length;
    tellLow(journal, low);
    tellUnpriced(journal, unpriced);
  }
}

export function tellLow(journal: Journal, low: readonly LowBalance[]): void {
  for (const { customerId, currency, planId, leftMicros } of low) {
    const facts = { customer: customerId, currency, plan: planId, leftMicros: String(leftMicros) };
    journal.record('warn', 'balance_low', facts);
  }
}

function tellUnpriced(journal: Journal, rows: readonly TakenRow[]): void {
  for (const { sessionId, window, billingPlanId } of rows) {
    const facts = { session: sessionId, window, plan: billingPlanId };
    journal.recordSampled(billingPlanId, 'error', 'charge_without_plan', facts);
  }
}
