// Step 4: is this the app that it says it is, and may it be used from here? Signature first, so that whoever has no
// secret learns nothing else; each check is one function.

import type { Refusal } from '../admission.ts';
import type { AppRecord, CustomerRecord } from '../directory-records.ts';
import { type SignedParts, verifyRc1 } from '../signature.ts';
import { refuse } from './refuse.ts';

/** What a device says of itself, by header or by NTRIP credentials, and what it signed. */
export interface SignedAsk extends SignedParts {
  readonly appKey: string;
  readonly signature: string;
  readonly address: string;
}

/** The secret that signed, where the signature is right. */
export function checkSignature(
  app: AppRecord,
  ask: SignedAsk,
  nowMs: number,
): { readonly secret: string } | Refusal {
  const secrets = { current: app.secret, previous: app.previousSecret };
  const verdict = verifyRc1(secrets, ask, ask.signature, nowMs);
  if (verdict.ok) return { secret: verdict.secret === 'current' ? app.secret : app.previousSecret!.secret };
  if (verdict.reason === 'signature_wrong') return refuse('app', verdict.reason);
  const ahead = verdict.aheadS;
  const detail = `the device’s clock is ${Math.abs(ahead)} s ${ahead > 0 ? 'ahead' : 'behind'}`;
  return refuse('app', verdict.reason, { detail });
}

/** `customer` is undefined where the app belongs to the operator. */
export function checkStanding(app: AppRecord, customer: CustomerRecord | undefined): Refusal | undefined {
  if (!app.isActive) return refuse('app', 'app_suspended');
  const isOrphan = app.customerId !== null && customer === undefined;
  return isOrphan || customer?.isActive === false ? refuse('app', 'customer_suspended') : undefined;
}

/** Whether what this secret has signed would still be taken. */
export function isSecretGood({ secret, previousSecret }: AppRecord, used: string, nowMs: number): boolean {
  return used === secret || (previousSecret?.secret === used && nowMs < previousSecret.untilMs);
}

export function checkAddress(app: AppRecord, address: string): Refusal | undefined {
  return app.allowsAddress?.(address) === false
    ? refuse('app', 'address_not_allowed', { detail: `it came from ${address}` })
    : undefined;
}
