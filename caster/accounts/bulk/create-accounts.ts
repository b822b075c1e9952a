// Writes many new accounts in pieces, all or none: what was written before a failure is taken back.

import { oneOf } from '../../../platform/store/one-of.ts';
import type { Store } from '../../../platform/store/store.ts';
import type { AccountRow } from '../records/account-filter.ts';
import { insertAccounts } from '../records/account-records.ts';
import type { AccountRoom } from '../records/account-room.ts';
import { inPieces, Pace } from './pace.ts';

/** Others have made accounts meanwhile, and there is no room any more. */
export class AppFull extends Error {}

/** `rowsOf` makes the next rows, of which so many there are before. */
export async function createAccounts(
  store: Store,
  room: AccountRoom,
  count: number,
  rowsOf: (before: number, rows: number) => readonly AccountRow[],
): Promise<readonly AccountRow[]> {
  const pace = new Pace();
  const made: AccountRow[] = [];
  try {
    while (made.length < count) {
      const rows = Math.min(pace.rows, count - made.length);
      await pace.piece(rows, async () => {
        const piece = rowsOf(made.length, rows);
        await store.write(async (tx) => {
          if ((await room.take(tx, rows)) < rows) throw new AppFull();
          await insertAccounts(store, tx, piece);
        });
        made.push(...piece);
      });
    }
    return made;
  } catch (error) {
    await inPieces(new Pace(), made, async (piece) => {
      const ids = piece.map(({ id }) => id);
      await store.db
        .deleteFrom('accounts')
        .where(oneOf(store.dialect, 'id', ids))
        .execute();
    });
    throw error;
  }
}
