// What admission knows of customers, apps, specs, plans, devices and accounts: the rows of the store as it uses them,
// read once and kept by the directory.

import type { AccountsTable, AppsTable, DevicesTable } from '../../platform/store/tables.ts';
import type { AppAllocation, AppQuota } from './app-policy.ts';
import type { BillingPlan } from './billing-plan.ts';
import type { ServiceSpec } from './service-spec.ts';

export interface AppRecord {
  readonly id: string;
  readonly customerId: string | null;
  readonly appKey: string;
  readonly secret: string;
  /** The one before the last rotation, while it is good. */
  readonly previousSecret: { readonly secret: string; readonly untilMs: number } | undefined;
  readonly isActive: boolean;
  readonly activation: AppsTable['activation'];
  readonly isBound: boolean;
  readonly specId: string | null;
  readonly planId: string | null;
  /** Address ranges its devices may come from; undefined is anywhere. */
  readonly allowsAddress: ((address: string) => boolean) | undefined;
  readonly quota: AppQuota;
  readonly allocation: AppAllocation;
}

export interface CustomerRecord {
  readonly id: string;
  readonly isActive: boolean;
}

export interface SpecRecord {
  readonly id: string;
  readonly spec: ServiceSpec;
}

export interface PlanRecord {
  readonly id: string;
  readonly plan: BillingPlan;
}

export interface AccountRecord {
  readonly id: string;
  readonly appId: string;
  readonly customerId: string | null;
  readonly username: string;
  /** Undefined where the password is derived. */
  readonly passwordHash: string | undefined;
  readonly passwordVersion: number;
  readonly isActive: boolean;
  readonly specId: string | null;
  readonly planId: string | null;
  readonly activatedAtMs: number | undefined;
  readonly validUntilMs: number | undefined;
  readonly boundDeviceId: string | null;
  /** Who has it, or had it last: what a lent password was made for. */
  readonly holder: string | undefined;
}

export interface DeviceRecord {
  readonly id: string;
  readonly appId: string;
  readonly deviceId: string;
  readonly isActive: boolean;
  readonly isBound: boolean;
  readonly accountId: string | null;
  readonly lastAccountId: string | null;
}

export const ACCOUNT_COLUMNS = [
  'id',
  'app_id',
  'customer_id',
  'username',
  'password_hash',
  'password_version',
  'status',
  'service_spec_id',
  'billing_plan_id',
  'activated_at',
  'valid_until',
  'bound_device_id',
  'holder',
] as const satisfies readonly (keyof AccountsTable)[];

export type AccountRow = Pick<AccountsTable, (typeof ACCOUNT_COLUMNS)[number]>;

export function accountRecord(row: AccountRow): AccountRecord {
  return {
    id: row.id,
    appId: row.app_id,
    customerId: row.customer_id,
    username: row.username,
    passwordHash: row.password_hash ?? undefined,
    passwordVersion: row.password_version,
    isActive: row.status === 'active',
    specId: row.service_spec_id,
    planId: row.billing_plan_id,
    activatedAtMs: row.activated_at ?? undefined,
    validUntilMs: row.valid_until ?? undefined,
    boundDeviceId: row.bound_device_id,
    holder: row.holder ?? undefined,
  };
}

export const DEVICE_COLUMNS = [
  'id',
  'app_id',
  'device_id',
  'status',
  'bound',
  'account_id',
  'last_account_id',
] as const satisfies readonly (keyof DevicesTable)[];

export type DeviceRow = Pick<DevicesTable, (typeof DEVICE_COLUMNS)[number]>;

export function deviceRecord(row: DeviceRow): DeviceRecord {
  return {
    id: row.id,
    appId: row.app_id,
    deviceId: row.device_id,
    isActive: row.status === 'active',
    isBound: row.bound === 1,
    accountId: row.account_id,
    lastAccountId: row.last_account_id,
  };
}
