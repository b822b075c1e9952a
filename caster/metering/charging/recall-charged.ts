// Up to where running sessions are charged, read from the store by a metering process that is started again amid them:
// without it everything that they have used would be taken for not charged yet, a second time.

import { CHARGE_MARKS_AT_ONCE } from '../../../config/limits.ts';
import type { Store } from '../../../platform/store/store.ts';
import { readMarks } from './charge-tables.ts';
import type { ChargedState } from './charged-state.ts';
import type { Charging } from './charging.ts';

export interface RecallParts {
  readonly store: Store;
  readonly state: Pick<ChargedState, 'recall'>;
  readonly turns: Charging['turns'];
}

export async function recallCharged(
  { store, state, turns }: RecallParts,
  sessionIds: readonly string[],
): Promise<void> {
  for (let from = 0; from < sessionIds.length; from += CHARGE_MARKS_AT_ONCE) {
    const some = sessionIds.slice(from, from + CHARGE_MARKS_AT_ONCE);
    await turns.take();
    try {
      state.recall(await readMarks(store, store.db, some));
    } finally {
      turns.give();
    }
  }
}
