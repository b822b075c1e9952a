// Forgets up to where sessions of long ago are charged, a few at a time. No window of theirs can still come: what a
// node has not charged waits in its folder, and a node that was away for longer has nothing to come back to.

import { CHARGE_MARKS_AT_ONCE, CHARGE_MARKS_KEPT_MS } from '../../../config/limits.ts';
import { sql } from '../../../platform/store/sql.ts';
import type { Store } from '../../../platform/store/store.ts';
import { breather } from '../../accounts/bulk/pace.ts';

export async function forgetOldMarks({ db }: Pick<Store, 'db'>, nowMs: number): Promise<void> {
  const beforeMs = nowMs - CHARGE_MARKS_KEPT_MS;
  for (;;) {
    const { numAffectedRows = 0n } = await sql`delete from charge_marks where session_id in
      (select session_id from charge_marks where updated_at < ${beforeMs} limit ${sql.lit(CHARGE_MARKS_AT_ONCE)})`.execute(
      db,
    );
    if (Number(numAffectedRows) < CHARGE_MARKS_AT_ONCE) return;
    await breather();
  }
}
