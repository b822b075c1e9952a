// Takes what vehicles say of their grants: who signed it, what it changes, and who is told: the journal, and the audit log
// of each grant that a vehicle did not take.

import type { Journal } from '../../platform/observe/journal.ts';
import type { Uplink } from '../broker/vehicle-line.ts';
import { type DocumentReaderParts, readVehicleDocument } from '../ota/vehicle-documents.ts';
import type { VehicleAudit } from '../vehicle-audit.ts';
import { type ReceiptDocument, receiptDocument } from './format/documents.ts';
import { receiptDelayMs } from './receipt-delay.ts';
import { type TakenReceipt, takeReceipt } from './receipts.ts';

export interface ReceiptDeskParts extends DocumentReaderParts {
  readonly journal: Journal;
  readonly audit: VehicleAudit;
}

export class ReceiptDesk {
  readonly #parts: ReceiptDeskParts;

  constructor(parts: ReceiptDeskParts) {
    this.#parts = parts;
  }

  /** What has changed a grant; undefined where nothing has. */
  async take(uplink: Uplink): Promise<ReceiptDocument | undefined> {
    const { store, audit, now } = this.#parts;
    const { vehicleId } = uplink;
    const read = await readVehicleDocument(this.#parts, uplink.body, receiptDocument, uplink);
    if (!read.ok) {
      await this.#forged(vehicleId, '', read.reason);
      return undefined;
    }
    const { document: receipt, certificate } = read;
    const nowMs = now();
    const taken = await store.write(async (tx) => {
      const answer = await takeReceipt(store.dialect, tx, receipt, nowMs);
      if (tellsOfRefusal(receipt, answer)) {
        const { grantId, partNumber, seq, reason } = receipt;
        const who = { vehicleId, customerId: certificate.customer_id, nowMs };
        const what = { action: 'grant', target: { kind: 'grant', id: grantId } } as const;
        await audit.refused({ ...who, ...what, reason: reason ?? '', more: { partNumber, seq } }, tx);
      }
      return answer;
    });
    if (tellsOfRefusal(receipt, taken)) this.#refused(receipt);
    else if (!taken.ok) await this.#forged(vehicleId, receipt.grantId, taken.reason);
    if (!taken.ok || !taken.isNew || taken.isReplay) return undefined;
    if (receipt.result !== 'refused') await this.#receipted(receipt, taken);
    return receipt;
  }

  async #forged(vehicleId: string, grantId: string, reason: string): Promise<void> {
    const { journal, audit, now } = this.#parts;
    const grant = grantId === '' ? undefined : grantId;
    journal.recordSampled(vehicleId, 'warn', 'receipt_forged', { vehicle: vehicleId, grant, reason });
    const what = { action: 'receipt', target: { kind: 'grant', id: grantId } } as const;
    await audit.refused({ vehicleId, ...what, reason, nowMs: now() });
  }

  #refused({ vin, grantId, partNumber, seq, reason }: ReceiptDocument): void {
    const about = { grant: grantId, vehicle: vin, part: partNumber, seq, reason: reason ?? '' };
    this.#parts.journal.recordSampled(vin, 'warn', 'grant_refused', about);
  }

  async #receipted(
    { vin: vehicle, result, installedVersion }: ReceiptDocument,
    { grant, isFirst }: Extract<TakenReceipt, { ok: true }>,
  ): Promise<void> {
    const { store, journal, now } = this.#parts;
    const tookMs = isFirst ? await receiptDelayMs(store.db, grant, now()) : undefined;
    const { id, part_number: part, seq } = grant;
    const installed = installedVersion ?? '';
    journal.record('info', 'grant_receipted', { grant: id, vehicle, part, seq, result, installed, tookMs });
  }
}

/** Also of a grant that nobody has made, or that is another vehicle's: the vehicle was given it, and says so by its signature. */
function tellsOfRefusal({ result }: ReceiptDocument, taken: TakenReceipt): boolean {
  return result === 'refused' && (!taken.ok || taken.isNew);
}
