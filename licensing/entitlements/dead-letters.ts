// What no consumer could do: kept for people with what went wrong, shown, and given to the queue again when they say so.

import type { ConsumerPorts } from '../../platform/bus/queue-consumer.ts';
import type { Journal } from '../../platform/observe/journal.ts';
import { newId } from '../../platform/store/id.ts';
import type { Transaction } from '../../platform/store/sql.ts';
import type { Store } from '../../platform/store/store.ts';
import type { Tables } from '../../platform/store/tables.ts';
import type { QueueCounts } from './queue-counts.ts';

/** Characters of what went wrong. */
const PROBLEM_LENGTH_MAX = 500;

export function deadLetterPorts(
  store: Store,
  journal: Journal,
  counts?: QueueCounts,
): Required<ConsumerPorts> {
  return {
    async onDead({ topic, entry, tries, problem: whole }) {
      const problem = whole.slice(0, PROBLEM_LENGTH_MAX);
      const about = { topic, entry_id: entry.id, body: entry.body };
      const letter = { ...about, tries, problem, created_at: Date.now() };
      await store.write(async (tx) => {
        await tx
          .insertInto('dead_letters')
          .values({ id: newId('ded'), ...letter })
          .onConflict((conflict) => conflict.columns(['topic', 'entry_id']).doUpdateSet(letter))
          .execute();
        await tx.deleteFrom('outbox').where('id', '=', entry.id).execute();
      });
      counts?.add(topic, 'dead');
      journal.record('error', 'dead_letter', { topic, entry: entry.id, tries, problem });
    },
    onFailed({ topic, entry, tries, problem }) {
      counts?.add(topic, 'failed');
      journal.recordSampled(topic, 'warn', 'queue_entry_failed', { topic, entry: entry.id, tries, problem });
    },
  };
}

/** Back into the outbox; false where there is no such letter. The caller wakes the outbox after the commit. */
export async function retryDeadLetter(
  tx: Transaction<Tables>,
  id: string,
  nowMs: number,
): Promise<{ readonly topic: string; readonly entryId: string } | undefined> {
  const letter = await tx.deleteFrom('dead_letters').where('id', '=', id).returningAll().executeTakeFirst();
  if (letter === undefined) return undefined;
  const { topic, entry_id, body } = letter;
  await tx
    .insertInto('outbox')
    .values({ id: entry_id, topic, body, created_at: nowMs, published_at: null })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .execute();
  return { topic, entryId: entry_id };
}
