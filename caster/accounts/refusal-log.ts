// Who was refused lately and why, those alike as one row with a count. A flood of them costs memory for so many kinds
// and some statements a second, no more.

import { REFUSAL_KINDS_MAX, REFUSALS_KEPT_DAYS } from '../../config/limits.ts';
import { newId } from '../../platform/store/id.ts';
import { insertAll } from '../../platform/store/insert-all.ts';
import { sql } from '../../platform/store/sql.ts';
import type { Store } from '../../platform/store/store.ts';
import type { RefusalsTable } from '../../platform/store/tables.ts';
import type { Refusal } from './admission.ts';
import { jsonRows } from './json-rows.ts';

export interface RefusedAttempt {
  readonly role: string;
  /** As presented; never a password. */
  readonly username: string;
  readonly address: string;
  readonly mountpoint: string;
}

const FLUSH_PERIOD_MS = 1000;
const SWEEP_PERIOD_MS = 3_600_000;
/** A row gathers what is alike for this long; after that a new one begins. */
const ROW_MS = 3_600_000;
const DAY_MS = 86_400_000;
const SWEEP_ROWS = 1000;
const TEXT_LENGTH_MAX = 200;

interface Kind {
  row: RefusalsTable;
  /** Of `row.count`, what the store has; 0 where it has no row yet. */
  written: number;
}

export class RefusalLog {
  readonly #store: Store;
  readonly #onFailure: (error: unknown) => void;
  /** Least lately seen first. */
  readonly #kinds = new Map<string, Kind>();
  readonly #dirty = new Set<Kind>();
  #writing: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #sweepTimer: NodeJS.Timeout | undefined;
  /** Refusals that no row tells of. */
  lost = 0;

  constructor(store: Store, onFailure: (error: unknown) => void) {
    this.#store = store;
    this.#onFailure = onFailure;
    this.#sweepTimer = setInterval(() => void this.#sweep().catch(onFailure), SWEEP_PERIOD_MS).unref();
  }

  record(
    attempt: RefusedAttempt,
    { reason, step = 'credentials', detail, about }: Refusal,
    nowMs: number,
  ): void {
    const { role, username, address, mountpoint } = attempt;
    const key = [role, username, address, mountpoint, step, reason, about?.device].join('\n');
    let kind = this.#kinds.get(key);
    this.#kinds.delete(key);
    if (kind === undefined || nowMs - kind.row.first_at > ROW_MS) {
      if (this.#dirty.size >= REFUSAL_KINDS_MAX) {
        this.lost += 1;
        return;
      }
      kind = {
        written: 0,
        row: {
          id: newId('ref'),
          customer_id: about?.customerId ?? null,
          app_id: about?.appId ?? null,
          account_id: about?.accountId ?? null,
          username: cut(username),
          device: about?.device ?? null,
          address,
          mountpoint: cut(mountpoint),
          role,
          step,
          reason,
          detail: detail ?? null,
          count: 0,
          first_at: nowMs,
          last_at: nowMs,
        },
      };
    }
    kind.row.count += 1;
    kind.row.last_at = nowMs;
    kind.row.detail = detail ?? kind.row.detail;
    this.#kinds.set(key, kind);
    this.#dirty.add(kind);
    if (this.#kinds.size > REFUSAL_KINDS_MAX)
      for (const oldest of this.#kinds.keys()) if (this.#kinds.delete(oldest)) break;
    this.#timer ??= setTimeout(() => void this.flush(), FLUSH_PERIOD_MS).unref();
  }

  /** Resolves when what is known now can be read in the store, or cannot be written. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    await this.#writing;
    this.#writing = this.#write()
      .catch((error: unknown) => {
        this.#onFailure(error);
        if (this.#dirty.size > 0)
          this.#timer ??= setTimeout(() => void this.flush(), FLUSH_PERIOD_MS).unref();
      })
      .finally(() => (this.#writing = undefined));
    await this.#writing;
  }

  async close(): Promise<void> {
    clearInterval(this.#sweepTimer);
    await this.flush();
    clearTimeout(this.#timer);
  }

  async #write(): Promise<void> {
    const kinds = [...this.#dirty];
    if (kinds.length === 0) return;
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
        await insertAll(this.#store, tx, 'refusals', fresh);
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
    if (this.#dirty.size > 0) this.#timer ??= setTimeout(() => void this.flush(), FLUSH_PERIOD_MS).unref();
  }

  async #sweep(): Promise<void> {
    const before = Date.now() - REFUSALS_KEPT_DAYS * DAY_MS;
    for (;;) {
      const old = this.#store.db
        .selectFrom('refusals')
        .select('id')
        .where('last_at', '<', before)
        .limit(SWEEP_ROWS);
      const { numDeletedRows } = await this.#store.db
        .deleteFrom('refusals')
        .where('id', 'in', old)
        .executeTakeFirst();
      if (numDeletedRows < BigInt(SWEEP_ROWS)) return;
    }
  }
}

function cut(text: string): string {
  return text.length <= TEXT_LENGTH_MAX ? text : `${text.slice(0, TEXT_LENGTH_MAX)}…`;
}
