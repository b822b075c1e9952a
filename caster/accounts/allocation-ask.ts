// What a login asks of the allocation, and what it is answered.

import type { AccountRecord, AppRecord, DeviceRecord } from './directory-records.ts';
import type { IsWanted } from './admission.ts';
import type { RefusalReason } from './refusal-reason.ts';

export interface AllocationAsk {
  readonly app: AppRecord;
  /** The device by its own name; its record where it is known. */
  readonly device: { readonly deviceId: string; readonly record: DeviceRecord | undefined } | undefined;
  /** Where no device is named: who holds the account. */
  readonly holder: string | undefined;
  /** The very account: somebody has logged in with its own password, and gets it whoever holds it, or with a lent one. */
  readonly accountId: string | undefined;
  /** Only accounts that have been activated are drawn. */
  readonly activatedOnly: boolean;
  readonly untilMs: number;
  readonly nowMs: number;
  /** Where nobody wants the answer any more when its turn comes, no account is taken. Always wanted where not given. */
  readonly isWanted?: IsWanted | undefined;
}

export type AllocationAnswer =
  | ({ readonly ok: true } & Allocated)
  | {
      readonly ok: false;
      readonly reason: Extract<
        RefusalReason,
        | 'pool_exhausted'
        | 'account_taken'
        | 'devices_full'
        | 'device_not_bound'
        | 'activation_by_console_needed'
        | 'activation_by_terminal_needed'
        | 'login_abandoned'
      >;
    };

export interface Allocated {
  readonly account: AccountRecord;
  readonly holder: string;
  readonly device: DeviceRecord | undefined;
  /** It did not hold the account before. */
  readonly isNew: boolean;
}
