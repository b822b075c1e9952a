// Forgets jobs of long ago with their rows, a few rows at a time.

import { JOB_KEPT_MS } from '../../../config/limits.ts';
import type { Kysely } from '../../../platform/store/sql.ts';
import type { Tables } from '../../../platform/store/tables.ts';

const ROWS_AT_ONCE = 500;

export async function deleteOldJobs(db: Kysely<Tables>, breather: () => Promise<void>): Promise<void> {
  for (;;) {
    const old = await db
      .selectFrom('jobs')
      .select(['id', 'done', 'failed'])
      .where('created_at', '<', Date.now() - JOB_KEPT_MS)
      .where('state', '!=', 'running')
      .orderBy('id')
      .limit(1)
      .executeTakeFirst();
    if (old === undefined) return;
    for (let row = ROWS_AT_ONCE; row < old.done + old.failed; row += ROWS_AT_ONCE) {
      await db.deleteFrom('job_rows').where('job_id', '=', old.id).where('row', '<', row).execute();
      await breather();
    }
    await db.deleteFrom('jobs').where('id', '=', old.id).execute();
    await breather();
  }
}
