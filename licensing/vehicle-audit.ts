// What vehicles send, in the audit log: what the cloud does not take of it, and what a vehicle says, signed, not to have
// taken or to have had done to it. Of refusals as many a minute and vehicle as of any other actor: a broken one must not
// fill the log.

import { AUDIT_REFUSALS_PER_MINUTE_MAX } from '../config/limits.ts';
import { MinuteCounter } from '../platform/http/minute-counter.ts';
import { newId } from '../platform/store/id.ts';
import type { Kysely } from '../platform/store/sql.ts';
import type { Store } from '../platform/store/store.ts';
import type { Tables } from '../platform/store/tables.ts';

interface Noted {
  readonly vehicleId: string;
  /** Whose vehicle it is: that customer sees the entry. Left out where nobody knows who sent it. */
  readonly customerId?: string | null;
  readonly action: 'receipt' | 'grant' | 'package' | 'uses' | 'clock' | 'state';
  readonly target: { readonly kind: 'grant' | 'package' | 'lease' | 'vehicle'; readonly id: string };
  readonly nowMs: number;
}

export interface NotedRefusal extends Noted {
  readonly reason: string;
  readonly more?: object;
}

export class VehicleAudit {
  readonly #store: Store;
  readonly #counts = new MinuteCounter();

  constructor(store: Store) {
    this.#store = store;
  }

  /** `db`: the transaction of what it tells of, where there is one. */
  async refused(
    { reason, more, ...noted }: NotedRefusal,
    db: Kysely<Tables> = this.#store.db,
  ): Promise<void> {
    if (this.#counts.count(noted.vehicleId, AUDIT_REFUSALS_PER_MINUTE_MAX)?.ok === false) return;
    await this.#note(db, noted, { refused: reason, ...more });
  }

  /** The rights to these parts were made anew. */
  async rolledBack(about: {
    readonly vehicleId: string;
    readonly parts: readonly string[];
    readonly nowMs: number;
  }): Promise<void> {
    const { vehicleId, parts, nowMs } = about;
    const noted: Noted = { vehicleId, nowMs, action: 'state', target: { kind: 'vehicle', id: vehicleId } };
    await this.#note(this.#store.db, noted, { reason: 'storage_rolled_back', parts });
  }

  async #note(db: Kysely<Tables>, noted: Noted, after: object): Promise<void> {
    const { vehicleId, customerId = null, action, target, nowMs } = noted;
    await db
      .insertInto('audit_entries')
      .values({
        ...{ id: newId('aud'), customer_id: customerId, at: nowMs, actor: `vehicle ${vehicleId}`, role: '' },
        // What a vehicle was given by somebody may have any name.
        ...{ action, target_kind: target.kind, target_id: target.id.slice(0, 64), before: null },
        ...{ after: JSON.stringify(after), address: null, request_id: null },
      })
      .execute();
  }
}
