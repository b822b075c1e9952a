// A bulk job that makes accounts with user names of its own making. Their passwords are derived, and can be exported.

import type { Store } from '../../../platform/store/store.ts';
import { insertAccounts, type NewAccounts, newAccountRows } from '../records/account-records.ts';
import type { AccountRow } from '../records/account-filter.ts';
import type { BulkWork } from './bulk-jobs.ts';

export function creatingWork(store: Store, given: NewAccounts, count: number): BulkWork<AccountRow> {
  let left = count;
  return {
    take: (rows) => {
      const piece = newAccountRows(given, Math.min(rows, left), Date.now());
      left -= piece.length;
      return Promise.resolve(piece);
    },
    act: async (tx, rows) => {
      await insertAccounts(store, tx, rows);
      return rows.map(({ id, username }) => ({ ok: true, target: id, detail: username }));
    },
    // Nobody can know anything of an account that was not there.
    tell: () => undefined,
  };
}
