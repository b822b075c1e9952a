// Who was refused lately and why, those alike as one row with a count. A flood of them costs memory for so many kinds
// and some statements a second, no more.

import {
  RECORDS_PIECE_ROWS,
  REFUSAL_KINDS_MAX,
  REFUSALS_KEPT_DAYS,
  REFUSALS_KEPT_MAX,
} from '../../config/limits.ts';
import { insertAll } from '../../platform/store/insert-all.ts';
import { sql } from '../../platform/store/sql.ts';
import type { Store } from '../../platform/store/store.ts';
import type { Refusal } from './admission.ts';
import { breather } from './bulk/pace.ts';
import { jsonRows } from './json-rows.ts';
import { deleteBeyond, deleteOlder, RECORDS_SWEEP_PERIOD_MS } from './old-records.ts';
import { type RefusalKind, RefusalKinds, type RefusedAttempt } from './refusal-kinds.ts';

export interface RefusalLogOptions {
  readonly store: Store;
  readonly onFailure: (error: unknown) => void;
  readonly keptMax?: number;
}

const FLUSH_PERIOD_MS = 1000;

export class RefusalLog {
  readonly #store: Store;
  readonly #onFailure: (error: unknown) => void;
  readonly #keptMax: number;
  readonly #kinds = new RefusalKinds();
  readonly #dirty = new Set<RefusalKind>();
  /** One after the other: two at once would add the same refusals to a row twice. */
  #writing: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;
  readonly #sweepTimer: NodeJS.Timeout;
  /** Refusals that no row tells of. */
  lost = 0;

  constructor({ store, onFailure, keptMax = REFUSALS_KEPT_MAX }: RefusalLogOptions) {
    this.#store = store;
    this.#onFailure = onFailure;
    this.#keptMax = keptMax;
    this.#sweepTimer = setInterval(() => void this.sweep().catch(onFailure), RECORDS_SWEEP_PERIOD_MS).unref();
  }

  record(attempt: RefusedAttempt, refusal: Refusal, nowMs: number): void {
    const kind = this.#kinds.of(attempt, refusal, nowMs, this.#dirty.size < REFUSAL_KINDS_MAX);
    if (kind === undefined) {
      this.lost += 1;
      return;
    }
    kind.row.count += 1;
    kind.row.last_at = nowMs;
    kind.row.detail = refusal.detail ?? kind.row.detail;
    this.#dirty.add(kind);
    this.#soon();
  }

  /** Resolves when what is known now can be read in the store, or cannot be written. */
  flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#writing = this.#writing
      .then(() => this.#write())
      .catch(this.#onFailure)
      .then(() => {
        if (this.#dirty.size > 0) this.#soon();
      });
    return this.#writing;
  }

  async close(): Promise<void> {
    clearInterval(this.#sweepTimer);
    await this.flush();
    clearTimeout(this.#timer);
  }

  /** Forgets what is too old, and the oldest of what is too much. */
  async sweep(): Promise<void> {
    await deleteOlder(this.#store, { table: 'refusals', column: 'last_at' }, REFUSALS_KEPT_DAYS);
    await deleteBeyond(this.#store, 'refusals', this.#keptMax);
  }

  #soon(): void {
    this.#timer ??= setTimeout(() => void this.flush(), FLUSH_PERIOD_MS).unref();
  }

  async #write(): Promise<void> {
    const kinds = [...this.#dirty];
    for (let from = 0; from < kinds.length; from += RECORDS_PIECE_ROWS) {
      if (from > 0) await breather();
      await this.#writePiece(kinds.slice(from, from + RECORDS_PIECE_ROWS));
    }
  }

  async #writePiece(kinds: readonly RefusalKind[]): Promise<void> {
    const counts = kinds.map(({ row }) => row.count);
    const fresh = kinds.filter(({ written }) => written === 0).map(({ row }) => ({ ...row }));
    const known = kinds
      .filter(({ written }) => written > 0)
      .map(({ row, written }) => ({
        id: row.id,
        more: row.count - written,
        last: row.last_at,
        detail: row.detail,
      }));
    const columns = { id: 'text', more: 'integer', last: 'integer', detail: 'text' } as const;
    await this.#store.write(
      async (tx) => {
        // A row whose commit was not heard of is there already.
        await insertAll(this.#store, tx, 'refusals', fresh, { onConflict: 'skip' });
        if (known.length > 0) {
          await sql`update refusals set count = refusals.count + j.more, last_at = j.last, detail = j.detail
            from ${jsonRows(this.#store.dialect, known, columns)} where refusals.id = j.id`.execute(tx);
        }
      },
      { durable: false },
    );
    for (const [index, kind] of kinds.entries()) {
      kind.written = counts[index]!;
      if (kind.row.count === kind.written) this.#dirty.delete(kind);
    }
  }
}
