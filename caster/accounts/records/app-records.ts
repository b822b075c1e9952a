// Reads of apps for administrators, and the end of one with all that it has.

import { type Actor, visible } from '../../../platform/http/actor.ts';
import { locked } from '../../../platform/store/row-lock.ts';
import type { Kysely } from '../../../platform/store/sql.ts';
import type { Store } from '../../../platform/store/store.ts';
import type { AppsTable, Tables } from '../../../platform/store/tables.ts';
import { Pace } from '../bulk/pace.ts';

/** A `tx` locks the row where others write beside it. */
export async function findApp(
  { dialect }: Pick<Store, 'dialect'>,
  db: Kysely<Tables>,
  actor: Pick<Actor, 'customerId'>,
  id: string,
): Promise<AppsTable | undefined> {
  const query = db.selectFrom('apps').selectAll().where('id', '=', id).where(visible(actor));
  return await locked(dialect, db, query).executeTakeFirst();
}

/** Deletes devices and accounts of an app a few at a time. */
export async function emptyApp(store: Store, appId: string): Promise<void> {
  const pace = new Pace();
  for (const table of ['devices', 'accounts'] as const) {
    for (;;) {
      const { rows } = pace;
      const deleted = await pace.piece(rows, async () => {
        const { numDeletedRows } = await store.db
          .deleteFrom(table)
          .where('id', 'in', (query) =>
            query.selectFrom(table).select('id').where('app_id', '=', appId).orderBy('id').limit(rows),
          )
          .executeTakeFirst();
        return Number(numDeletedRows);
      });
      if (deleted < rows) break;
    }
  }
}
