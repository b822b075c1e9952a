// The main thread's link to the metering process: starts it, starts it again when it has ended, hands it rows and
// questions. Nothing of the caster waits for it; the ledger holds what is metered meanwhile.
//
//   starting ── ready ──▶ up ── exit, or silent (killed) ──▶ resting ── back-off, doubled while it keeps ending ──▶ starting
//      └── failed, at the first start: told to whoever starts the caster

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import {
  METERING_JUDGE_MS_MAX,
  METERING_RESTART_MS_MAX,
  METERING_RESTART_MS_MIN,
  METERING_ROWS_HELD_MAX,
  METERING_SILENT_LOOKS_MAX,
  METERING_STOP_MS,
  METERING_WATCH_MS,
} from '../config/limits.ts';
import type { ChangeBus, ChangeKind } from '../platform/bus/bus.ts';
import type { Journal } from '../platform/observe/journal.ts';
import type { BalanceAsk } from '../caster/accounts/steps/check-balance.ts';
import type {
  ClickHouse,
  ClickHouseProblem,
  CommandAnswer,
  QueryAnswer,
} from '../caster/metering/sink/clickhouse.ts';
import type { MeteringCounts } from '../caster/metering/metering-counts.ts';
import { entryUrl } from './entry-url.ts';
import type { MeteringPort, OnBalanceEmpty } from './metering-port.ts';
import type {
  EngineAnswer,
  EngineWork,
  FromMetering,
  LooseRows,
  MeteringStart,
  ToMetering,
} from './metering-messages.ts';

export interface MeteringLinkOptions {
  readonly start: MeteringStart;
  readonly journal: Journal;
  readonly bus: ChangeBus;
  /** Milliseconds; tests have a shorter one. */
  readonly watchMs?: number;
}

export type LinkStart = { readonly ok: true } | { readonly ok: false; readonly detail: string };

export class MeteringLink implements MeteringPort {
  readonly clickhouse: ClickHouse;
  readonly #options: MeteringLinkOptions;
  #child: ChildProcess | undefined;
  #isUp = false;
  #isStopping = false;
  #restartMs = METERING_RESTART_MS_MIN;
  #restart: NodeJS.Timeout | undefined;
  #watching: NodeJS.Timeout | undefined;
  /** Looks since it has said anything. */
  #silentLooks = 0;
  #counts: MeteringCounts | undefined;
  #restarts = 0;
  #lastAsk = 0;
  readonly #asked = new Map<number, (answer: EngineAnswer) => void>();
  readonly #starting = new Map<number, (may: boolean) => void>();
  #onBalanceEmpty: OnBalanceEmpty = () => undefined;
  readonly #unsubscribe: readonly (() => void)[];
  /** Rows that came while the process was not up, oldest first. */
  #held: LooseRows[] = [];
  #rowsLost = 0;

