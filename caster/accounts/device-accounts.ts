// Accounts that somebody outside of the caster gives to devices of an app and takes from them again: bound to the device
// for good, activated when given, and used with a derived password. Taken away means that its validity has ended, so
// that an operator's suspension stays an operator's. An account that was bound to the device by anybody else is left alone.

import type { ChangeBus } from '../../platform/bus/bus.ts';
import type { Kysely, Transaction } from '../../platform/store/sql.ts';
import type { Store } from '../../platform/store/store.ts';
import type { AppsTable, DevicesTable, Tables } from '../../platform/store/tables.ts';
import { derivedPassword } from './account-password.ts';
import { bindDevices } from './bulk/bind-devices.ts';
import type { Directory } from './directory.ts';
import type { AccountRow } from './records/account-filter.ts';
import { changeAccounts, findAccount, insertAccounts, newAccountRows } from './records/account-records.ts';
import { findApp } from './records/app-records.ts';
import { termsOf } from './service-terms.ts';
import { checkRaw, checkShared } from './steps/authorize-account.ts';
import type { StoreAdmissionParts } from './store-admission.ts';

export interface DeviceOfApp {
  readonly appId: string;
  /** As the device names itself. */
  readonly deviceId: string;
}

export type GivenAccount =
  | {
      readonly ok: true;
      readonly username: string;
      readonly password: string;
      readonly mountpoint: string;
    }
  | {
      readonly ok: false;
      readonly reason:
        | 'app_not_found'
        | 'app_suspended'
        | 'device_blocked'
        | 'device_has_account'
        | 'devices_full'
        | 'account_suspended'
        | 'password_chosen'
        | 'no_mountpoint';
    };

type Refused = Extract<GivenAccount, { ok: false }>;

export interface DeviceAccountsParts {
  readonly store: Store;
  readonly bus: ChangeBus;
  readonly directory: Directory;
  readonly accountKey: Buffer;
  readonly mountpoints: StoreAdmissionParts['mountpoints'];
}

/** Operators see all. */
const ANYBODY = { customerId: null };
/** What names of accounts begin with that nobody made by hand. */
const USERNAME_PREFIX = 'v';
/** Of a spec that serves the nearest base whatever is asked for. */
const NEAREST = 'NEAREST';

export class DeviceAccounts {
  readonly #parts: DeviceAccountsParts;

  constructor(parts: DeviceAccountsParts) {
    this.#parts = parts;
  }

  /** The same account each time. */
  async give(asked: DeviceOfApp): Promise<GivenAccount> {
    const { store, bus, accountKey } = this.#parts;
    const { appId } = asked;
    const given = await store.write(async (tx) => {
      const app = await findApp(store, tx, ANYBODY, appId);
      if (app === undefined) return refused('app_not_found');
      if (app.status !== 'active') return refused('app_suspended');
      const device = await this.#device(tx, asked);
      if (device?.status === 'blocked') return refused('device_blocked');
      if (device?.account_id == null) return await this.#make(tx, app, asked.deviceId);
      if (!(await isGiven(tx, device.account_id))) return refused('device_has_account');
      return await this.#renew(tx, device.account_id);
    });
    if ('reason' in given) return given;
    const { account, isChanged } = given;
    if (isChanged) {
      bus.publish({ kind: 'account', id: account.id });
      bus.publish({ kind: 'device', id: account.bound_device_id! });
    }
    const mountpoint = await this.#mountpointFor(appId, account.id);
    if (mountpoint === undefined) return refused('no_mountpoint');
    const password = derivedPassword(accountKey, account.id, account.password_version);
    return { ok: true, username: account.username, password, mountpoint };
  }

  /** Running streams end, new logins are refused. Nothing happens where it was given none. */
  async take(device: DeviceOfApp): Promise<void> {
    const { store, bus } = this.#parts;
    const nowMs = Date.now();
    const changed = await store.write(async (tx) => {
      const row = await this.#device(tx, device);
      if (row?.account_id == null || !(await isGiven(tx, row.account_id))) return [];
      const account = await findAccount(store, tx, ANYBODY, row.account_id);
      if (account === undefined || isOver(account, nowMs)) return [];
      const over = { kind: 'setValidUntil', validUntilMs: nowMs } as const;
      return (await changeAccounts(store, tx, [account], over, nowMs)).changedIds;
    });
    for (const id of changed) bus.publish({ kind: 'account', id });
  }

