// Carries rows from the spool to ClickHouse: makes the tables, sends batch by batch, tries again for as long as it takes.
// A batch leaves the spool when all of it is stored, so it may be sent again, and then changes nothing.
//
//   tables made? ──▶ next batch ──▶ each table's rows ──▶ done ──▶ (more waits) next batch
//        ▲               ▲                │                  └──▶ (little waits) periodMs ──▶ next batch
//        └─── back-off ──┴──── problem ───┘

import { CLICKHOUSE_SILENT_MS_MAX } from '../../../config/limits.ts';
import type { Journal } from '../../../platform/observe/journal.ts';
import type { BatchLimits } from '../spool/batch.ts';
import type { Spool } from '../spool/spool.ts';
import type { ClickHouse, ClickHouseProblem, CommandAnswer } from './clickhouse.ts';
import type { RefusedRows } from './refused-rows.ts';
import { type RowsDoor, sendRows } from './send-rows.ts';
import { makeTables } from './tables.ts';

export interface SenderPace {
  readonly batch: BatchLimits;
  /** Between two batches while few rows come. */
  readonly periodMs: number;
  readonly backoffMsMin: number;
  readonly backoffMsMax: number;
}

export interface SenderOptions {
  readonly spool: Spool;
  readonly clickhouse: ClickHouse;
  readonly refused: RefusedRows;
  readonly journal: Journal;
  readonly pace: SenderPace;
}

const FIXES: Readonly<Record<ClickHouseProblem['reason'], string>> = {
  off: 'set metering.url',
  missing: 'set metering.url to the address of a server, or to `off`; `rovercast doctor` says more',
  away: 'bring ClickHouse back, or see metering.url; rows wait in the spool',
  too_slow: 'see what ClickHouse is busy with; rows wait in the spool',
  bad_data: 'report it; rows wait in the spool',
  refused: 'see what `detail` says: user, database, tables or room; rows wait in the spool',
};

export class Sender {
  readonly #options: SenderOptions;
  readonly #door: RowsDoor;
  #sentRows = 0;
  #refusedRows = 0;
  #hasTables = false;
  #spokeAtMs = -Infinity;
  /** Undefined before the first answer. */
  #trouble: ClickHouseProblem['reason'] | 'none' | undefined;
  #backoffMs: number;
  #isStopping = false;
  #wake: (() => void) | undefined;
  readonly #ended: Promise<void>;

  constructor(options: SenderOptions) {
    this.#options = options;
    this.#backoffMs = options.pace.backoffMsMin;
    this.#door = {
      clickhouse: options.clickhouse,
      refused: options.refused,
      onRefused: ({ table, file, detail }) => {
        this.#refusedRows += 1;
        options.journal.recordSampled(table, 'error', 'row_refused', { table, file, detail });
      },
    };
    this.#ended = this.#run();
  }

  /** Rows that ClickHouse has taken. */
  get sentRows(): number {
    return this.#sentRows;
  }

  /** Rows that it could not read, and that were kept aside. */
  get refusedRows(): number {
    return this.#refusedRows;
  }

  /** Whether the engine did what it was last asked for. */
  get isUp(): boolean {
    return this.#trouble === 'none';
  }

  /** Sends what waits, until that fails; resolves when it does nothing any more. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#wake?.();
    await this.#ended;
  }

  async #run(): Promise<void> {
    const { spool, pace } = this.#options;
    for (;;) {
      const answer = await this.#sendNext();
      this.#see(answer);
      if (!answer.ok) {
        if (this.#isStopping) return;
        await this.#pause(this.#backoffMs);
        this.#backoffMs = Math.min(2 * this.#backoffMs, pace.backoffMsMax);
        continue;
      }
      this.#backoffMs = pace.backoffMsMin;
      if (this.#isStopping && spool.waitingRows === 0) return;
      if (!this.#isStopping && spool.waitingRows < pace.batch.rowsMax) await this.#pause(pace.periodMs);
    }
  }

  async #sendNext(): Promise<CommandAnswer> {
    const { spool, clickhouse, pace } = this.#options;
    if (!this.#hasTables) {
      const made = await makeTables(clickhouse);
      if (!made.ok) return made;
      this.#hasTables = true;
    }
    const batch = await spool.next(pace.batch);
    if (batch === undefined) {
      const isSilent = performance.now() - this.#spokeAtMs > CLICKHOUSE_SILENT_MS_MAX;
      return isSilent ? await clickhouse.ping() : { ok: true };
    }
    const refusedBefore = this.#refusedRows;
    for (const { table, lines } of batch.parts) {
      const sent = await sendRows(this.#door, table, lines);
      if (!sent.ok) return sent;
    }
    spool.done(batch);
    this.#sentRows += batch.rows - (this.#refusedRows - refusedBefore);
    this.#spokeAtMs = performance.now();
    return { ok: true };
  }

  /** Says when the engine goes, when that gets another reason, and when it is back. */
  #see(answer: CommandAnswer): void {
    const { journal, spool } = this.#options;
    if (answer.ok) {
      if (this.#trouble !== 'none') journal.record('info', 'clickhouse_up', { rows: spool.waitingRows });
      this.#trouble = 'none';
      return;
    }
    // What it was before may have been another server, or one that has lost its tables.
    this.#hasTables = false;
    if (this.#trouble === answer.reason) return;
    this.#trouble = answer.reason;
    const { reason, detail, code } = answer;
    const told = { reason, code, detail, rows: spool.waitingRows, fix: FIXES[reason] };
    if (reason === 'missing') journal.record('error', 'clickhouse_missing', told);
    else journal.record('error', 'clickhouse_down', told);
  }

  async #pause(ms: number): Promise<void> {
    if (this.#isStopping) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wake = undefined;
  }
}
