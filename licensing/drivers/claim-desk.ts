// Gives vehicles the codes by which drivers claim them: asked by a signed uplink, answered by a signed downlink.

import { CLAIM_CODES_PER_MINUTE_MAX } from '../../config/limits.ts';
import { MinuteCounter } from '../../platform/http/minute-counter.ts';
import type { Journal } from '../../platform/observe/journal.ts';
import type { Store } from '../../platform/store/store.ts';
import type { Uplink, VehicleLine } from '../broker/vehicle-line.ts';
import { readVehicleDocument, type VerifyDocument } from '../ota/vehicle-documents.ts';
import type { KeyAlgorithm } from '../pki/keys.ts';
import type { ClaimCodes } from './claim-codes.ts';
import { type ClaimCode, claimCodeWanted } from './claim-documents.ts';

export interface ClaimDeskParts {
  readonly store: Store;
  readonly journal: Journal;
  readonly line: VehicleLine;
  readonly codes: ClaimCodes;
  readonly verify: VerifyDocument;
  /** By the grant key of the vehicle's algorithm. */
  readonly sign: (algorithm: KeyAlgorithm, document: ClaimCode) => Promise<string>;
  readonly now: () => number;
}

export class ClaimDesk {
  readonly #parts: ClaimDeskParts;
  readonly #asked = new MinuteCounter();

  constructor(parts: ClaimDeskParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#parts.line.handle('claim', (uplink) => this.#take(uplink));
  }

  /** Rejects where it is to be brought again: not where the vehicle does not take what waits for it. */
  async #take(uplink: Uplink): Promise<void> {
    const { store, journal, line, codes, sign, now } = this.#parts;
    const { vehicleId: vehicle } = uplink;
    const read = await readVehicleDocument(this.#parts, uplink.body, claimCodeWanted, uplink);
    if (!read.ok) {
      journal.recordSampled(vehicle, 'warn', 'claim_code_refused', { vehicle, reason: read.reason });
      return;
    }
    if (this.#asked.count(vehicle, CLAIM_CODES_PER_MINUTE_MAX)?.ok === false) {
      journal.recordSampled(vehicle, 'warn', 'claim_code_refused', { vehicle, reason: 'too_many_requests' });
      return;
    }
    const { requestId } = read.document;
    const { code, expiresAtMs } = await codes.make(store.db, vehicle, now());
    const expiresAt = Math.floor(expiresAtMs / 1000);
    const answer: ClaimCode = { v: 1, typ: 'claim_code', vin: vehicle, requestId, code, expiresAt };
    const body = await sign(read.certificate.algorithm, answer);
    if (!(await line.push({ vehicleId: vehicle, kind: 'claim', body }))) {
      journal.recordSampled(vehicle, 'warn', 'answer_not_kept', { vehicle, kind: 'claim' });
      return;
    }
    journal.record('info', 'claim_code_made', { vehicle });
  }
}
