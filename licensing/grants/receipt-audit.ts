// What vehicles send, in the audit log: receipts that were refused, of which is not known who sent them, only in whose
// name, as many a minute and vehicle as of any other refusal; and storage that was put back.

import { AUDIT_REFUSALS_PER_MINUTE_MAX } from '../../config/limits.ts';
import { MinuteCounter } from '../../platform/http/minute-counter.ts';
import { newId } from '../../platform/store/id.ts';
import type { Store } from '../../platform/store/store.ts';

interface Noted {
  readonly vehicleId: string;
  readonly nowMs: number;
  readonly action: string;
  readonly target_kind: string;
  readonly target_id: string;
  readonly after: object;
}

export class ReceiptAudit {
  readonly #store: Store;
  readonly #counts = new MinuteCounter();

  constructor(store: Store) {
    this.#store = store;
  }

  async refused(about: {
    readonly vehicleId: string;
    readonly grantId: string;
    readonly reason: string;
    readonly nowMs: number;
  }): Promise<void> {
    const { vehicleId, grantId, reason, nowMs } = about;
    if (this.#counts.count(vehicleId, AUDIT_REFUSALS_PER_MINUTE_MAX)?.ok === false) return;
    const target = { target_kind: 'grant', target_id: grantId.slice(0, 64) };
    await this.#note({ vehicleId, nowMs, action: 'receipt', ...target, after: { refused: reason } });
  }

  /** The rights to these parts were made anew. */
  async rolledBack(about: {
    readonly vehicleId: string;
    readonly parts: readonly string[];
    readonly nowMs: number;
  }): Promise<void> {
    const { vehicleId, parts, nowMs } = about;
    const target = { target_kind: 'vehicle', target_id: vehicleId };
    const after = { reason: 'storage_rolled_back', parts };
    await this.#note({ vehicleId, nowMs, action: 'state', ...target, after });
  }

  async #note({ vehicleId, nowMs, after, ...entry }: Noted): Promise<void> {
    await this.#store.db
      .insertInto('audit_entries')
      .values({
        ...{ id: newId('aud'), customer_id: null, at: nowMs, actor: `vehicle ${vehicleId}`, role: '' },
        ...{ ...entry, before: null, after: JSON.stringify(after), address: null, request_id: null },
      })
      .execute();
  }
}
