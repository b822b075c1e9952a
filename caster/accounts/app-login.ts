// The way of a signed login up to its account, the same for signed NTRIP and for the API: app, device, nonce, quota.

import type { IsWanted, Refusal } from './admission.ts';
import type { Directory } from './directory.ts';
import type { AppRecord, DeviceRecord } from './directory-records.ts';
import type { LiveState } from './live/live-state.ts';
import { customerOf } from './service-terms.ts';
import { checkAddress, checkSignature, checkStanding, type SignedAsk } from './steps/authenticate-app.ts';
import { checkDevice } from './steps/check-device.ts';
import { checkWanted } from './steps/check-wanted.ts';
import { countLogin } from './steps/count-login.ts';
import { refuse } from './steps/refuse.ts';
import { useNonce } from './steps/use-nonce.ts';

/** Who has proved to be whom. */
export interface AppParty {
  readonly ok: true;
  readonly app: AppRecord;
  /** Empty where none was named. */
  readonly deviceId: string;
  readonly device: DeviceRecord | undefined;
  /** The same password was presented before, by the same device for the same mountpoint. */
  readonly isRepeat: boolean;
  /** The one that signed. */
  readonly secret: string;
}

export interface AppLoginParts {
  readonly directory: Directory;
  readonly live: LiveState;
  readonly onOutage: 'refuse' | 'allow';
}

/** Of one attempt to log in. */
export interface Attempt {
  readonly nowMs: number;
  readonly isWanted: IsWanted;
}

/** `table` asks only what may be used: it uses no nonce and counts as no login. */
export async function authenticateApp(
  parts: AppLoginParts,
  way: 'ntrip' | 'api' | 'table',
  ask: SignedAsk,
  { nowMs, isWanted }: Attempt,
): Promise<AppParty | Refusal> {
  const { directory, live, onOutage } = parts;
  const app = await directory.appByKey(ask.appKey);
  if (app === undefined) return refuse('app', 'app_unknown');
  const signed = checkSignature(app, ask, nowMs);
  if ('reason' in signed) return about(signed, app, ask.device);
  const early = checkStanding(app, await customerOf(directory, app)) ?? checkAddress(app, ask.address);
  if (early !== undefined) return about(early, app, ask.device);
  const device = ask.device === '' ? undefined : await directory.device(app.id, ask.device);
  const wrongDevice = checkDevice(app, ask.device, device);
  if (wrongDevice !== undefined) return about(wrongDevice, app, ask.device);
  const party = { ok: true, app, deviceId: ask.device, device, isRepeat: false, ...signed } as const;
  if (way === 'table') return party;
  const unwanted = checkWanted('app', isWanted);
  if (unwanted !== undefined) return about(unwanted, app, ask.device);
  const use = await useNonce(live, way, app, ask, onOutage);
  if (typeof use !== 'string') return about(use, app, ask.device);
  const tooMany = checkWanted('quota', isWanted) ?? (await countLogin(live, app, onOutage));
  return tooMany === undefined ? { ...party, isRepeat: use === 'repeat' } : about(tooMany, app, ask.device);
}

/** The refusal with whom it concerns. */
export function about(refusal: Refusal, app: AppRecord, device: string, accountId?: string): Refusal {
  return {
    ...refusal,
    about: {
      customerId: app.customerId,
      appId: app.id,
      ...(device === '' ? {} : { device }),
      ...(accountId === undefined ? {} : { accountId }),
    },
  };
}
