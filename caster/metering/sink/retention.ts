// Drops months that are older than what is to be kept. A wrong clock must not take the data with it: the clock has to
// agree with the steady one and with the engine's, there is time to see that it is wrong, and one month goes at a time.

import { RETENTION_CLOCK_MS_MAX, RETENTION_FIRST_MS, RETENTION_PERIOD_MS } from '../../../config/limits.ts';
import type { Journal } from '../../../platform/observe/journal.ts';
import type { MeterTable } from '../usage-row.ts';
import type { ClickHouse } from './clickhouse.ts';
import { METER_TABLES } from './tables.ts';

export interface RetentionOptions {
  readonly clickhouse: ClickHouse;
  /** Whole months that are kept beside the running one. */
  readonly months: number;
  readonly journal: Journal;
  readonly clock?: Clock;
}

interface Clock {
  /** ms since 1970. */
  readonly wallMs: () => number;
  readonly steadyMs: () => number;
}

const CLOCK: Clock = { wallMs: () => Date.now(), steadyMs: () => performance.now() };

/** Looks after the tables until the function that it returns is called. */
export function startRetention(options: RetentionOptions): () => void {
  const look = new Retention(options);
  let period: NodeJS.Timeout | undefined;
  const first = setTimeout(() => {
    void look.look();
    period = setInterval(() => void look.look(), RETENTION_PERIOD_MS);
    period.unref();
  }, RETENTION_FIRST_MS);
  first.unref();
  return () => {
    clearTimeout(first);
    clearInterval(period);
  };
}

export class Retention {
  readonly #options: RetentionOptions;
  readonly #clock: Clock;
  #since: { readonly wallMs: number; readonly steadyMs: number };

  constructor(options: RetentionOptions) {
    this.#options = options;
    this.#clock = options.clock ?? CLOCK;
    this.#since = this.#now();
  }

  async look(): Promise<void> {
    const { clickhouse, months, journal } = this.#options;
    const doubt = await this.#clockDoubt();
    if (doubt !== undefined) {
      journal.record('warn', 'retention_held', { detail: doubt });
      return;
    }
    for (const table of METER_TABLES) {
      const month = await this.#oldestMonth(table);
      if (month === undefined || !isOver(month, this.#clock.wallMs(), months)) continue;
      const answer = await clickhouse.command(`ALTER TABLE ${table} DROP PARTITION ${month}`);
      if (answer.ok) journal.record('info', 'retention_dropped', { table, month });
      else journal.record('warn', 'retention_failed', { table, month, detail: answer.detail });
    }
  }

  /** Why the time of day cannot be trusted, or undefined. */
  async #clockDoubt(): Promise<string | undefined> {
    const [before, now] = [this.#since, this.#now()];
    this.#since = now;
    const movedMs = now.wallMs - before.wallMs - (now.steadyMs - before.steadyMs);
    if (Math.abs(movedMs) > RETENTION_CLOCK_MS_MAX) return 'the clock was set since the last look';
    const answer = await this.#options.clickhouse.query('SELECT toUInt32(now()) AS seconds');
    if (!answer.ok) return answer.detail;
    const apartMs = Number(answer.rows[0]?.seconds) * 1000 - now.wallMs;
    return Math.abs(apartMs) <= RETENTION_CLOCK_MS_MAX
      ? undefined
      : 'the clocks of this machine and of ClickHouse differ';
  }

  /** As 202611. */
  async #oldestMonth(table: MeterTable): Promise<number | undefined> {
    const answer = await this.#options.clickhouse.query(
      'SELECT min(toUInt32(partition)) AS month, toUInt32(count()) AS parts FROM system.parts ' +
        'WHERE database = currentDatabase() AND table = {table} AND active',
      { table },
    );
    const row = answer.ok ? answer.rows[0] : undefined;
    return row === undefined || Number(row.parts) === 0 ? undefined : Number(row.month);
  }

  #now(): { wallMs: number; steadyMs: number } {
    return { wallMs: this.#clock.wallMs(), steadyMs: this.#clock.steadyMs() };
  }
}

/** `month` as 202611. */
function isOver(month: number, nowMs: number, monthsKept: number): boolean {
  const now = new Date(nowMs);
  const running = now.getUTCFullYear() * 12 + now.getUTCMonth();
  return Math.floor(month / 100) * 12 + (month % 100) - 1 < running - monthsKept;
}
