// Step 5, the part that needs the account: is anything left to pay for what it would use?

import type { Refusal } from '../admission.ts';
import type { AccountRecord, AppRecord } from '../directory-records.ts';
import { refuse } from './refuse.ts';

/** Whoever knows what customers have left; caster/metering/charging does. */
export interface BalanceGate {
  /** False where nothing is left. */
  mayStart(ask: BalanceAsk, nowMs: number): boolean | Promise<boolean>;
}

export interface BalanceAsk {
  /** Empty text where there is none. */
  readonly customerId: string;
  readonly billingPlanId: string;
  readonly serviceSpecId: string;
  readonly mountpoint: string;
  readonly isActivated: boolean;
}

/** Where nobody charges. */
export const NO_BALANCES: BalanceGate = { mayStart: () => true };

export async function checkBalance(
  balances: BalanceGate,
  app: AppRecord,
  account: AccountRecord,
  { specId, mountpoint }: { readonly specId: string | undefined; readonly mountpoint: string },
  nowMs: number,
): Promise<Refusal | undefined> {
  const ask: BalanceAsk = {
    customerId: app.customerId ?? '',
    billingPlanId: account.planId ?? app.planId ?? '',
    serviceSpecId: specId ?? '',
    mountpoint,
    isActivated: account.activatedAtMs !== undefined,
  };
  return (await balances.mayStart(ask, nowMs)) ? undefined : refuse('quota', 'balance_empty');
}
