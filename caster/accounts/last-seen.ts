// When accounts last logged in and devices were last seen: noted now and then, the last one of each.

import { sql } from '../../platform/store/sql.ts';
import type { Store } from '../../platform/store/store.ts';
import { jsonRows } from './json-rows.ts';

const PERIOD_MS = 2000;
const BATCH_MAX = 500;

export class LastSeen {
  readonly #store: Store;
  readonly #onFailure: (error: unknown) => void;
  readonly #accounts = new Map<string, number>();
  readonly #devices = new Map<string, number>();
  #timer: NodeJS.Timeout | undefined;

  constructor(store: Store, onFailure: (error: unknown) => void) {
    this.#store = store;
    this.#onFailure = onFailure;
  }

  note(accountId: string, deviceId: string | undefined, nowMs: number): void {
    this.#accounts.set(accountId, nowMs);
    if (deviceId !== undefined) this.#devices.set(deviceId, nowMs);
    this.#timer ??= setTimeout(() => void this.flush(), PERIOD_MS).unref();
  }

  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    try {
      await this.#write(this.#accounts, 'accounts', 'last_login_at');
      await this.#write(this.#devices, 'devices', 'last_seen_at');
    } catch (error) {
      this.#onFailure(error);
      this.#timer ??= setTimeout(() => void this.flush(), PERIOD_MS).unref();
    }
  }

  async #write(times: Map<string, number>, table: 'accounts' | 'devices', column: string): Promise<void> {
    while (times.size > 0) {
      const batch = [...times].slice(0, BATCH_MAX);
      const rows = batch.map(([id, at]) => ({ id, at })).toSorted((a, b) => (a.id < b.id ? -1 : 1));
      const update = sql`update ${sql.table(table)} set ${sql.ref(column)} = j.at
        from ${jsonRows(this.#store.dialect, rows, { id: 'text', at: 'integer' })}
        where ${sql.ref(`${table}.id`)} = j.id`;
      await this.#store.write((tx) => update.execute(tx), { durable: false });
      for (const [id, at] of batch) if (times.get(id) === at) times.delete(id);
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}
