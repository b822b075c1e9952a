// Where the products meet: while a right with a correction service is in force, the vehicle has an account of that app,
// and not a moment longer. It hears of every change of such entitlements, and each time makes it so as it should be by
// then: the same event twice, late or in another order comes to the same.

import type { QueueConsumer, QueueEntry, WorkQueue } from '../../platform/bus/queue.ts';
import type { Journal } from '../../platform/observe/journal.ts';
import type { Kysely } from '../../platform/store/sql.ts';
import type { Store } from '../../platform/store/store.ts';
import type { Tables } from '../../platform/store/tables.ts';
import type { CorrectionAccount, CorrectionAccounts, CorrectionLogin } from './correction-port.ts';
import { findEntitlement } from './entitlement-book.ts';
import { CORRECTIONS_TOPIC } from './outbox-rows.ts';
import { isInForce } from './part-slot.ts';
import type { Entitlement } from './rights.ts';

export interface CorrectionParts {
  readonly store: Store;
  readonly queue: Pick<WorkQueue, 'consume'>;
  readonly accounts: CorrectionAccounts;
  readonly journal: Journal;
}

export class CorrectionOffice {
  readonly #parts: CorrectionParts;

  constructor(parts: CorrectionParts) {
    this.#parts = parts;
  }

  start(): QueueConsumer {
    return this.#parts.queue.consume(CORRECTIONS_TOPIC, (entry) => this.#hear(entry));
  }

  /** For the grant of this entitlement; null where it has no correction service, or the caster refuses one now. */
  async correctionLoginFor(
    entitlement: Pick<Entitlement, 'vehicle_id' | 'correction_app_id'>,
  ): Promise<CorrectionLogin | null> {
    const { vehicle_id: vehicleId, correction_app_id: appId } = entitlement;
    return appId === null ? null : await this.#settle({ appId, vehicleId });
  }

  async #hear({ body }: QueueEntry): Promise<void> {
    const { entitlementId } = JSON.parse(body) as { readonly entitlementId: string };
    const row = await findEntitlement(this.#parts.store.db, entitlementId);
    if (row?.correction_app_id == null) return;
    await this.#settle({ appId: row.correction_app_id, vehicleId: row.vehicle_id });
  }

  async #settle(account: CorrectionAccount): Promise<CorrectionLogin | null> {
    const { accounts, store, journal } = this.#parts;
    const { appId, vehicleId } = account;
    if (!(await hasCorrections(store.db, account))) {
      await accounts.withdraw(account);
      return null;
    }
    const provided = await accounts.provide(account);
    // It may have ended meanwhile, and whoever heard of that may have been first.
    if (!(await hasCorrections(store.db, account))) {
      await accounts.withdraw(account);
      return null;
    }
    if (provided.ok) return provided.login;
    const { reason } = provided;
    journal.recordSampled(appId, 'warn', 'correction_refused', { app: appId, vehicle: vehicleId, reason });
    return null;
  }
}

async function hasCorrections(db: Kysely<Tables>, { appId, vehicleId }: CorrectionAccount): Promise<boolean> {
  const rows = await db
    .selectFrom('entitlements')
    .selectAll()
    .where('vehicle_id', '=', vehicleId)
    .where('correction_app_id', '=', appId)
    .where('state', '=', 'active')
    .execute();
  const nowMs = Date.now();
  return rows.some((row) => isInForce(row, nowMs));
}
