// The last check of a signature: its nonce was not used before. Last, so that what is refused for anything else uses
// none up.

import type { Refusal } from '../admission.ts';
import type { AppRecord } from '../directory-records.ts';
import type { LiveState } from '../live/live-state.ts';
import { nonceExpiresAtMs } from '../signature.ts';
import type { SignedAsk } from './authenticate-app.ts';
import { refuse } from './refuse.ts';

export type NonceUse = 'fresh' | 'repeat';

/**
 * `ntrip`: receivers repeat their password after every drop, so the same device may present it again for the same
 * mountpoint, also after a restart that forgot it. `api`: once and never again.
 */
export async function useNonce(
  live: LiveState,
  way: 'ntrip' | 'api',
  app: AppRecord,
  ask: SignedAsk,
  onOutage: 'refuse' | 'allow',
): Promise<NonceUse | Refusal> {
  const tag = way === 'ntrip' ? `${ask.device} ${ask.path} ${ask.signature}` : 'api';
  const expiresAtMs = nonceExpiresAtMs(ask.seconds);
  // A customer may make as many apps as he likes; those of the operator stand each for itself.
  const owner = app.customerId ?? app.id;
  const verdict = await live.useNonce(`${app.id} ${ask.nonce}`, tag, expiresAtMs, owner);
  switch (verdict) {
    case 'fresh':
      return 'fresh';
    case 'repeat':
      return way === 'ntrip' ? 'repeat' : refuse('app', 'nonce_used');
    case 'used':
      return refuse('app', 'nonce_used');
    case 'stale':
      return way === 'ntrip' ? 'repeat' : refuse('app', 'signature_too_old');
    case 'outage':
      return onOutage === 'allow' ? 'fresh' : refuse('app', 'live_state_down');
  }
}
