// Receipts that were refused, in the audit log: who sent what is not known, only in whose name. As many a minute and
// vehicle as of any other refusal.

import { AUDIT_REFUSALS_PER_MINUTE_MAX } from '../../config/limits.ts';
import { MinuteCounter } from '../../platform/http/minute-counter.ts';
import { newId } from '../../platform/store/id.ts';
import type { Store } from '../../platform/store/store.ts';

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
    await this.#store.db
      .insertInto('audit_entries')
      .values({
        ...{ id: newId('aud'), customer_id: null, at: nowMs, actor: `vehicle ${vehicleId}`, role: '' },
        ...{ action: 'receipt', target_kind: 'grant', target_id: grantId.slice(0, 64), before: null },
        ...{ after: JSON.stringify({ refused: reason }), address: null, request_id: null },
      })
      .execute();
  }
}
