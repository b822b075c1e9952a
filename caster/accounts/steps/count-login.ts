// Step 5, as far as it can be told before an account is known: logins of the app within a minute. Devices are counted
// where a new one is written, sessions where places are taken.

import type { Refusal } from '../admission.ts';
import type { AppRecord } from '../directory-records.ts';
import type { LiveState } from '../live/live-state.ts';
import { refuse } from './refuse.ts';

export async function countLogin(
  live: LiveState,
  app: AppRecord,
  onOutage: 'refuse' | 'allow',
): Promise<Refusal | undefined> {
  const { loginsPerMinute } = app.quota;
  if (loginsPerMinute === null) return undefined;
  const waitS = await live.countLogin(`app ${app.id}`, loginsPerMinute);
  if (waitS === 'outage') return onOutage === 'allow' ? undefined : refuse('quota', 'live_state_down');
  return waitS === 0 ? undefined : refuse('quota', 'login_rate', { retryAfterS: waitS });
}
