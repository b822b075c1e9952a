// How many accounts or devices an app has, without keeping the thread while a million of them are counted.

import { LIST_SCAN_ROWS_MAX } from '../../../config/limits.ts';
import type { Kysely } from '../../../platform/store/sql.ts';
import type { Tables } from '../../../platform/store/tables.ts';
import { breather } from '../bulk/pace.ts';

/** Those with ids before `until`, or all. Rows that come and go meanwhile may be counted or not. */
export async function countOfApp(
  db: Kysely<Tables>,
  table: 'accounts' | 'devices',
  appId: string,
  until?: string,
): Promise<number> {
  let after = '';
  for (let count = 0; ; count += LIST_SCAN_ROWS_MAX) {
    let rest = db
      .selectFrom(table)
      .select('id')
      .where('app_id', '=', appId)
      .where('id', '>', after)
      .orderBy('id')
      .limit(LIST_SCAN_ROWS_MAX);
    if (until !== undefined) rest = rest.where('id', '<', until);
    const last = await db
      .selectFrom(rest.as('rest'))
      .select(({ fn }) => [fn.countAll<number>().as('count'), fn.max('id').as('last')])
      .executeTakeFirstOrThrow();
    if (last.count < LIST_SCAN_ROWS_MAX) return count + last.count;
    after = last.last;
    await breather();
  }
}
