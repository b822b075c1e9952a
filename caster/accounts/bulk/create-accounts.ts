// Writes many new accounts in pieces, all or none: what was written before a failure is taken back.

import { oneOf } from '../../../platform/store/one-of.ts';
import type { Store } from '../../../platform/store/store.ts';
import type { AccountRow } from '../records/account-filter.ts';
import { insertAccounts } from '../records/account-records.ts';
import { inPieces, Pace } from './pace.ts';

export async function createAccounts(store: Store, rows: readonly AccountRow[]): Promise<void> {
  let written = 0;
  try {
    await inPieces(new Pace(), rows, async (piece) => {
      await store.write((tx) => insertAccounts(store, tx, piece));
      written += piece.length;
    });
  } catch (error) {
    await inPieces(new Pace(), rows.slice(0, written), async (piece) => {
      const ids = piece.map(({ id }) => id);
      await store.db
        .deleteFrom('accounts')
        .where(oneOf(store.dialect, 'id', ids))
        .execute();
    });
    throw error;
  }
}