  constructor(options: MeteringLinkOptions) {
    this.#options = options;
    const { bus } = options;
    this.#unsubscribe = [
      bus.subscribe((change) => {
        if (this.#isUp && OF_CONCERN.has(change.kind)) this.#send({ type: 'change', change });
      }),
      bus.onMissed(() => {
        if (this.#isUp) this.#send({ type: 'missed' });
      }),
    ];
    this.clickhouse = {
      kind: kindOf(options.start.url),
      query: (sql, params = {}) => this.#ask<QueryAnswer>({ kind: 'query', sql, params }),
      command: (sql) => this.#ask<CommandAnswer>({ kind: 'command', sql }),
      insert: (table, lines) => this.#ask<CommandAnswer>({ kind: 'insert', table, lines }),
      ping: () => this.#ask<CommandAnswer>({ kind: 'ping' }),
      close: () => Promise.resolve(),
    };
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** As of a second ago; undefined before the first. */
  get counts(): MeteringCounts | undefined {
    return this.#counts;
  }

  get restarts(): number {
    return this.#restarts;
  }

  get rowsLost(): number {
    return this.#rowsLost;
  }

  /** Resolves when the process is ready, or with why it cannot be. */
  async start(): Promise<LinkStart> {
    return await this.#launch();
  }

  onBalanceEmpty(listener: OnBalanceEmpty): void {
    this.#onBalanceEmpty = listener;
  }

  /**
   * The gate of admission. While the process is away, or does not say in time, everybody is let in: what he uses is
   * charged all the same.
   */
  mayStart(use: BalanceAsk): boolean | Promise<boolean> {
    if (!this.#isUp || use.customerId === '' || use.billingPlanId === '') return true;
    const ask = ++this.#lastAsk;
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const deadline = setTimeout(() => this.#judge(ask, true), METERING_JUDGE_MS_MAX);
    this.#starting.set(ask, (may) => {
      clearTimeout(deadline);
      resolve(may);
    });
    this.#send({ type: 'askStart', ask, use });
    return promise;
  }

  append(rows: LooseRows): void {
    if (this.#isUp) {
      this.#send({ type: 'rows', rows });
      return;
    }
    this.#held.push(rows);
    if (this.#held.length > METERING_ROWS_HELD_MAX) this.#rowsLost += this.#held.shift()!.rows.length;
  }

  /** After the last session has ended. What is not sent within the time is sent after the next start. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    clearTimeout(this.#restart);
    clearInterval(this.#watching);
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    this.#send({ type: 'stop' });
    const kill = setTimeout(() => {
      this.#options.journal.record('error', 'metering_not_stopped', { afterMs: METERING_STOP_MS });
      child.kill('SIGKILL');
    }, METERING_STOP_MS);
    await exited;
    clearTimeout(kill);
  }

  #launch(): Promise<LinkStart> {
    const child = fork(fileURLToPath(entryUrl('metering-process')), {
      serialization: 'advanced',
      execArgv: [],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    this.#child = child;
    this.#send({ type: 'start', start: this.#options.start });
    return new Promise((resolve) => {
      child.on('message', (message: FromMetering) => {
        this.#silentLooks = 0;
        if (message.type === 'failed') {
          resolve({ ok: false, detail: message.detail });
          this.#lose(child, message.detail);
          child.kill('SIGKILL');
        } else {
          this.#take(message);
          if (message.type !== 'ready') return;
          this.#watch(child);
          resolve({ ok: true });
        }
      });
      const lose = (detail: string): void => {
        resolve({ ok: false, detail });
        this.#lose(child, detail);
      };
      // Where it could not be started there is no exit.
      child.once('error', ({ message }) => lose(message));
      child.once('exit', (code, signal) => lose(`it ended with ${signal ?? code}`));
    });
  }

  #take(message: Exclude<FromMetering, { type: 'failed' }>): void {
    switch (message.type) {
      case 'ready':
        this.#isUp = true;
        // What has changed while it started it was not told.
        this.#send({ type: 'missed' });
        for (const rows of this.#held) this.#send({ type: 'rows', rows });
        this.#held = [];
        return;
      case 'counts':
        this.#restartMs = METERING_RESTART_MS_MIN;
        this.#counts = message.counts;
        return;
      case 'answer':
        this.#asked.get(message.ask)?.(message.answer);
        this.#asked.delete(message.ask);
        return;
      case 'mayStart':
        return this.#judge(message.ask, message.may);
      case 'endSessions':
        for (const id of message.sessionIds) this.#onBalanceEmpty(id, message.reason);
        return;
      case 'log':
        return this.#options.journal.record(message.level, message.event, message.fields);
    }
  }

  async #ask<Answer extends EngineAnswer>(work: EngineWork): Promise<Answer | ClickHouseProblem> {
    if (!this.#isUp) return away('the metering process is not up');
    const ask = ++this.#lastAsk;
    const { promise, resolve } = Promise.withResolvers<EngineAnswer>();
    this.#asked.set(ask, resolve);
    this.#send({ type: 'ask', ask, work });
    // Each kind of work has its own kind of answer.
    return (await promise) as Answer;
  }

  #judge(ask: number, may: boolean): void {
    this.#starting.get(ask)?.(may);
    this.#starting.delete(ask);
  }

  /** Looks are counted and not time: of a machine that was suspended both have missed as many. */
  #watch(child: ChildProcess): void {
    this.#silentLooks = 0;
    const watchMs = this.#options.watchMs ?? METERING_WATCH_MS;
    this.#watching = setInterval(() => {
      this.#silentLooks += 1;
      if (this.#silentLooks <= METERING_SILENT_LOOKS_MAX) return;
      this.#lose(child, `it has said nothing for ${(METERING_SILENT_LOOKS_MAX * watchMs) / 1000} s`);
      child.kill('SIGKILL');
    }, watchMs);
  }

  #send(message: ToMetering): void {
    // An error means that the process has ended, which is told by its exit.
    this.#child?.send(message, () => undefined);
  }

  #lose(child: ChildProcess, detail: string): void {
    if (child !== this.#child) return;
    this.#child = undefined;
    clearInterval(this.#watching);
    const wasUp = this.#isUp;
    this.#isUp = false;
    for (const resolve of this.#asked.values()) resolve(away(`the metering process is gone: ${detail}`));
    this.#asked.clear();
    for (const resolve of this.#starting.values()) resolve(true);
    this.#starting.clear();
    this.#counts = undefined;
    if (this.#isStopping || (!wasUp && this.#restarts === 0)) return;
    this.#restarts += 1;
    const restartMs = this.#restartMs;
    this.#options.journal.record('error', 'metering_ended', { detail, restartMs });
    this.#restartMs = Math.min(2 * restartMs, METERING_RESTART_MS_MAX);
    this.#restart = setTimeout(() => void this.#launch(), restartMs);
  }
}

/** Of what has changed, what metering keeps copies of. */
const OF_CONCERN: ReadonlySet<ChangeKind> = new Set(['plan', 'balance']);

function away(detail: string): ClickHouseProblem {
  return { ok: false, reason: 'away', detail, code: undefined };
}

function kindOf(url: string): ClickHouse['kind'] {
  if (url === 'off') return 'off';
  return url === 'chdb:' ? 'embedded' : 'server';
}
