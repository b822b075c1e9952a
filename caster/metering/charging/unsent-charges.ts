// Charges between the store and the spool. They are laid down in the transaction that charges, and taken away once the
// spool has them, so that none is lost in between; one that is sent twice has the same key and changes nothing.

import {
  CHARGES_RESENT_AFTER_MS,
  CHARGES_RESENT_AT_ONCE_MAX,
  CHARGES_RESEND_PERIOD_MS,
} from '../../../config/limits.ts';
import { oneOf } from '../../../platform/store/one-of.ts';
import type { Transaction } from '../../../platform/store/sql.ts';
import type { Store } from '../../../platform/store/store.ts';
import type { Tables } from '../../../platform/store/tables.ts';
import type { SpoolAppend } from '../spool/spool-append.ts';
import type { ChargeRow } from '../usage-row.ts';

/** The usage spool, or the way to it. */
export interface ChargeSink {
  append(table: 'charges', rows: readonly ChargeRow[]): SpoolAppend | Promise<SpoolAppend>;
}

export async function layDown(
  tx: Transaction<Tables>,
  id: string,
  charges: readonly ChargeRow[],
  nowMs: number,
): Promise<void> {
  const lines = JSON.stringify(
    charges.map((charge) => ({ ...charge, amountMicros: String(charge.amountMicros) })),
  );
  await tx
    .insertInto('unsent_charges')
    .values({ id, charges: charges.length, lines, created_at: nowMs })
    .execute();
}

interface LaidDown extends Omit<ChargeRow, 'amountMicros' | 'counts'> {
  readonly amountMicros: string;
  /** An earlier version did not say. */
  readonly counts?: ChargeRow['counts'];
}

function readCharges(lines: string): ChargeRow[] {
  const rows = JSON.parse(lines) as LaidDown[];
  return rows.map((row) => ({ ...row, counts: row.counts ?? '', amountMicros: BigInt(row.amountMicros) }));
}

export class UnsentCharges {
  readonly #store: Store;
  readonly #sink: ChargeSink;
  readonly #failed: (error: unknown) => void;
  #sent: string[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(store: Store, sink: ChargeSink, failed: (error: unknown) => void) {
    this.#store = store;
    this.#sink = sink;
    this.#failed = failed;
  }

  /** Sends what was left behind, and from now on looks for more now and then: also for what a dead node has left. */
  async start(): Promise<void> {
    await this.resend(Date.now());
    this.#timer = setInterval(() => {
      this.resend(Date.now() - CHARGES_RESENT_AFTER_MS).catch(this.#failed);
    }, CHARGES_RESEND_PERIOD_MS).unref();
  }

  /** What the spool does not take now stays where it is. */
  async send(id: string, charges: readonly ChargeRow[]): Promise<void> {
    const appended = await this.#sink.append('charges', charges);
    if (appended.ok) this.#sent.push(id);
  }

  /** Takes away what the spool has. Its owner calls it after every batch. */
  async sweep(): Promise<void> {
    const ids = this.#sent.splice(0);
    if (ids.length === 0) return;
    const { dialect } = this.#store;
    await this.#store.write(
      (tx) =>
        tx
          .deleteFrom('unsent_charges')
          .where(oneOf(dialect, 'id', ids))
          .execute(),
      { durable: false },
    );
  }

  /** What was laid down before, and is still there. */
  async resend(beforeMs: number): Promise<void> {
    for (;;) {
      await this.sweep();
      const rows = await this.#store.db
        .selectFrom('unsent_charges')
        .select(['id', 'lines'])
        .where('created_at', '<=', beforeMs)
        .orderBy('id')
        .limit(CHARGES_RESENT_AT_ONCE_MAX)
        .execute();
      for (const { id, lines } of rows) await this.send(id, readCharges(lines));
      // The spool has no room: later.
      if (this.#sent.length < rows.length || rows.length === 0) return;
    }
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.sweep();
  }
}
