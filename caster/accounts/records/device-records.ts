// Reads and single writes of devices for administrators. Logins read through the directory.

import { type Actor, visible } from '../../../platform/http/actor.ts';
import { locked } from '../../../platform/store/row-lock.ts';
import type { Kysely } from '../../../platform/store/sql.ts';
import type { Store } from '../../../platform/store/store.ts';
import type { DevicesTable, Tables } from '../../../platform/store/tables.ts';

/** A `tx` locks the row where others write beside it. */
export async function findDevice(
  { dialect }: Pick<Store, 'dialect'>,
  db: Kysely<Tables>,
  actor: Pick<Actor, 'customerId'>,
  id: string,
): Promise<DevicesTable | undefined> {
  const query = db.selectFrom('devices').selectAll().where('id', '=', id).where(visible(actor));
  return await locked(dialect, db, query).executeTakeFirst();
}

/** It may use its app no more where the app takes bound devices only; its account is free for others. */
export async function unbindDevice(
  tx: Kysely<Tables>,
  device: DevicesTable,
  nowMs: number,
): Promise<DevicesTable> {
  const changed = { bound: 0, account_id: null } as const;
  await tx.updateTable('devices').set(changed).where('id', '=', device.id).execute();
  await tx
    .updateTable('accounts')
    .set({ bound_device_id: null, updated_at: nowMs })
    .where('bound_device_id', '=', device.id)
    .execute();
  return { ...device, ...changed };
}
