// Grants an entitlement for each of so many orders, one after the other, those of before included; and handles what is
// told of them, by a line in a file. It may be killed at any moment. Says `done` when nothing is left to do.

import { appendFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { deadLetterPorts } from '../../../licensing/entitlements/dead-letters.ts';
import { grantEntitlement } from '../../../licensing/entitlements/entitlement-book.ts';
import { ENTITLEMENTS_TOPIC } from '../../../licensing/entitlements/outbox-rows.ts';
import { Outbox } from '../../../licensing/entitlements/outbox.ts';
import type { WorkQueue } from '../../../platform/bus/queue.ts';
import { RedisConnection } from '../../../platform/bus/redis-connection.ts';
import { RedisQueue } from '../../../platform/bus/redis-queue.ts';
import { StoreQueue } from '../../../platform/bus/store-queue.ts';
import { Journal } from '../../../platform/observe/journal.ts';
import { createLog } from '../../../platform/observe/log.ts';
import { openStore, type StoreOptions } from '../../../platform/store/store.ts';
import { newEntitlement } from '../../support/entitlements.ts';

export interface RightsWork {
  readonly place: StoreOptions;
  /** The queue is in the store where there is none. */
  readonly redis: string | undefined;
  readonly orders: number;
  readonly handledFile: string;
}

const { place, redis, orders, handledFile } = JSON.parse(process.argv[2]!) as RightsWork;
const opened = await openStore(place);
if (!opened.ok) throw new Error(opened.problem.message);
const { store } = opened;
const journal = new Journal(createLog({ level: 'silent', node: 'n' }));
const ports = deadLetterPorts(store, journal);
const times = { leaseMs: 500 };
let queue: WorkQueue = new StoreQueue(store, ports, times);
const outboxParts = { store, journal, node: `node-${process.pid}`, againMs: 500, leaseMs: 500 };
let outbox = new Outbox({ ...outboxParts, queue });
if (redis !== undefined) {
  const connection = new RedisConnection(redis);
  queue = new RedisQueue(connection, ports, times);
  outbox = new Outbox({ ...outboxParts, queue });
  connection.onUp(() => void outbox.republish().catch(() => undefined));
}
outbox.consume(ENTITLEMENTS_TOPIC, async ({ body }) => {
  await delay(Math.random() * 4);
  appendFileSync(handledFile, `${body}\n`);
});
outbox.start();

for (let order = 0; order < orders; order++) {
  const rights = { partNumber: `SW-${order % 50}` };
  const asked = newEntitlement({ orderId: `ord_${order}`, rights, nowMs: Date.now() });
  const granted = await store.write((tx) => grantEntitlement(tx, asked));
  if (!granted.ok) throw new Error(granted.reason);
  outbox.wake();
  await new Promise((resolve) => setImmediate(resolve));
}
while ((await store.db.selectFrom('outbox').select('seq').limit(1).execute()).length > 0) await delay(10);
process.stdout.write('done\n');
process.exit(0);
