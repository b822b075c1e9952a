// A bulk job that makes accounts with user names of its own making. Their passwords are derived, and can be exported.

import type { Store } from '../../../platform/store/store.ts';
import { insertAccounts, type NewAccounts, newAccountRows } from '../records/account-records.ts';
import type { AccountRow } from '../records/account-filter.ts';
import type { AccountRoom } from '../records/account-room.ts';
import type { BulkWork } from './bulk-jobs.ts';

export function creatingWork(
  store: Store,
  room: AccountRoom,
  given: NewAccounts,
  count: number,
): BulkWork<AccountRow> {
  let left = count;
  return {
    take: (rows) => {
      const piece = newAccountRows(given, Math.min(rows, left), Date.now());
      left -= piece.length;
      return Promise.resolve(piece);
    },
    act: async (tx, rows) => {
      const made = await room.take(tx, rows.length);
      await insertAccounts(store, tx, rows.slice(0, made));
      return rows.map(({ id, username }, index) =>
        index < made
          ? { ok: true, target: id, detail: username }
          : { ok: false, target: null, code: 'accounts_full' },
      );
    },
    // Nobody can know anything of an account that was not there.
    tell: () => undefined,
  };
}
