// Metering within the caster's own process, where files cannot be mapped and no other process could look into the ledger.
// It does the same at the same places, and costs the main thread the time.

import { METERING_STOP_MS } from '../config/limits.ts';
import { type Metering, openMetering } from '../caster/metering/open-metering.ts';
import type { BalanceAsk } from '../caster/accounts/steps/check-balance.ts';
import { StoreTrouble } from '../caster/accounts/store-trouble.ts';
import type { LedgerSource } from '../caster/metering/ledger/ledger-reader.ts';
import type { ClickHouse } from '../caster/metering/sink/clickhouse.ts';
import type { MeteringCounts } from '../caster/metering/metering-counts.ts';
import type { ChangeBus } from '../platform/bus/bus.ts';
import type { Journal } from '../platform/observe/journal.ts';
import type { Store } from '../platform/store/store.ts';
import { entryUrl } from './entry-url.ts';
import { takeMeteringLock } from './metering-lock.ts';
import type { LooseRows, MeteringStart } from './metering-messages.ts';
import type { MeteringPort, OnBalanceEmpty } from './metering-port.ts';

export class MeteringHere implements MeteringPort {
  /** It ends with the caster, and takes every row at once. */
  readonly restarts = 0;
  readonly rowsLost = 0;
  readonly #metering: Metering;
  readonly #ended: { onBalanceEmpty: OnBalanceEmpty };
  readonly #journal: Journal;
  readonly #stopMs: number;
  readonly #giveLock: () => void;
  #stopped: Promise<void> | undefined;

  private constructor(
    metering: Metering,
    ended: { onBalanceEmpty: OnBalanceEmpty },
    { journal, stopMs, giveLock }: { journal: Journal; stopMs: number; giveLock: () => void },
  ) {
    this.#metering = metering;
    this.#ended = ended;
    this.#journal = journal;
    this.#stopMs = stopMs;
    this.#giveLock = giveLock;
  }

  /** Rejects where the data folder cannot be worked in. */
  static async open(
    start: MeteringStart,
    parts: {
      readonly journal: Journal;
      readonly bus: ChangeBus;
      readonly store: Store;
      /** Is there when the caster is. */
      readonly source: () => LedgerSource | undefined;
      /** Milliseconds; tests have fewer. */
      readonly stopMs?: number;
    },
  ): Promise<MeteringHere> {
    const { journal, bus, store, source, stopMs = METERING_STOP_MS } = parts;
    const giveLock = await takeMeteringLock(start.dataDir, 'process');
    const ended: { onBalanceEmpty: OnBalanceEmpty } = { onBalanceEmpty: () => undefined };
    const metering = await openMetering({
      ...start,
      ...{ journal, bus, store },
      source: {
        segment: (index) => source()?.segment(index),
        lanes: (worker) => source()?.lanes(worker),
        keep: () => source()?.keep?.(),
      },
      chdbProgram: entryUrl('chdb-process'),
      failed: new StoreTrouble(journal).failed,
      endSession: (sessionId, reason) => ended.onBalanceEmpty(sessionId, reason),
    });
    return new MeteringHere(metering, ended, { journal, stopMs, giveLock });
  }

  get clickhouse(): ClickHouse {
    return this.#metering.sink.clickhouse;
  }

  get counts(): MeteringCounts {
    return this.#metering.counts();
  }

  onBalanceEmpty(listener: OnBalanceEmpty): void {
    this.#ended.onBalanceEmpty = listener;
  }

  mayStart(use: BalanceAsk, nowMs: number): boolean | Promise<boolean> {
    return this.#metering.budgets.mayStart(use, nowMs);
  }

  append({ table, rows }: LooseRows): void {
    // The union says which rows belong to which table, but not to the compiler behind the destructuring.
    this.#metering.sink.spool.append(table, rows);
  }

  /** What is not accounted for within the time is after the next start, as where it is killed. */
  stop(): Promise<void> {
    this.#stopped ??= this.#stopInTime().finally(this.#giveLock);
    return this.#stopped;
  }

  async #stopInTime(): Promise<void> {
    const stopping = this.#metering.stop().then(() => true);
    // It may fail when nobody waits for it any more.
    stopping.catch(() => undefined);
    const { promise, resolve } = Promise.withResolvers<false>();
    const limit = setTimeout(resolve, this.#stopMs, false);
    const isDone = await Promise.race([stopping, promise]).finally(() => clearTimeout(limit));
    if (!isDone) this.#journal.record('error', 'metering_not_stopped', { afterMs: this.#stopMs });
  }
}
