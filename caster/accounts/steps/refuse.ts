// How a step says no.

import type { AdmissionStep, Refusal, RefusalAbout } from '../admission.ts';
import type { RefusalReason } from '../refusal-reason.ts';

interface More {
  readonly detail?: string;
  readonly about?: RefusalAbout;
  readonly retryAfterS?: number;
}

export function refuse(step: AdmissionStep, reason: RefusalReason, more: More = {}): Refusal {
  return { ok: false, reason, step, ...more, retryAfterS: more.retryAfterS };
}
