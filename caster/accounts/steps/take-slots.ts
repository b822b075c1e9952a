// Places: of the account by its spec, of the app by its quota. A session takes one in each, or none.

import type { Refusal } from '../admission.ts';
import type { AccountRecord, AppRecord } from '../directory-records.ts';
import type { LiveState, SlotClaim, SlotScope, SlotVerdict } from '../live/live-state.ts';
import type { ServiceSpec } from '../service-spec.ts';
import { refuse } from './refuse.ts';

export interface SlotsAsk {
  readonly sessionId: string;
  readonly app: AppRecord;
  readonly account: AccountRecord;
  readonly spec: ServiceSpec;
  /** A receiver that repeats its signed password after a drop: its old session makes room, whatever the spec says. */
  readonly isRepeat: boolean;
}

export type SlotsTaken = Extract<SlotVerdict, { ok: true }>;

const NONE: SlotsTaken = { ok: true, token: 0, replaced: [], over: [] };

export async function takeSlots(
  live: LiveState,
  ask: SlotsAsk,
  onOutage: 'refuse' | 'allow',
): Promise<SlotsTaken | Refusal> {
  const claim = claimOf(ask);
  const verdict = await live.takeSlots(claim);
  if (verdict.ok) return verdict;
  if (verdict.reason === 'full') {
    return verdict.key === appKey(ask.app)
      ? refuse('slots', 'app_sessions_full', { detail: `quota.sessionsMax is ${ask.app.quota.sessionsMax}` })
      : refuse('slots', 'sessions_full', { detail: `sessionsPerAccount is ${ask.spec.sessionsPerAccount}` });
  }
  if (onOutage === 'refuse') return refuse('slots', 'live_state_down');
  live.holdAnyway(claim);
  return NONE;
}

function claimOf({ sessionId, app, account, spec, isRepeat }: SlotsAsk): SlotClaim {
  const ofAccount: SlotScope = {
    key: `account ${account.id}`,
    max: spec.sessionsPerAccount,
    onFull: isRepeat ? 'replace' : spec.onExtraSession,
  };
  const { sessionsMax } = app.quota;
  if (sessionsMax === null) return { sessionId, scopes: [ofAccount] };
  return { sessionId, scopes: [ofAccount, { key: appKey(app), max: sessionsMax, onFull: 'refuse' }] };
}

function appKey(app: AppRecord): string {
  return `app ${app.id}`;
}
