// How a step says no.

import type { AdmissionStep, Refusal, RefusalAbout } from '../admission.ts';
import type { RefusalReason } from '../refusal-reason.ts';

interface More {
  readonly detail?: string;
  readonly about?: RefusalAbout;
  readonly retryAfterS?: number;
}

/** Seconds after which it is worth trying again where the server is to blame and not what was sent. */
const COME_AGAIN_S: Partial<Record<RefusalReason, number>> = {
  store_down: 5,
  live_state_down: 5,
  passwords_busy: 5,
};

export function refuse(step: AdmissionStep, reason: RefusalReason, more: More = {}): Refusal {
  return { ok: false, reason, step, ...more, retryAfterS: more.retryAfterS ?? COME_AGAIN_S[reason] };
}
