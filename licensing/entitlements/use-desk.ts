// Takes the reports of uses as vehicles send them: signature, ledger, answer. What does not fit is told, and the right
// rests, as far as the policy says so; nobody is told how to do better.

import { createHash } from 'node:crypto';
import type { Journal } from '../../platform/observe/journal.ts';
import type { Transaction } from '../../platform/store/sql.ts';
import type { Store } from '../../platform/store/store.ts';
import type { Tables } from '../../platform/store/tables.ts';
import type { Uplink, VehicleLine } from '../broker/vehicle-line.ts';
import { canonicalJson } from '../grants/format/jcs.ts';
import type { KeyAlgorithm } from '../pki/keys.ts';
import { VehicleAudit } from '../vehicle-audit.ts';
import { findEntitlement } from './entitlement-book.ts';
import type { UseReportDocument, UsesTaken } from './use-documents.ts';
import { type ReportTaken, takeUseReport } from './use-ledger.ts';

/** A document whose signature was verified by the key of a certificate that is good and the vehicle's. */
export type CheckedReport =
  | {
      readonly ok: true;
      readonly document: UseReportDocument & { readonly sig: string };
      readonly algorithm: KeyAlgorithm;
    }
  | { readonly ok: false; readonly reason: string };

export interface UseDeskParts {
  readonly store: Store;
  readonly journal: Journal;
  readonly line: VehicleLine;
  readonly read: (uplink: Uplink) => Promise<CheckedReport>;
  /** The document with its signature, as JSON. */
  readonly sign: (algorithm: KeyAlgorithm, document: UsesTaken) => Promise<string>;
  /** Something was committed that the outbox has to tell. */
  readonly onTaken: () => void;
  /** True where a vehicle that went back loses the right until somebody has looked at it. */
  readonly suspends: boolean;
}

export class UseDesk {
  readonly #parts: UseDeskParts;
  readonly #audit: VehicleAudit;

  constructor(parts: UseDeskParts) {
    this.#parts = parts;
    this.#audit = new VehicleAudit(parts.store);
  }

  start(): void {
    this.#parts.line.handle('uses', (uplink) => this.#take(uplink));
  }

  /** Rejects where it is to be brought again. */
  async #take(uplink: Uplink): Promise<void> {
    const { store, journal, line, read, sign, onTaken, suspends } = this.#parts;
    const { vehicleId } = uplink;
    const checked = await read(uplink);
    if (!checked.ok) {
      const fields = { vehicle: vehicleId, reason: checked.reason };
      journal.recordSampled(vehicleId, 'warn', 'uses_refused', fields);
      return;
    }
    const { document, algorithm } = checked;
    const { leaseId, used, counter, prevHash } = document;
    const report = { vehicleId, leaseId, used, counter, prevHash, hash: hashOf(document) };
    const nowMs = Date.now();
    const taken = await store.write(async (tx) => {
      const answer = await takeUseReport(tx, report, { nowMs, suspends });
      if (!answer.ok) await this.#note(tx, { vehicleId, leaseId, nowMs }, answer);
      return answer;
    });
    onTaken();
    if (!taken.ok) {
      this.#tell(vehicleId, leaseId, taken);
      if (taken.reason === 'lease_unknown') return;
    }
    const answer: UsesTaken = { v: 1, typ: 'uses_taken', vin: vehicleId, leaseId, counter: taken.counter };
    const body = await sign(algorithm, answer);
    // Where the broker is away, the vehicle reports again.
    await line.push({ vehicleId, kind: 'uses', body });
  }

  async #note(
    tx: Transaction<Tables>,
    {
      vehicleId,
      leaseId,
      nowMs,
    }: { readonly vehicleId: string; readonly leaseId: string; readonly nowMs: number },
    taken: Extract<ReportTaken, { ok: false }>,
  ): Promise<void> {
    // Nothing of it says that anybody tries what is not his.
    if (taken.reason === 'lease_unknown') return;
    const { reason, counter, entitlementId } = taken;
    const customerId = (await findEntitlement(tx, entitlementId))?.customer_id ?? null;
    const what = { action: 'uses', target: { kind: 'lease', id: leaseId } } as const;
    await this.#audit.refused({ vehicleId, customerId, ...what, reason, more: { counter }, nowMs }, tx);
  }

  #tell(vehicle: string, lease: string, taken: Extract<ReportTaken, { ok: false }>): void {
    const { journal } = this.#parts;
    const { reason } = taken;
    if (reason === 'lease_unknown') {
      journal.recordSampled(vehicle, 'warn', 'uses_refused', { vehicle, lease, reason });
      return;
    }
    const { entitlementId: entitlement, counter, isSuspended: suspended } = taken;
    journal.recordSampled(vehicle, 'error', 'uses_rolled_back', {
      ...{ vehicle, lease, entitlement, reason, counter, suspended },
    });
  }
}

/** What the next report of the chain must name. */
export function hashOf(document: object): string {
  return createHash('sha256').update(canonicalJson(document)).digest('hex');
}
