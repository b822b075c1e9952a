// Apps, accounts, devices, specs, plans and customers as admission reads them: loaded together with what others ask
// for at the same moment, kept in memory, dropped when somebody tells of a change. It never writes.

import { randomBytes } from 'node:crypto';
import type { Change } from '../../platform/bus/bus.ts';
import type { Secrets } from '../../platform/secrets/sealed-box.ts';
import { oneOf } from '../../platform/store/one-of.ts';
import { sql } from '../../platform/store/sql.ts';
import type { Store } from '../../platform/store/store.ts';
import type { AppsTable } from '../../platform/store/tables.ts';
import { DIRECTORY_AGE_MS_MAX, DIRECTORY_ROWS_MAX } from '../../config/limits.ts';
import { addressRanges } from './address-ranges.ts';
import { readAppAllocation, readAppQuota } from './app-policy.ts';
import { appSecretContext } from './app-secret.ts';
import { BatchedTable } from './batched-table.ts';
import { readBillingPlan } from './billing-plan.ts';
import {
  ACCOUNT_COLUMNS,
  accountRecord,
  type AccountRecord,
  type AppRecord,
  type CustomerRecord,
  DEVICE_COLUMNS,
  deviceRecord,
  type DeviceRecord,
  type PlanRecord,
  type SpecRecord,
} from './directory-records.ts';
import { jsonRows } from './json-rows.ts';
import { readServiceSpec } from './service-spec.ts';

const OPTIONS = { rowsMax: DIRECTORY_ROWS_MAX, ageMsMax: DIRECTORY_AGE_MS_MAX };

export class Directory {
  readonly apps: BatchedTable<AppRecord>;
  readonly customers: BatchedTable<CustomerRecord>;
  readonly specs: BatchedTable<SpecRecord>;
  readonly plans: BatchedTable<PlanRecord>;
  readonly accounts: BatchedTable<AccountRecord>;
  /** By app's id, a space, and the device's own name. */
  readonly devices: BatchedTable<DeviceRecord>;
  readonly devicesById: BatchedTable<DeviceRecord>;
  readonly #byAppKey: BatchedTable<AppRecord>;
  readonly #byUsername: BatchedTable<AccountRecord>;
  /** Ids of devices that have changed and are still kept. */
  #changedDevices = new Set<string>();
  /** Changes of accounts and devices that were told of so far. */
  #changes = 0;
  readonly #store: Store;
  readonly #secrets: Secrets;