  async #device(tx: Kysely<Tables>, { appId, deviceId }: DeviceOfApp): Promise<DevicesTable | undefined> {
    return await tx
      .selectFrom('devices')
      .selectAll()
      .where('app_id', '=', appId)
      .where('device_id', '=', deviceId)
      .executeTakeFirst();
  }

  /** `app` is locked, so that two who come for the same device do not both make one. */
  async #make(tx: Transaction<Tables>, app: AppsTable, deviceId: string): Promise<Made | Refused> {
    const { store } = this.#parts;
    const nowMs = Date.now();
    const about = {
      ...{ appId: app.id, customerId: app.customer_id, prefix: USERNAME_PREFIX },
      ...{ validUntilMs: null, activate: true, validityDays: undefined },
      ...{ serviceSpecId: null, billingPlanId: null, note: deviceId },
    };
    const [account] = newAccountRows(about, 1, nowMs);
    await insertAccounts(store, tx, [account!]);
    const asked = [{ deviceId, accountId: account!.id }];
    const [bound] = await bindDevices(store, tx, asked, { app, nowMs });
    if (!bound!.ok) {
      await tx.deleteFrom('accounts').where('id', '=', account!.id).execute();
      return refused('devices_full');
    }
    await tx.insertInto('given_accounts').values({ account_id: account!.id }).execute();
    return { account: { ...account!, bound_device_id: bound!.device.id }, isChanged: true };
  }

  async #renew(tx: Transaction<Tables>, accountId: string): Promise<Made | Refused> {
    const { store } = this.#parts;
    const nowMs = Date.now();
    const account = (await findAccount(store, tx, ANYBODY, accountId))!;
    if (account.status !== 'active') return refused('account_suspended');
    if (account.password_hash !== null) return refused('password_chosen');
    const endless = isOver(account, nowMs) ? { ...account, valid_until: null } : account;
    const wanted: AccountRow = { ...endless, activated_at: account.activated_at ?? nowMs };
    if (wanted.valid_until === account.valid_until && wanted.activated_at === account.activated_at)
      return { account, isChanged: false };
    const { valid_until, activated_at } = wanted;
    await tx
      .updateTable('accounts')
      .set({ valid_until, activated_at, updated_at: nowMs })
      .where('id', '=', accountId)
      .execute();
    return { account: wanted, isChanged: true };
  }

  /** One that the account may have: of those that its spec names, else the first that there is. */
  async #mountpointFor(appId: string, accountId: string): Promise<string | undefined> {
    const { directory, mountpoints } = this.#parts;
    const [app, account] = await Promise.all([directory.apps.get(appId), directory.accounts.get(accountId)]);
    if (app === undefined || account === undefined) return undefined;
    const { spec } = await termsOf(directory, app, account);
    if (spec.ignoreMountpoint) return NEAREST;
    return (spec.mountpoints ?? [...mountpoints.names()].toSorted()).find(
      (name) =>
        checkShared(spec, mountpoints.servesOnly(name), app.customerId) === undefined &&
        checkRaw(spec, mountpoints.isRaw(name)) === undefined,
    );
  }
}

interface Made {
  readonly account: AccountRow;
  readonly isChanged: boolean;
}

function refused(reason: Refused['reason']): Refused {
  return { ok: false, reason };
}

async function isGiven(db: Kysely<Tables>, accountId: string): Promise<boolean> {
  const rows = db.selectFrom('given_accounts').select('account_id').where('account_id', '=', accountId);
  return (await rows.executeTakeFirst()) !== undefined;
}

function isOver({ valid_until }: AccountRow, nowMs: number): boolean {
  return valid_until !== null && valid_until <= nowMs;
}
