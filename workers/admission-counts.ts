// What admission decided and how long it took, for the metrics.

import type { Verdict } from '../caster/accounts/admission.ts';
import { REFUSAL_REASONS, type RefusalReason } from '../caster/accounts/refusal-reason.ts';
import { Histogram } from '../platform/observe/histogram.ts';

export const ADMISSION_BUCKETS_S = [0.001, 0.005, 0.02, 0.1, 0.5, 2, 8] as const;
/** `unavailable`: nobody could say, since something that has to be asked was away. */
export const ADMISSION_OUTCOMES = ['granted', 'refused', 'unavailable'] as const;
type Outcome = (typeof ADMISSION_OUTCOMES)[number];

export class AdmissionCounts {
  readonly refusals = new Map<RefusalReason, number>();
  readonly outcomes: Record<Outcome, number> = { granted: 0, refused: 0, unavailable: 0 };
  readonly seconds = new Histogram(ADMISSION_BUCKETS_S);

  count(verdict: Verdict, tookS: number): void {
    this.outcomes[outcomeOf(verdict)] += 1;
    if (!verdict.ok) this.refusals.set(verdict.reason, (this.refusals.get(verdict.reason) ?? 0) + 1);
    this.seconds.add(tookS);
  }
}

function outcomeOf(verdict: Verdict): Outcome {
  if (verdict.ok) return 'granted';
  return REFUSAL_REASONS[verdict.reason].status === 503 ? 'unavailable' : 'refused';
}
