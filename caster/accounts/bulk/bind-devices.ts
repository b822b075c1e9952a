// Binds devices to an app, and to accounts of it where that is asked for: new ones are made, known ones are bound. The
// same call again changes nothing. What cannot be done is told row by row; the caller decides what becomes of the rest.
// Whoever makes devices of an app does so one after the other, so that they are never more than its quota.

import { newId } from '../../../platform/store/id.ts';
import { insertAll } from '../../../platform/store/insert-all.ts';
import { oneOf } from '../../../platform/store/one-of.ts';
import { type Kysely, sql } from '../../../platform/store/sql.ts';
import type { Store } from '../../../platform/store/store.ts';
import type { AppsTable, DevicesTable, Tables } from '../../../platform/store/tables.ts';
import { readAppQuota } from '../app-policy.ts';
import { jsonRows } from '../json-rows.ts';
import type { AccountRow } from '../records/account-filter.ts';
import { lockAccounts } from '../records/account-records.ts';

export interface DeviceToBind {
  readonly deviceId: string;
  /** Null takes the account from it; undefined leaves it as it is. */
  readonly accountId?: string | null | undefined;
}

export type BoundDevice =
  | { readonly ok: true; readonly device: DevicesTable; readonly isNew: boolean }
  | {
      readonly ok: false;
      readonly code: 'account_not_found' | 'account_of_other_app' | 'account_bound' | 'devices_full';
    };

export interface BindContext {
  readonly app: Pick<AppsTable, 'id' | 'customer_id'>;
  readonly nowMs: number;
  /** For a trial, of which nothing is written: devices that may be made still. Else they are counted. */
  readonly trialRoom?: number;
}

/** In the order of `asked`, in which no device and no account stands twice. */
export async function bindDevices(
  dialects: Pick<Store, 'dialect'>,
  tx: Kysely<Tables>,
  asked: readonly DeviceToBind[],
  { app, nowMs, trialRoom }: BindContext,
): Promise<BoundDevice[]> {
  const { known, room } = await knownAndRoom(dialects, tx, app.id, asked, trialRoom);
  const byName = new Map(known.map((device) => [device.device_id, device]));
  const wanted = asked.flatMap(({ accountId }) => (typeof accountId === 'string' ? [accountId] : []));
  const lost = known.flatMap(({ account_id }) => (account_id === null ? [] : [account_id]));
  const accounts = await lockAccounts(dialects, tx, { customerId: app.customer_id }, [
    ...new Set([...wanted, ...lost]),
  ]);

  let made = 0;
  const results = asked.map(({ deviceId, accountId }): BoundDevice => {
    const before = byName.get(deviceId);
    const refused =
      typeof accountId === 'string' ? refuse(accounts.get(accountId), app.id, before) : undefined;
    if (refused !== undefined) return { ok: false, code: refused };
    if (before === undefined && ++made > room) return { ok: false, code: 'devices_full' };
    const device = before ?? newDevice(app, deviceId, nowMs);
    return {
      ok: true,
      device: { ...device, bound: 1, account_id: accountId === undefined ? device.account_id : accountId },
      isNew: before === undefined,
    };
  });
  if (trialRoom !== undefined) return results;
  const bound = results.flatMap((result) => (result.ok ? [result.device] : []));
  await writeDevices(dialects, tx, bound, byName, nowMs);
  return results;
}

/** Those of `asked` that are there, and how many may be made beside all that there are. */
async function knownAndRoom(
  { dialect }: Pick<Store, 'dialect'>,
  tx: Kysely<Tables>,
  appId: string,
  asked: readonly DeviceToBind[],
  trialRoom: number | undefined,
): Promise<{ readonly known: readonly DevicesTable[]; readonly room: number }> {
  const names = asked.map(({ deviceId }) => deviceId);
  const devices = tx.selectFrom('devices').selectAll().where('app_id', '=', appId);
  const find = () => devices.where(oneOf(dialect, 'device_id', names)).execute();
  const known = await find();
  if (trialRoom !== undefined || known.length === asked.length) return { known, room: trialRoom ?? 0 };
  const query = tx.selectFrom('apps').select('quota').where('id', '=', appId);
  // As logins do that bring new devices: what they and other calls have made is there once this has the row.
  const app = await (dialect === 'postgres' ? query.forNoKeyUpdate() : query).executeTakeFirst();
  const present = dialect === 'postgres' ? await find() : known;
  const most = app === undefined ? 0 : readAppQuota(app.quota).devicesMax;
  return { known: present, room: most === null ? Infinity : most - (await countDevices(tx, appId)) };
}

/** At once, as the quota is held to within the transaction: some 30 ns of the index a device. */
async function countDevices(tx: Kysely<Tables>, appId: string): Promise<number> {
  const { count } = await tx
    .selectFrom('devices')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('app_id', '=', appId)
    .executeTakeFirstOrThrow();
  return count;
}

function refuse(
  account: AccountRow | undefined,
  appId: string,
  device: DevicesTable | undefined,
): 'account_not_found' | 'account_of_other_app' | 'account_bound' | undefined {
  if (account === undefined) return 'account_not_found';
  if (account.app_id !== appId) return 'account_of_other_app';
  const isBoundElsewhere = account.bound_device_id !== null && account.bound_device_id !== device?.id;
  return isBoundElsewhere ? 'account_bound' : undefined;
}

function newDevice(app: BindContext['app'], deviceId: string, nowMs: number): DevicesTable {
  return {
    id: newId('dev'),
    app_id: app.id,
    customer_id: app.customer_id,
    device_id: deviceId,
    status: 'active',
    bound: 1,
    account_id: null,
    last_account_id: null,
    last_seen_at: null,
    created_at: nowMs,
  };
}

async function writeDevices(
  dialects: Pick<Store, 'dialect'>,
  tx: Kysely<Tables>,
  devices: readonly DevicesTable[],
  before: ReadonlyMap<string, DevicesTable>,
  nowMs: number,
): Promise<void> {
  const { dialect } = dialects;
  const made = devices.filter(({ device_id }) => !before.has(device_id));
  await insertAll(dialects, tx, 'devices', made);
  const changed = devices.flatMap((device) => {
    const old = before.get(device.device_id);
    return old === undefined || (old.bound === 1 && old.account_id === device.account_id)
      ? []
      : [{ device, old }];
  });
  if (changed.length > 0) {
    const pairs = changed.map(({ device }) => ({ device: device.id, account: device.account_id }));
    await sql`update devices set bound = 1, account_id = j.account
      from ${jsonRows(dialect, pairs, { device: 'text', account: 'text' })} where devices.id = j.device`.execute(
      tx,
    );
  }
  const left = changed.flatMap(({ device, old }) =>
    old.account_id === null || old.account_id === device.account_id ? [] : [old.account_id],
  );
  if (left.length > 0) {
    await tx
      .updateTable('accounts')
      .set({ bound_device_id: null, updated_at: nowMs })
      .where(oneOf(dialect, 'id', left))
      .execute();
  }
  const pairs = devices.flatMap((device) =>
    device.account_id === null || before.get(device.device_id)?.account_id === device.account_id
      ? []
      : [{ device: device.id, account: device.account_id }],
  );
  if (pairs.length > 0) {
    await sql`update accounts set bound_device_id = j.device, updated_at = ${nowMs}
      from ${jsonRows(dialect, pairs, { device: 'text', account: 'text' })} where accounts.id = j.account`.execute(
      tx,
    );
  }
}
