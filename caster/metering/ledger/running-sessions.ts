// Rovers that stream now, or have ended and are not accounted for yet, and are sold by a plan, with what they have had
// until this moment: for whoever reckons, several times a second, what their customers have left. Who somebody is, is
// read once and kept for as long as its record and its terms stay the same.

import type { UsageOwner, UsageTotals } from '../usage-row.ts';
import { monotonicMs, OPEN, RECORD_CELLS } from './layout.ts';
import type { FoundRecord, LedgerReader } from './ledger-reader.ts';
import { readEnd, readTerms, readTotals, startOf, termsVersionOf } from './records.ts';

export interface RunningUse {
  readonly sessionId: string;
  /** The same object while the session is sold by the same terms. */
  readonly owner: UsageOwner;
  readonly mountpoint: string;
  readonly totals: UsageTotals;
}

interface Known {
  /** Of the session that had the record then, and what it was sold by. */
  readonly startedMs: number;
  readonly terms: number;
  /** Undefined where nobody pays for it. */
  readonly use: Omit<RunningUse, 'totals'> | undefined;
}

export class RunningSessions {
  readonly #reader: LedgerReader;
  /** By segment and record. */
  readonly #known: (Known | undefined)[][] = [];

  constructor(reader: LedgerReader) {
    this.#reader = reader;
  }

  *now(): Generator<RunningUse> {
    const reader = this.#reader;
    reader.look();
    const nowMs = monotonicMs();
    for (let segment = 0; segment < reader.segments; segment++) {
      for (const found of reader.records(segment)) {
        const use = this.#useOf(found);
        if (use === undefined) continue;
        const { memory, first, state } = found;
        const { sessionId, owner, mountpoint } = use;
        const totals = readTotals(memory, first, reader.lanesOf, nowMs);
        if (state === OPEN) yield { sessionId, owner, mountpoint, totals };
        else {
          const { durationMs } = readEnd(memory, first);
          yield { sessionId, owner, mountpoint, totals: { ...totals, durationMs } };
        }
      }
    }
  }

  #useOf(found: FoundRecord): Known['use'] {
    const { segment, memory, first } = found;
    const { monotonicMs: startedMs } = startOf(memory, first);
    const terms = termsVersionOf(memory, first);
    const ofSegment = (this.#known[segment] ??= []);
    const place = first / RECORD_CELLS;
    let known = ofSegment[place];
    if (known?.startedMs !== startedMs || known.terms !== terms) {
      known = { startedMs, terms, use: this.#readUse(found) };
      ofSegment[place] = known;
    }
    return known.use;
  }

  #readUse(found: FoundRecord): Known['use'] {
    const { billingPlanId, serviceSpecId } = readTerms(found.memory, found.first);
    if (billingPlanId === '') return undefined;
    const identity = this.#reader.identityOf(found);
    if (identity === undefined) return undefined;
    const { sessionId, mountpoint, customerId, appId, accountId, account, device } = identity;
    const owner = { customerId, appId, accountId, account, device, serviceSpecId, billingPlanId };
    return { sessionId, owner, mountpoint };
  }
}
