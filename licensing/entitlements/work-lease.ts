// Work that one process at a time does, of all that share the store. The right to it is a lease by the clock of the
// database: who is gone loses it, and each new holder has a token of its own, so that what an old one still does can be
// told from it.

import { sql } from '../../platform/store/sql.ts';
import type { Store } from '../../platform/store/store.ts';
import { storeTimeMs } from '../../platform/store/store-time.ts';

const LOOSELY = { durable: false } as const;

export interface Work {
  readonly name: string;
  readonly holder: string;
  readonly leaseMs: number;
}

/** The holder's token, the same for as long as it prolongs the lease in time; undefined where another one has it. */
export async function takeWork(store: Store, { name, holder, leaseMs }: Work): Promise<number | undefined> {
  const now = storeTimeMs(store.dialect);
  const row = { name, holder, token: 1, until: sql<number>`${now} + ${leaseMs}` };
  const taken = await store.write(
    (tx) =>
      tx
        .insertInto('work_leases')
        .values(row)
        .onConflict((conflict) =>
          conflict
            .column('name')
            .doUpdateSet({
              token: sql<number>`case when work_leases.holder = ${holder} and work_leases.until > ${now}
                then work_leases.token else work_leases.token + 1 end`,
              holder,
              until: row.until,
            })
            .where(sql<boolean>`work_leases.holder = ${holder} or work_leases.until <= ${now}`),
        )
        .returning('token')
        .executeTakeFirst(),
    LOOSELY,
  );
  return taken?.token;
}

export async function leaveWork(
  store: Store,
  { name, token }: { readonly name: string; readonly token: number },
): Promise<void> {
  await store.write(
    (tx) =>
      tx
        .updateTable('work_leases')
        .set({ until: 0 })
        .where('name', '=', name)
        .where('token', '=', token)
        .execute(),
    LOOSELY,
  );
}
