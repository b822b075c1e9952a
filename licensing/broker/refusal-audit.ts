// Vehicles that were refused, in the audit log: what looks like somebody who tries what is not his, not what a broken link
// or a busy server does. As many a minute and address as of any other refusal.

import { AUDIT_REFUSALS_PER_MINUTE_MAX } from '../../config/limits.ts';
import { MinuteCounter } from '../../platform/http/minute-counter.ts';
import { newId } from '../../platform/store/id.ts';
import type { Store } from '../../platform/store/store.ts';
import type { Refused } from './broker-ports.ts';
import type { VehicleRefusal } from './refusals.ts';

const AUDITED: ReadonlySet<VehicleRefusal> = new Set([
  'certificate_foreign',
  'certificate_expired',
  'certificate_revoked',
  'certificate_unknown',
  'vehicle_id_mismatch',
  'token_malformed',
  'token_wrong',
  'tokens_too_often',
  'foreign_publish',
  'foreign_subscribe',
  'will_foreign',
  'retained',
]);

export class RefusalAudit {
  readonly #store: Store;
  readonly #counts = new MinuteCounter();

  constructor(store: Store) {
    this.#store = store;
  }

  async refused({ reason, address, vehicleId, detail }: Refused): Promise<void> {
    if (!AUDITED.has(reason)) return;
    if (this.#counts.count(address, AUDIT_REFUSALS_PER_MINUTE_MAX)?.ok === false) return;
    const actor = vehicleId === undefined ? 'somebody' : `vehicle ${vehicleId}`;
    await this.#store.db
      .insertInto('audit_entries')
      .values({
        ...{ id: newId('aud'), customer_id: null, at: Date.now(), actor, role: '', action: 'connect' },
        ...{ target_kind: 'vehicle', target_id: vehicleId ?? '', before: null, request_id: null },
        ...{ after: JSON.stringify({ refused: reason, detail }), address },
      })
      .execute();
  }
}
