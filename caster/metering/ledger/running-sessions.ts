// Rovers that stream now, or have ended and are not accounted for yet, and are sold by a plan, with what they have had
// until this moment: for whoever reckons, several times a second, what their customers have left. Who somebody is, is
// read once and kept.

import type { UsageOwner, UsageTotals } from '../usage-row.ts';
import { monotonicMs, OPEN } from './layout.ts';
import type { LedgerReader } from './ledger-reader.ts';
import { readEnd, readIdentity, readTerms, readTotals, type RecordMemory, startOf } from './records.ts';

export interface RunningUse {
  readonly sessionId: string;
  readonly owner: UsageOwner;
  readonly mountpoint: string;
  readonly totals: UsageTotals;
}

interface Known {
  readonly use: Omit<RunningUse, 'totals'>;
  /** Of the session that had the record then, and what it was sold by. */
  readonly startedMs: number;
  readonly planId: string;
  readonly specId: string;
}

export class RunningSessions {
  readonly #reader: LedgerReader;
  readonly #known = new Map<string, Known>();

  constructor(reader: LedgerReader) {
    this.#reader = reader;
  }

  *now(): Generator<RunningUse> {
    const reader = this.#reader;
    reader.look();
    const nowMs = monotonicMs();
    for (let segment = 0; segment < reader.segments; segment++) {
      for (const { memory, first, state } of reader.records(segment)) {
        const use = this.#useOf(`${segment} ${first}`, memory, first);
        if (use === undefined) continue;
        const totals = readTotals(memory, first, reader.lanesOf, nowMs);
        if (state === OPEN) yield { ...use, totals };
        else yield { ...use, totals: { ...totals, durationMs: readEnd(memory, first).durationMs } };
      }
    }
  }

  #useOf(place: string, memory: RecordMemory, first: number): Omit<RunningUse, 'totals'> | undefined {
    const { monotonicMs: startedMs } = startOf(memory, first);
    const { billingPlanId: planId, serviceSpecId: specId } = readTerms(memory, first);
    if (planId === '') return undefined;
    const known = this.#known.get(place);
    if (known?.startedMs === startedMs && known.planId === planId && known.specId === specId)
      return known.use;
    const identity = readIdentity(memory, first);
    if (identity === undefined) return undefined;
    const { sessionId, mountpoint, customerId, appId, accountId, account, device } = identity;
    const owner = {
      customerId,
      appId,
      accountId,
      account,
      device,
      serviceSpecId: specId,
      billingPlanId: planId,
    };
    const use = { sessionId, owner, mountpoint };
    this.#known.set(place, { use, startedMs, planId, specId });
    return use;
  }
}
