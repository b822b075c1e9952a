// Puts entitlements together: queue, outbox, what ends them in time, corrections, and their resources.

import type { FastifyInstance } from 'fastify';
import type { WorkQueue } from '../../platform/bus/queue.ts';
import type { RedisConnection } from '../../platform/bus/redis-connection.ts';
import { RedisQueue } from '../../platform/bus/redis-queue.ts';
import { StoreQueue } from '../../platform/bus/store-queue.ts';
import type { Journal } from '../../platform/observe/journal.ts';
import type { Metrics } from '../../platform/observe/metrics.ts';
import type { Store } from '../../platform/store/store.ts';
import { CorrectionOffice } from '../entitlements/correction-office.ts';
import type { CorrectionAccounts } from '../entitlements/correction-port.ts';
import { deadLetterPorts } from '../entitlements/dead-letters.ts';
import { Expiry } from '../entitlements/expiry.ts';
import { Outbox } from '../entitlements/outbox.ts';
import { QueueCounts } from '../entitlements/queue-counts.ts';
import { supplyQueueMetrics } from '../entitlements/queue-metrics.ts';
import { deadLetterRoutes } from './dead-letter-routes.ts';
import { entitlementRoutes } from './entitlement-routes.ts';

/** For the reference: each tag with its sentence. */
export const ENTITLEMENT_TAGS: Readonly<Record<string, string>> = {
  entitlements: 'What vehicles may use: since when, until when, how often, and all that happened to it',
  'dead-letters': 'What could not be done, kept until somebody has it tried again',
};

export interface EntitlementParts {
  readonly store: Store;
  readonly journal: Journal;
  /** The queue is in the store where there is none. */
  readonly redis: RedisConnection | undefined;
  /** One word that no other process has. */
  readonly nodeId: string;
  readonly corrections: CorrectionAccounts;
  readonly metrics: Metrics;
}

export interface Entitlements {
  readonly outbox: Outbox;
  /** For consumers: what they have done leaves the outbox, too. Nobody but the outbox appends. */
  readonly queue: Pick<WorkQueue, 'consume'>;
  readonly corrections: CorrectionOffice;
  /** Behind the consumers of others. */
  stop(): Promise<void>;
}

export function openEntitlements(app: FastifyInstance, parts: EntitlementParts): Entitlements {
  const { store, journal, redis, nodeId } = parts;
  const counts = new QueueCounts();
  const ports = deadLetterPorts(store, journal, counts);
  const queue = redis === undefined ? new StoreQueue(store, ports) : new RedisQueue(redis, ports);
  const outbox = new Outbox({ store, queue, journal, node: nodeId, counts });
  supplyQueueMetrics(parts.metrics, counts);
  // It may have come back empty.
  redis?.onUp(() => void outbox.republish().catch(() => undefined));
  const corrections = new CorrectionOffice({ store, queue: outbox, accounts: parts.corrections, journal });
  const expiry = new Expiry({ store, journal, onEnded: () => outbox.wake() });
  entitlementRoutes(app, { store, journal, outbox });
  deadLetterRoutes(app, { store, journal, outbox });
  outbox.start();
  expiry.start();
  const consumer = corrections.start();
  return {
    ...{ outbox, queue: outbox, corrections },
    async stop() {
      await expiry.stop();
      await consumer.stop();
      await outbox.stop();
    },
  };
}
