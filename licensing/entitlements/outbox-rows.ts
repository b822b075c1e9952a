// What has to be told once a transaction is committed is written in that transaction; licensing/entitlements/outbox.ts
// brings it to the queue.

import { newId } from '../../platform/store/id.ts';
import type { Transaction } from '../../platform/store/sql.ts';
import type { Tables } from '../../platform/store/tables.ts';

/** Who makes grants of entitlements hears of each change here: `{entitlementId, revision}`. */
export const ENTITLEMENTS_TOPIC = 'entitlements';
/** The same, of entitlements with a correction service only. */
export const CORRECTIONS_TOPIC = 'corrections';

export async function addToOutbox(
  tx: Transaction<Tables>,
  topics: readonly string[],
  body: object,
  nowMs: number,
): Promise<void> {
  const text = JSON.stringify(body);
  await tx
    .insertInto('outbox')
    .values(
      topics.map((topic) => ({
        id: newId('obx'),
        topic,
        body: text,
        created_at: nowMs,
        published_at: null,
      })),
    )
    .execute();
}
