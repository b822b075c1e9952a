// Where the products meet: while a right with a correction service is in force, the vehicle has an account of that app,
// and not a moment longer. It hears of every change of such entitlements, and each time makes it so as it should be by
// then: the same event twice, late or in another order comes to the same.

import type { QueueConsumer, QueueEntry, WorkQueue } from '../../platform/bus/queue.ts';
import type { Journal } from '../../platform/observe/journal.ts';
import type { Kysely } from '../../platform/store/sql.ts';
import type { Store } from '../../platform/store/store.ts';
import type { Tables } from '../../platform/store/tables.ts';
import type {
  CorrectionAccount,
  CorrectionAccounts,
  CorrectionLogin,
  CorrectionRefusal,
  Provided,
} from './correction-port.ts';
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
    if (appId === null) return null;
    const provided = await this.#settle({ appId, vehicleId });
    return provided?.ok === true ? provided.login : null;
  }

  /** Rejects where the caster refuses: what was bought is tried again, and is a dead letter in the end. */
  async #hear({ body }: QueueEntry): Promise<void> {
    const { entitlementId } = JSON.parse(body) as { readonly entitlementId: string };
    const row = await findEntitlement(this.#parts.store.db, entitlementId);
    if (row?.correction_app_id == null) return;
    const provided = await this.#settle({ appId: row.correction_app_id, vehicleId: row.vehicle_id });
    if (provided?.ok === false) throw new Error(`the caster gives no account: ${provided.reason}`);
  }

  /**
   * Undefined where no right is in force. What is so may change while it is brought about, and whoever heard of that may
   * have been first: it looks again until it has done what is so.
   */
  async #settle(account: CorrectionAccount): Promise<Provided | undefined> {
    const { accounts, store } = this.#parts;
    for (;;) {
      if (await hasCorrections(store.db, account)) {
        const provided = await accounts.provide(account);
        if (!(await hasCorrections(store.db, account))) continue;
        if (!provided.ok) this.#tell(account, provided.reason);
        return provided;
      }
      await accounts.withdraw(account);
      if (!(await hasCorrections(store.db, account))) return undefined;
    }
  }

  #tell({ appId: app, vehicleId: vehicle }: CorrectionAccount, reason: CorrectionRefusal): void {
    this.#parts.journal.recordSampled(app, 'warn', 'correction_refused', { app, vehicle, reason });
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
