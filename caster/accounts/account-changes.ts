// What an administrator does to accounts, one at a time or in bulk: which columns a change sets, decided from the row and
// nothing else. Pure.

import { validUntilFrom } from './billing-plan.ts';
import type { AccountRow } from './records/account-filter.ts';

export type AccountChange =
  | { readonly kind: 'suspend' | 'reinstate' }
  /** Where it was activated before, nothing changes. */
  | { readonly kind: 'activate' }
  | { readonly kind: 'renew'; readonly validUntilMs: number }
  /** From its end, or from now where that is past. */
  | { readonly kind: 'renew'; readonly days: number }
  | { readonly kind: 'setServiceSpec'; readonly serviceSpecId: string | null }
  | { readonly kind: 'setBillingPlan'; readonly billingPlanId: string | null }
  | { readonly kind: 'setNote'; readonly note: string | null }
  | { readonly kind: 'setValidUntil'; readonly validUntilMs: number | null }
  /** Whoever has it loses it; a device that it is bound to for good keeps it. */
  | { readonly kind: 'release' }
  | { readonly kind: 'resetPassword' }
  | { readonly kind: 'setPassword'; readonly hash: string };

export interface ChangeContext {
  readonly nowMs: number;
  /** Of the plan that the account goes by: its own, else the app's. */
  readonly validityDays: number | undefined;
}

export type ChangedColumns = Partial<
  Pick<
    AccountRow,
    | 'status'
    | 'activated_at'
    | 'valid_until'
    | 'service_spec_id'
    | 'billing_plan_id'
    | 'plan_since'
    | 'note'
    | 'held'
    | 'holder'
    | 'held_until'
    | 'held_node'
    | 'password_hash'
    | 'password_version'
  >
>;

const DAY_MS = 86_400_000;

/** Empty where everything is already so. */
export function columnsOf(row: AccountRow, change: AccountChange, context: ChangeContext): ChangedColumns {
  const wanted = wantedColumns(row, change, context);
  return Object.fromEntries(
    Object.entries(wanted).filter(([column, value]) => row[column as keyof ChangedColumns] !== value),
  );
}

function wantedColumns(
  row: AccountRow,
  change: AccountChange,
  { nowMs, validityDays }: ChangeContext,
): ChangedColumns {
  switch (change.kind) {
    case 'suspend':
      return { status: 'suspended' };
    case 'reinstate':
      return { status: 'active' };
    case 'activate':
      if (row.activated_at !== null) return {};
      return {
        activated_at: nowMs,
        valid_until: validUntilFrom(nowMs, row.valid_until ?? undefined, { validityDays }) ?? null,
      };
    case 'renew':
      if ('validUntilMs' in change) return { valid_until: change.validUntilMs };
      return { valid_until: Math.max(row.valid_until ?? 0, nowMs) + change.days * DAY_MS };
    case 'setServiceSpec':
      return { service_spec_id: change.serviceSpecId };
    case 'setBillingPlan':
      if (change.billingPlanId === row.billing_plan_id) return {};
      return { billing_plan_id: change.billingPlanId, plan_since: nowMs };
    case 'setNote':
      return { note: change.note };
    case 'setValidUntil':
      return { valid_until: change.validUntilMs };
    case 'release':
      return { held: 0, holder: null, held_until: null, held_node: null };
    case 'resetPassword':
      return { password_hash: null, password_version: row.password_version + 1 };
    case 'setPassword':
      // The version goes up so that passwords that were lent before end.
      return { password_hash: change.hash, password_version: row.password_version + 1 };
  }
}