  constructor(store: Store, secrets: Secrets) {
    this.#store = store;
    this.#secrets = secrets;
    const { db } = store;
    const among = (column: string, values: readonly string[]) => oneOf(store.dialect, column, values);
    this.apps = new BatchedTable({
      ...OPTIONS,
      load: async (ids) => {
        const rows = await db.selectFrom('apps').selectAll().where(among('id', ids)).execute();
        return new Map(rows.map((row) => [row.id, this.#appRecord(row)]));
      },
    });
    this.#byAppKey = new BatchedTable({
      ...OPTIONS,
      load: async (keys) => {
        const rows = await db.selectFrom('apps').selectAll().where(among('app_key', keys)).execute();
        return new Map(rows.map((row) => [row.app_key, this.#appRecord(row)]));
      },
    });
    this.customers = new BatchedTable({
      ...OPTIONS,
      load: async (ids) => {
        const rows = await db
          .selectFrom('customers')
          .select(['id', 'status'])
          .where(among('id', ids))
          .execute();
        return new Map(rows.map(({ id, status }) => [id, { id, isActive: status === 'active' }]));
      },
    });
    this.specs = new BatchedTable({
      ...OPTIONS,
      load: async (ids) => {
        const rows = await db
          .selectFrom('service_specs')
          .select(['id', 'spec'])
          .where(among('id', ids))
          .execute();
        return new Map(rows.map(({ id, spec }) => [id, { id, spec: readServiceSpec(spec) }]));
      },
    });
    this.plans = new BatchedTable({
      ...OPTIONS,
      load: async (ids) => {
        const rows = await db
          .selectFrom('billing_plans')
          .select(['id', 'plan'])
          .where(among('id', ids))
          .execute();
        return new Map(rows.map(({ id, plan }) => [id, { id, plan: readBillingPlan(plan) }]));
      },
    });
    this.accounts = new BatchedTable({ ...OPTIONS, load: (ids) => this.#accountsBy('id', ids) });
    this.#byUsername = new BatchedTable({ ...OPTIONS, load: (names) => this.#accountsBy('username', names) });
    this.devices = new BatchedTable({ ...OPTIONS, load: (keys) => this.#devicesBy(keys) });
    this.devicesById = new BatchedTable({
      ...OPTIONS,
      load: async (ids) => {
        const rows = await db.selectFrom('devices').select(DEVICE_COLUMNS).where(among('id', ids)).execute();
        return new Map(rows.map((row) => [row.id, deviceRecord(row)]));
      },
    });
  }

  appByKey(appKey: string): AppRecord | undefined | Promise<AppRecord | undefined> {
    return this.#byAppKey.get(appKey);
  }

  /** What is kept by user name counts only while the same record is kept by id, which is the one that changes drop. */
  accountByUsername(username: string): AccountRecord | undefined | Promise<AccountRecord | undefined> {
    const kept = this.#byUsername.peek(username);
    if (kept !== undefined && this.accounts.peek(kept.id) === kept) return kept;
    return this.freshByUsername(username);
  }

  /** As the store has it now, whatever is kept. */
  async freshByUsername(username: string): Promise<AccountRecord | undefined> {
    const asOf = this.asOf();
    const account = await this.#byUsername.fresh(username);
    // What is not kept by its name has been read anew meanwhile, or taken over from a write.
    const isKept = account !== undefined && this.#byUsername.peek(username) === account;
    if (isKept && asOf === this.asOf()) this.accounts.put(account.id, account);
    return account;
  }

  device(appId: string, deviceId: string): DeviceRecord | undefined | Promise<DeviceRecord | undefined> {
    if (this.#changedDevices.size > 0) {
      const changed = this.#changedDevices;
      this.#changedDevices = new Set();
      this.devices.dropWhere((device) => changed.has(device.id));
    }
    return this.devices.get(deviceKey(appId, deviceId));
  }

  /** How far it has heard of changes: what is read from now on is at least as new. */
  asOf(): number {
    return this.#changes;
  }

  /** Takes over what a write has read or made that began `asOf`; not where a change was told of since. */
  keepAccount(account: AccountRecord, asOf: number): void {
    if (asOf !== this.#changes) return;
    this.accounts.put(account.id, account);
    this.#byUsername.put(account.username, account);
  }

  /** As keepAccount. */
  keepDevice(device: DeviceRecord, asOf: number): void {
    if (asOf === this.#changes) this.devices.put(deviceKey(device.appId, device.deviceId), device);
  }

  /** What a write has made of `known`, which it has not read anew: no younger than that, and nothing where it is gone. */
  changeDevice(known: DeviceRecord, device: DeviceRecord): void {
    this.devices.replace(deviceKey(device.appId, device.deviceId), known, device);
  }

  /** Forgets everything: changes may have been missed. */
  forgetAll(): void {
    this.#changes += 1;
    const tables = [this.apps, this.customers, this.specs, this.plans, this.accounts];
    for (const table of [...tables, this.devices, this.devicesById]) table.clear();
    for (const table of [this.#byAppKey, this.#byUsername]) table.clear();
  }

  /** Forgets what a change makes stale; also what is being loaded at this moment. */
  forget({ kind, id }: Change): void {
    switch (kind) {
      case 'app':
        this.apps.drop(id);
        this.#byAppKey.dropWhere((app) => app.id === id);
        return;
      case 'account':
        this.#changes += 1;
        return this.accounts.drop(id);
      case 'accounts_of_app':
        this.#changes += 1;
        this.accounts.dropWhere(({ appId }) => appId === id);
        this.devicesById.dropWhere(({ appId }) => appId === id);
        return this.devices.dropWhere(({ appId }) => appId === id);
      case 'spec':
        return this.specs.drop(id);
      case 'plan':
        return this.plans.drop(id);
      case 'customer':
        return this.customers.drop(id);
      case 'device':
        // Also one that was not there when it was asked for: what is being loaded now is not kept.
        this.#changes += 1;
        this.#changedDevices.add(id);
        return this.devicesById.drop(id);
      case 'mountpoint':
      case 'api_key':
      case 'balance':
      case 'certificate':
      case 'vehicle':
    }
  }

  async #accountsBy(column: 'id' | 'username', keys: readonly string[]): Promise<Map<string, AccountRecord>> {
    const rows = await this.#store.db
      .selectFrom('accounts')
      .select(ACCOUNT_COLUMNS)
      .where(oneOf(this.#store.dialect, column, keys))
      .execute();
    return new Map(rows.map((row) => [row[column], accountRecord(row)]));
  }

  async #devicesBy(keys: readonly string[]): Promise<Map<string, DeviceRecord>> {
    const wanted = keys.map((key) => {
      const [app = '', device = ''] = key.split(' ');
      return { app, device };
    });
    const rows = await this.#store.db
      .selectFrom('devices')
      .innerJoin(
        sql<{
          app: string;
          device: string;
        }>`(select * from ${jsonRows(this.#store.dialect, wanted, { app: 'text', device: 'text' })})`.as('w'),
        (join) => join.onRef('devices.app_id', '=', 'w.app').onRef('devices.device_id', '=', 'w.device'),
      )
      .select(DEVICE_COLUMNS.map((column) => `devices.${column}` as const))
      .execute();
    return new Map(rows.map((row) => [deviceKey(row.app_id, row.device_id), deviceRecord(row)]));
  }

  #appRecord(row: AppsTable): AppRecord {
    const context = appSecretContext(row.id);
    // What was sealed under another master key does not open. Nobody must get in by it, so nobody may guess it either.
    const open = (sealed: string): string =>
      this.#secrets.open(sealed, context) ?? randomBytes(32).toString('base64url');
    const { previous_secret_sealed: previous, previous_secret_until: untilMs } = row;
    return {
      id: row.id,
      customerId: row.customer_id,
      appKey: row.app_key,
      secret: open(row.secret_sealed),
      previousSecret: previous === null || untilMs === null ? undefined : { secret: open(previous), untilMs },
      isActive: row.status === 'active',
      activation: row.activation,
      isBound: row.bound === 1,
      specId: row.service_spec_id,
      planId: row.billing_plan_id,
      allowsAddress: addressRanges(row.ip_ranges),
      quota: readAppQuota(row.quota),
      allocation: readAppAllocation(row.allocation),
    };
  }
}

function deviceKey(appId: string, deviceId: string): string {
  return `${appId} ${deviceId}`;
}
